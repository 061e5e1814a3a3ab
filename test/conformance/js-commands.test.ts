/** JS commands against the client's own code: the names it knows, and what it does with ours. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { parseFragment } from 'parse5'
import ts from 'typescript'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import './real-client.ts'
// @ts-expect-error The client ships this source without types.
import ClientJs from '../../node_modules/phoenix_live_view/assets/js/phoenix_live_view/js.js'
import type { JsCommands } from '../../src/js/commands.ts'
import { js } from '../../src/js/js.ts'
import { holdsCommands } from '../../src/protocol/js-commands.ts'
import { html } from '../../src/template/html.ts'
import { renderHtml } from '../../src/template/to-html.ts'
import { root } from '../package/root.ts'
import { jsCases } from '../support/js-cases.ts'

const client = ClientJs as {
  exec(event: object, type: string | null, commands: unknown, view: object, source: object, defaults?: unknown): void
}

/** The names of the arguments that each command of the client reads, from its source. */
function commandsOfClient(): Map<string, ReadonlySet<string>> {
  const path = join(root, 'node_modules/phoenix_live_view/assets/js/phoenix_live_view/js.js')
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.JS)
  const commands = new Map<string, ReadonlySet<string>>()
  const visit = (node: ts.Node): void => {
    if (ts.isMethodDeclaration(node) && node.name.getText().startsWith('exec_')) {
      commands.set(node.name.getText().slice('exec_'.length), argumentsOf(node))
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return commands
}

/** What a method takes out of its last parameter: in the parameter itself, or by `const { … } = args`. */
function argumentsOf(method: ts.MethodDeclaration): ReadonlySet<string> {
  const names = new Set<string>()
  const add = (pattern: ts.ObjectBindingPattern): void => {
    for (const { propertyName, name } of pattern.elements) names.add((propertyName ?? name).getText())
  }
  const visit = (node: ts.Node): void => {
    if (
      ts.isVariableDeclaration(node) &&
      node.initializer?.getText() === 'args' &&
      ts.isObjectBindingPattern(node.name)
    ) {
      add(node.name)
    }
    ts.forEachChild(node, visit)
  }
  const last = method.parameters.at(-1)!.name
  if (ts.isObjectBindingPattern(last)) add(last)
  ts.forEachChild(method, visit)
  return names
}

describe('the commands of the client', () => {
  const known = commandsOfClient()

  it('are all found in a text, so that none of a user’s reaches an attribute', () => {
    expect([...known.keys()].filter((name) => !holdsCommands(`[["${name}",{}]]`))).toEqual([])
    expect(known.size).toBeGreaterThan(15)
  })

  /** What the client hands to itself, and what it reads and does not use. */
  const internal: Readonly<Record<string, readonly string[]>> = {
    push: ['data', 'dispatcher', 'callback', 'newCid', '_target', 'submitter'],
    hide: ['display'],
  }
  const ours = new Map<string, Set<string>>()
  for (const [name, args] of jsCases.flatMap(({ chain }) => chain.toJSON())) {
    const names = ours.get(name) ?? new Set()
    for (const argument of Object.keys(args)) names.add(argument)
    ours.set(name, names)
  }

  it('are found in its source', () => {
    expect(known.size).toBe(20)
    expect(known.get('dispatch')).toEqual(new Set(['event', 'detail', 'bubbles', 'blocking']))
    expect(known.get('push')).toContain('page_loading')
  })

  it('are all ours, and ours are no others', () => {
    expect([...ours.keys()].toSorted()).toEqual([...known.keys()].toSorted())
  })

  it.each([...known.keys()])('%s takes the arguments that we send, and we send all that it takes', (name) => {
    // `to` is read for every command before it runs.
    const sent = [...ours.get(name)!].filter((argument) => argument !== 'to')
    const taken = [...known.get(name)!].filter((argument) => argument !== 'to' && !internal[name]?.includes(argument))
    expect(sent.toSorted()).toEqual(taken.toSorted())
  })
})

/** As much of an element as the client's commands touch. */
class FakeElement {
  readonly tagName = 'DIV'
  readonly nodeName = 'DIV'
  readonly style = { display: '' }
  readonly tabIndex = 0
  readonly classes = new Set<string>()
  readonly attributeMap = new Map<string, string>()
  readonly events: (Event & { readonly detail?: Readonly<Record<string, unknown>> })[] = []
  readonly children: FakeElement[] = []
  parent: FakeElement | undefined

  readonly classList = {
    add: (...names: readonly string[]) => names.forEach((name) => this.classes.add(name)),
    remove: (...names: readonly string[]) => names.forEach((name) => this.classes.delete(name)),
    contains: (name: string) => this.classes.has(name),
  }

  get offsetWidth(): number {
    return this.style.display === 'none' ? 0 : 1
  }
  get offsetHeight(): number {
    return this.offsetWidth
  }
  get attributes(): { name: string; value: string }[] {
    return [...this.attributeMap].map(([name, value]) => ({ name, value }))
  }
  get firstElementChild(): FakeElement | null {
    return this.children[0] ?? null
  }
  get nextElementSibling(): FakeElement | null {
    return this.parent?.children[this.parent.children.indexOf(this) + 1] ?? null
  }
  getClientRects(): readonly never[] {
    return []
  }
  getAttribute(name: string): string | null {
    return this.attributeMap.get(name) ?? null
  }
  hasAttribute(name: string): boolean {
    return this.attributeMap.has(name)
  }
  setAttribute(name: string, value: string): void {
    this.attributeMap.set(name, value)
  }
  removeAttribute(name: string): void {
    this.attributeMap.delete(name)
  }
  dispatchEvent(event: Event): boolean {
    this.events.push(event)
    return true
  }
  closest(selector: string): FakeElement | null {
    return selector === 'section' ? (this.parent ?? null) : null
  }
  querySelectorAll(selector: string): readonly FakeElement[] {
    return selector === 'i' ? this.children : []
  }
  isSameNode(other: unknown): boolean {
    return other === this
  }
  focus(): void {
    page.activeElement = this
  }
}

const page = {
  activeElement: undefined as FakeElement | undefined,
  outer: new FakeElement(),
  source: new FakeElement(),
  child: new FakeElement(),
  other: new FakeElement(),
  querySelectorAll: (selector: string): readonly FakeElement[] => (selector === '#other' ? [page.other] : []),
}

/** What the commands asked of the view and its socket. */
interface Asked {
  readonly what: string
  readonly args: readonly unknown[]
}

/** Runs a chain as a `phx-*` attribute of `page.source` would, and lets every transition end. */
function run(chain: JsCommands, type: string | null = 'click'): readonly Asked[] {
  const asked: Asked[] = []
  const ask =
    (what: string) =>
    (...args: readonly unknown[]): void => {
      asked.push({ what, args })
    }
  const targetView = {
    isConnected: () => true,
    pushEvent: ask('pushEvent'),
    pushInput: ask('pushInput'),
    submitForm: ask('submitForm'),
  }
  const view = {
    binding: (name: string) => `phx-${name}`,
    isDestroyed: () => false,
    withinTargets: (target: unknown, handle: (view: object, context: unknown) => void) => {
      ask('withinTargets')(target)
      handle(targetView, target)
    },
    transition: (time: number, onStart: () => void, onDone: () => void) => {
      ask('transition')(time)
      onStart()
      setTimeout(onDone, time)
    },
    liveSocket: {
      jsQuerySelectorAll: (_: unknown, __: unknown, query: () => readonly FakeElement[]) => query(),
      execJS: ask('execJS'),
      historyRedirect: ask('historyRedirect'),
      pushHistoryPatch: ask('pushHistoryPatch'),
      asyncTransition: ask('asyncTransition'),
    },
  }
  client.exec({}, type, String(chain), view, page.source)
  vi.runAllTimers()
  return asked
}

beforeEach(() => {
  vi.useFakeTimers()
  for (const name of ['outer', 'source', 'child', 'other'] as const) page[name] = new FakeElement()
  page.outer.children.push(page.source)
  page.source.parent = page.outer
  page.source.children.push(page.child)
  page.child.parent = page.source
  page.activeElement = undefined
  vi.stubGlobal('document', page)
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => setTimeout(callback, 0))
  vi.stubGlobal('MouseEvent', class extends CustomEvent<unknown> {})
  vi.stubGlobal('HTMLElement', FakeElement)
  const others = ['Anchor', 'Area', 'Input', 'Select', 'TextArea', 'Button', 'IFrame', 'Form']
  for (const name of others) vi.stubGlobal(`HTML${name}Element`, class extends FakeElement {})
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('the client', () => {
  it('pushes an event with its value, target and loading marks', () => {
    const asked = run(js.push('close', { value: { id: 1 }, target: 3, loading: '.row', pageLoading: true }))
    const options = { loading: '.row', value: { id: 1 }, target: 3, page_loading: true, originalEvent: {} }
    expect(asked).toEqual([
      { what: 'withinTargets', args: [3] },
      { what: 'pushEvent', args: ['click', page.source, 3, 'close', undefined, options, undefined] },
    ])
  })

  it.each([
    { type: 'change', what: 'pushInput' },
    { type: 'submit', what: 'submitForm' },
  ])('sends the form of a push in phx-$type', ({ type, what }) => {
    expect(run(js.push('save', { target: '#other' }), type).map((asked) => asked.what)).toEqual(['withinTargets', what])
  })

  it.each([
    { chain: js.navigate('/a'), what: 'historyRedirect', says: ['/a', 'push'] },
    { chain: js.navigate('/a', { replace: true }), what: 'historyRedirect', says: ['/a', 'replace'] },
    { chain: js.patch('/a'), what: 'pushHistoryPatch', says: ['/a', 'push'] },
    { chain: js.patch('/a', { replace: true }), what: 'pushHistoryPatch', says: ['/a', 'replace'] },
  ])('goes where it is told: $what, $says.1', ({ chain, what, says }) => {
    const [asked] = run(chain)
    expect(asked!.what).toBe(what)
    expect(asked!.args.slice(1, 3)).toEqual(says)
  })

  it.each([
    { to: undefined, at: 'source' },
    { to: '#other', at: 'other' },
    { to: { closest: 'section' }, at: 'outer' },
    { to: { inner: 'i' }, at: 'child' },
  ] as const)('finds $at by its target', ({ to, at }) => {
    run(js.dispatch('here', { to }))
    for (const name of ['outer', 'source', 'child', 'other'] as const) {
      expect(page[name].events.map(({ type }) => type)).toEqual(name === at ? ['here'] : [])
    }
  })

  it('dispatches an event with its detail', () => {
    const asked = run(js.dispatch('app:go', { detail: { n: 1 }, bubbles: false, blocking: true }))
    const [event] = page.source.events
    expect(event!.bubbles).toBe(false)
    expect(event!.detail).toEqual({ n: 1, dispatcher: page.source, done: expect.any(Function) })
    expect(asked.map(({ what }) => what)).toEqual(['asyncTransition'])
  })

  it('runs the commands of an attribute', () => {
    page.source.setAttribute('data-cancel', '[["hide",{}]]')
    expect(run(js.exec('data-cancel'))).toEqual([{ what: 'execJS', args: [page.source, '[["hide",{}]]', 'click'] }])
  })

  it.each([
    { name: 'show', chain: js.show({ display: 'flex' }), from: 'none', to: 'flex', events: ['show-start', 'show-end'] },
    { name: 'show', chain: js.show(), from: 'block', to: 'block', events: [] },
    { name: 'hide', chain: js.hide(), from: '', to: 'none', events: ['hide-start', 'hide-end'] },
    { name: 'hide', chain: js.hide(), from: 'none', to: 'none', events: [] },
    { name: 'toggle', chain: js.toggle(), from: 'none', to: 'block', events: ['show-start', 'show-end'] },
    { name: 'toggle', chain: js.toggle(), from: '', to: 'none', events: ['hide-start', 'hide-end'] },
  ])('takes the display from "$from" to "$to" by $name', ({ chain, from, to, events }) => {
    page.source.style.display = from
    run(chain)
    expect(page.source.style.display).toBe(to)
    expect(page.source.events.map(({ type }) => type)).toEqual(events.map((event) => `phx:${event}`))
  })

  const parts = ['run', 'start', 'end'] as const
  it.each([
    {
      name: 'show',
      chain: js.show({ transition: parts, time: 50, display: 'grid' }),
      from: 'none',
      display: 'grid',
      left: [],
    },
    { name: 'hide', chain: js.hide({ transition: parts, time: 50 }), from: '', display: 'none', left: [] },
    { name: 'toggle', chain: js.toggle({ in: parts, time: 50 }), from: 'none', display: 'block', left: [] },
    { name: 'toggle', chain: js.toggle({ out: parts, time: 50 }), from: '', display: 'none', left: [] },
    {
      name: 'addClass',
      chain: js.addClass('a b', { transition: parts, time: 50 }),
      from: '',
      display: '',
      left: ['a', 'b', 'end', 'old'],
    },
    {
      name: 'removeClass',
      chain: js.removeClass('old', { transition: parts, time: 50 }),
      from: '',
      display: '',
      left: ['end'],
    },
    {
      name: 'toggleClass',
      chain: js.toggleClass('a old', { transition: parts, time: 50 }),
      from: '',
      display: '',
      left: ['a', 'end'],
    },
    { name: 'transition', chain: js.transition(parts, { time: 50 }), from: '', display: '', left: ['end', 'old'] },
  ])('plays the transition of $name, and leaves what should be left', ({ name, chain, from, display, left }) => {
    const classChanges = ['addClass', 'removeClass', 'toggleClass', 'transition'].includes(name)
    if (classChanges) page.source.classes.add('old')
    page.source.style.display = from
    const seen = new Set<string>()
    page.source.classList.add = (...names) => {
      for (const each of names) {
        seen.add(each)
        page.source.classes.add(each)
      }
    }
    expect(run(chain)).toEqual([{ what: 'transition', args: [50] }])
    for (const part of parts) expect(seen).toContain(part)
    expect([...page.source.classes].toSorted()).toEqual(left)
    expect(page.source.style.display).toBe(display)
  })

  it('does not hold patches back for a transition that does not block', () => {
    expect(run(js.hide({ transition: 'fade', blocking: false }))).toEqual([])
    expect(page.source.style.display).toBe('none')
    expect(page.source.classes.size).toBe(0)
  })

  it('changes classes', () => {
    page.source.classes.add('old')
    run(js.addClass('a').toggleClass(['b', 'old']).removeClass('a'))
    expect([...page.source.classes]).toEqual(['b'])
  })

  it('changes attributes', () => {
    page.source.setAttribute('old', '1')
    run(
      js.setAttribute('title', 'x').removeAttribute('old').toggleAttribute('open', '').toggleAttribute('a', ['1', '2']),
    )
    expect(Object.fromEntries(page.source.attributeMap)).toEqual({ title: 'x', open: '', a: '1' })
    run(js.toggleAttribute('open', '').toggleAttribute('a', ['1', '2']))
    expect(Object.fromEntries(page.source.attributeMap)).toEqual({ title: 'x', a: '2' })
    run(js.toggleAttribute('a', ['1', '2']))
    expect(page.source.getAttribute('a')).toBe('1')
  })

  it('keeps ignored attributes through a patch, by name and by pattern', () => {
    page.source.setAttribute('open', '')
    page.source.setAttribute('data-n', 'ours')
    page.source.setAttribute('title', 'ours')
    run(js.ignoreAttributes(['open', 'data-*']))
    const patch = new FakeElement()
    for (const name of ['data-n', 'data-new', 'title']) patch.setAttribute(name, 'new')
    ;(client as unknown as { onBeforeElUpdated(from: object, to: object): void }).onBeforeElUpdated(page.source, patch)
    expect(Object.fromEntries(patch.attributeMap)).toEqual({ 'data-n': 'ours', title: 'new', open: '' })
  })

  it('moves the focus, and gives it back', () => {
    run(js.pushFocus().focus({ to: '#other' }))
    expect(page.activeElement).toBe(page.other)
    run(js.focusFirst())
    expect(page.activeElement).toBe(page.child)
    run(js.popFocus())
    expect(page.activeElement).toBe(page.source)
  })

  it('does nothing for the empty list', () => {
    expect(run(js)).toEqual([])
  })
})

describe('an attribute of a template', () => {
  const valueOf = (markup: string): string =>
    (parseFragment(markup).childNodes[0] as unknown as { attrs: { value: string }[] }).attrs[0]!.value

  it('gives the browser exactly the commands, whatever text they hold', () => {
    const text = fc.string({ unit: 'binary', minLength: 1 }).filter((value) => value.trim() !== '')
    fc.assert(
      fc.property(text, fc.dictionary(text, text), (event, value) => {
        const chain = js.push(event, { value }).hide({ to: event })
        for (const page of [html`<p phx-click="${chain}"></p>`, html`<p phx-click=${chain}></p>`]) {
          expect(JSON.parse(valueOf(renderHtml(page)))).toEqual(chain.toJSON())
        }
      }),
    )
  })

  it('holds an empty list for the empty chain', () => {
    expect(renderHtml(html`<p phx-click=${js}></p>`)).toBe('<p phx-click="[]"></p>')
  })
})
