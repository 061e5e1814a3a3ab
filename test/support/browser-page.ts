/**
 * A page as the official client keeps it: its own tree class decides what is printed; here is what its patcher makes of that. Elements
 * that are passed over stay as they are, streams keep their items, and components that have left are announced.
 */
import { type DefaultTreeAdapterTypes, parseFragment, serialize } from 'parse5'
import { BrowserRendered, type BrowserTree } from '../conformance/real-client.ts'

type Parent = DefaultTreeAdapterTypes.ParentNode
type Node = DefaultTreeAdapterTypes.ChildNode
type Element = DefaultTreeAdapterTypes.Element
type StreamTuple = readonly [
  ref: string,
  inserts: readonly (readonly [id: string, at: number, limit: number | null, updateOnly: boolean])[],
  deletes: readonly string[],
  reset?: true,
]
interface Insert {
  readonly ref: string
  readonly at: number
  readonly limit: number | null
  readonly updateOnly: boolean
}
interface ClientTree extends BrowserTree {
  componentToString(cid: number): { readonly buffer: string; readonly streams: ReadonlySet<unknown> }
  isComponentOnlyDiff(diff: unknown): boolean
  componentCIDs(diff: unknown): readonly number[]
  resetRender(cid: number): void
  pruneCIDs(cids: readonly number[]): void
}

export class BrowserPage {
  readonly tree: ClientTree
  /** The numbers of components that have left the page, as each patch would announce them. */
  readonly announcements: (readonly number[])[] = []
  readonly #root = parseFragment('') as Parent
  #inserts = new Map<string, Insert>()

  constructor(viewId: string, message: unknown) {
    this.tree = new BrowserRendered(viewId, BrowserRendered.extract(message).diff) as ClientTree
    this.#patch(this.#root, this.tree.toString())
  }

  /** As the client's view does. */
  update(message: unknown): void {
    const { diff } = BrowserRendered.extract(message)
    this.tree.mergeDiff(diff)
    if (this.tree.isComponentOnlyDiff(diff)) {
      for (const cid of this.#outermost(this.tree.componentCIDs(diff))) {
        this.#patch(this.#component(cid)!, this.tree.componentToString(cid))
      }
    } else if (Object.keys(diff as object).length > 0) {
      this.#patch(this.#root, this.tree.toString(this.tree.componentCIDs(diff)))
    }
    if (new Set(this.cids).size < this.cids.length) throw new Error(`a component is on the page twice: ${this.html}`)
  }

  /** What is on the page, without what the client writes for itself. */
  get html(): string {
    return serialize(this.#root).replaceAll(/ data-phx-(?:id|component|view|stream)="[^"]*"/g, '')
  }

  has(cid: number): boolean {
    return this.#component(cid) !== undefined
  }

  get cids(): readonly number[] {
    return [...elements(this.#root)]
      .map((element) => attribute(element, 'data-phx-component'))
      .filter((cid) => cid !== undefined)
      .map(Number)
  }

  #component(cid: number): Element | undefined {
    return find(this.#root, (element) => attribute(element, 'data-phx-component') === String(cid))
  }

  #outermost(cids: readonly number[]): readonly number[] {
    const inside = new Set<number>()
    const shown = cids.filter((cid) => this.has(cid))
    for (const cid of shown) {
      for (const element of elements(this.#component(cid)!)) {
        const inner = attribute(element, 'data-phx-component')
        if (inner !== undefined) inside.add(Number(inner))
      }
    }
    return shown.filter((cid) => !inside.has(cid))
  }

  #patch(target: Parent, printed: { readonly buffer: string; readonly streams: ReadonlySet<unknown> }): void {
    const before = this.cids
    const fresh = parseFragment(printed.buffer)
    // Items that are taken out to be put in again elsewhere are still known.
    const old = new Map<string, Element>()
    for (const element of elements(target)) old.set(keyOf(element) ?? '', element)
    if (target !== this.#root) old.set(keyOf(target as Element)!, target as Element)
    this.#takeStreams([...printed.streams] as StreamTuple[])
    if (target === this.#root)
      setChildren(
        target,
        fresh.childNodes.map((node) => this.#morph(node, old)),
      )
    else {
      const element = target as Element
      const now = fresh.childNodes.find((node) => 'tagName' in node)
      const { parentNode } = element
      const morphed = this.#morph(now!, old)
      setChildren(
        parentNode!,
        parentNode!.childNodes.map((node) => (node === element ? morphed : node)),
      )
    }
    this.#inserts.clear()
    const after = new Set(this.cids)
    const left = before.filter((cid) => !after.has(cid))
    if (left.length === 0) return
    for (const cid of left) this.tree.resetRender(cid)
    this.announcements.push(left)
  }

  #takeStreams(streams: readonly StreamTuple[]): void {
    for (const [ref, inserts, deletes, reset] of streams) {
      for (const [id, at, limit, updateOnly] of inserts) this.#inserts.set(id, { ref, at, limit, updateOnly })
      const gone = [...elements(this.#root)].filter((element) => {
        if (reset !== undefined && attribute(element, 'data-phx-stream') === ref) return true
        return deletes.includes(attribute(element, 'id') ?? '')
      })
      for (const element of gone) {
        // It is put back if it is inserted again, also when only updates are wanted.
        const insert = this.#inserts.get(attribute(element, 'id')!)
        if (insert !== undefined) this.#inserts.set(attribute(element, 'id')!, { ...insert, updateOnly: false })
        remove(element)
      }
    }
  }

  /** The node that is on the page then. */
  #morph(node: Node, old: ReadonlyMap<string, Element>): Node {
    if (!('tagName' in node)) return node
    const was = old.get(keyOf(node) ?? '\0')
    if (attribute(node, 'data-phx-skip') !== undefined) {
      if (was === undefined) throw new Error(`what is passed over is not on the page: ${keyOf(node)}`)
      return was
    }
    // The mark of an item stays through all patches.
    const stream = was && attribute(was, 'data-phx-stream')
    if (stream !== undefined) node.attrs.push({ name: 'data-phx-stream', value: stream })
    if (attribute(node, 'phx-update') === 'stream') setChildren(node, this.#items(node, was, old))
    else
      setChildren(
        node,
        node.childNodes.map((child) => this.#morph(child, old)),
      )
    return node
  }

  #items(container: Element, was: Element | undefined, old: ReadonlyMap<string, Element>): Node[] {
    const items = (was?.childNodes ?? []).filter((child) => 'tagName' in child)
    for (const child of container.childNodes) {
      if (!('tagName' in child)) continue
      const id = attribute(child, 'id')!
      const at = items.findIndex((item) => attribute(item, 'id') === id)
      const insert = this.#inserts.get(id)
      const item = this.#morph(child, old) as Element
      if (insert !== undefined && attribute(item, 'data-phx-stream') === undefined) {
        item.attrs.push({ name: 'data-phx-stream', value: insert.ref })
      }
      if (at >= 0) items[at] = item
      else if (insert === undefined) items.push(item)
      else if (!insert.updateOnly) this.#insert(items, item, insert)
    }
    return items
  }

  #insert(items: Element[], item: Element, { at, limit }: Insert): void {
    const firstOther = items.findIndex((other) => attribute(other, 'data-phx-stream') === undefined)
    const place = at >= 0 ? at : firstOther < 0 ? items.length : firstOther
    items.splice(place, 0, item)
    if (limit === null) return
    if (limit < 0) items.splice(0, Math.max(0, items.length + limit))
    else items.splice(limit)
  }
}

function* elements(parent: Parent): Generator<Element> {
  for (const child of parent.childNodes) {
    if (!('tagName' in child)) continue
    yield child
    yield* elements(child)
  }
}

function find(parent: Parent, wanted: (element: Element) => boolean): Element | undefined {
  for (const element of elements(parent)) if (wanted(element)) return element
  return undefined
}

function attribute({ attrs }: Element, name: string): string | undefined {
  return attrs.find((attr) => attr.name === name)?.value
}

function keyOf(element: Element): string | undefined {
  return attribute(element, 'id') ?? attribute(element, 'data-phx-id')
}

function remove(element: Element): void {
  const { parentNode } = element
  if (parentNode !== null)
    setChildren(
      parentNode,
      parentNode.childNodes.filter((child) => child !== element),
    )
}

function setChildren(parent: Parent, children: readonly Node[]): void {
  parent.childNodes = [...children]
  for (const child of children) child.parentNode = parent
}
