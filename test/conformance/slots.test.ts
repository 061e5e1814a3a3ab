/**
 * Templates and row functions with components in them, handed through other components, which show them, hide them, and render them
 * by themselves: after any changes, the official client's page shows what each part would show from scratch.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLiveComponent } from '../../src/live/component.ts'
import type { LiveComponent, LiveView } from '../../src/live/definitions.ts'
import type { LiveComponentSocket, LiveSocket } from '../../src/live/socket.ts'
import { createLiveView } from '../../src/live/view.ts'
import { html } from '../../src/template/html.ts'
import { each } from '../../src/template/list.ts'
import type { Rendered } from '../../src/template/rendered.ts'
import { BrowserPage } from '../support/browser-page.ts'
import { LiveRig } from '../support/live-rig.ts'

/** What the view hands out. */
interface Layout {
  /** By chip: the slot that it stands in. Each box has one for children and one for rows; some are nobody's. */
  readonly slots: readonly number[]
  readonly boxes: readonly number[]
  readonly label: string
  readonly wrapped: boolean
}
/** What a box or a chip has of its own. */
interface Own {
  readonly open: boolean
  readonly other: boolean
  readonly count: number
}
interface ChipProps {
  readonly label: string
}
interface BoxProps {
  readonly id?: number
  readonly children: Rendered
  readonly items: readonly number[]
  readonly row: (chip: number) => unknown
}
interface Step {
  readonly layout: Layout | undefined
  readonly owns: readonly { readonly name: string; readonly key: keyof Own }[]
  /** Whether the page says afterwards what it has forgotten, and is answered. */
  readonly forgets: boolean
}

const boxes = [0, 1, 2]
const chips = [0, 1, 2, 3, 4, 5]
const layout: fc.Arbitrary<Layout> = fc.record({
  slots: fc.tuple(...chips.map(() => fc.integer({ min: -1, max: 5 }))),
  boxes: fc.shuffledSubarray(boxes),
  label: fc.constantFrom('a', 'b'),
  wrapped: fc.boolean(),
})
const step: fc.Arbitrary<Step> = fc.record({
  layout: fc.option(layout, { nil: undefined }),
  owns: fc.array(
    fc.record({
      name: fc.constantFrom(...boxes.map((id) => `box ${id}`), ...chips.map((id) => `chip ${id}`)),
      key: fc.constantFrom('open', 'other', 'count'),
    }),
    { maxLength: 3 },
  ),
  forgets: fc.boolean(),
})

const chipsIn = ({ slots }: Layout, slot: number): readonly number[] => chips.filter((chip) => slots[chip] === slot)

class World {
  readonly #sockets = new Map<string, LiveComponentSocket<Own>>()
  readonly #chip: LiveComponent<ChipProps> = createLiveComponent<Own & ChipProps, never, ChipProps>({
    mount: (socket) => this.#mount('chip', socket),
    render: ({ label, count }) => html`<i>${label}${count}</i>`,
  })
  readonly #box: LiveComponent<BoxProps> = createLiveComponent<Own & BoxProps, never, BoxProps>({
    mount: (socket) => this.#mount('box', socket),
    render: ({ id, open, other, count, children, items, row }) => {
      const rows = (deps?: readonly unknown[]): unknown => open && each(items, (chip) => chip, row, deps)
      return other
        ? html`<aside id="box-${id}">${count}${rows()}${open && children}</aside>`
        : html`<section>${count}${open && html`<div>${children}</div>`}${rows([row])}</section>`
    },
  })
  #socket!: LiveSocket<Layout>

  view(first: Layout): LiveView {
    return createLiveView<Layout, never, string, () => void>({
      mount: (socket) => {
        this.#socket = socket
        socket.assign(first)
      },
      handleInfo: (_, apply) => apply(),
      render: (now, { live_component }) => {
        const chip = (id: number): unknown => live_component(this.#chip, { id, label: now.label })
        const box = (id: number): unknown =>
          live_component(this.#box, {
            id,
            children: html`<p>${chipsIn(now, id).map(chip)}</p>`,
            items: chipsIn(now, id + boxes.length),
            row: (nth) => (now.wrapped ? html`<u>${chip(nth)}</u>` : chip(nth)),
          })
        return html`<main>${each(now.boxes, (id) => id, box)}</main>`
      },
    })
  }

  #mount(kind: string, socket: LiveComponentSocket<Own>): void {
    this.#sockets.set(`${kind} ${socket.id}`, socket)
    socket.assign({ open: true, other: false, count: 0 })
  }

  /** Applies a step; `shown` says what is on the page. */
  apply({ layout: next, owns }: Step, shown: (cid: number) => boolean): void {
    for (const { name, key } of owns) {
      const socket = this.#sockets.get(name)
      if (socket === undefined || !shown(Number(`${socket.myself}`))) continue
      const { context } = socket
      socket.assign({ [key]: key === 'count' ? context.count + 1 : !context[key] })
    }
    if (next !== undefined) this.#socket.assign(next)
  }

  /** What a page from scratch would be, with what the parts have of their own. */
  get html(): string {
    const now = this.#socket.context
    const own = (name: string): Own => this.#sockets.get(name)!.context
    const chip = (id: number): string => `<i>${now.label}${own(`chip ${id}`).count}</i>`
    const row = (id: number): string => (now.wrapped ? `<u>${chip(id)}</u>` : chip(id))
    const box = (id: number): string => {
      const { open, other, count } = own(`box ${id}`)
      const children = (): string => `<p>${chipsIn(now, id).map(chip).join('')}</p>`
      const rows = open
        ? chipsIn(now, id + boxes.length)
            .map(row)
            .join('')
        : ''
      return other
        ? `<aside id="box-${id}">${count}${rows}${open ? children() : ''}</aside>`
        : `<section>${count}${open ? `<div>${children()}</div>` : ''}${rows}</section>`
    }
    return `<main>${now.boxes.map(box).join('')}</main>`
  }
}

/** The page says what has left it, in both steps; the server forgets that. */
async function forget(rig: LiveRig, page: BrowserPage): Promise<void> {
  for (const cids of page.announcements.splice(0)) {
    await rig.push('cids_will_destroy', { cids })
    const gone = cids.filter((cid) => !page.has(cid))
    if (gone.length === 0) continue
    const answer = (await rig.push('cids_destroyed', { cids: gone })) as { readonly cids: readonly number[] }
    page.tree.pruneCIDs(answer.cids)
  }
}

describe('the official client’s page', () => {
  it('shows what is handed through components, after any changes', async () => {
    await fc.assert(
      fc.asyncProperty(layout, fc.array(step, { minLength: 1, maxLength: 8 }), async (first, steps) => {
        const world = new World()
        const rig = await LiveRig.joined(world.view(first))
        const page = new BrowserPage('phx-V', rig.take()[0])
        expect(page.html).toBe(world.html)
        for (const next of steps) {
          await rig.info(() => world.apply(next, (cid) => page.has(cid)))
          for (const message of rig.take()) page.update(message)
          if (next.forgets) await forget(rig, page)
          for (const message of rig.take()) page.update(message)
          expect([page.html, rig.reported]).toEqual([world.html, []])
        }
      }),
      { numRuns: 300 },
    )
  })
})
