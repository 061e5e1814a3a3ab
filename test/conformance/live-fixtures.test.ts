/** The recorded cases with components and streams, and what a session puts on top of a message: our sessions say what they say. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createLiveComponent } from '../../src/live/component.ts'
import type { LiveView } from '../../src/live/definitions.ts'
import type { LiveComponentSocket, LiveViewSocket } from '../../src/live/socket.ts'
import type { RenderMeta } from '../../src/live/render-meta.ts'
import { createLiveView } from '../../src/live/view.ts'
import { html } from '../../src/template/html.ts'
import { each } from '../../src/template/list.ts'
import type { Rendered } from '../../src/template/rendered.ts'
import type { Stream } from '../../src/template/stream.ts'
import { LiveRig } from '../support/live-rig.ts'
import { bareHtml, BrowserRendered, overTheWire, withoutMarks } from './real-client.ts'

type Json = Readonly<Record<string, unknown>>
interface Case {
  readonly name: string
  readonly initial: Json
  readonly diffs: readonly Json[]
  readonly html: readonly string[]
}

const cases = JSON.parse(
  readFileSync(new URL('fixtures/rendered-cases.json', import.meta.url), 'utf8'),
) as readonly Case[]

interface Context {
  readonly [name: string]: never
}
type ViewSocket = LiveViewSocket<Context>
type ComponentSocket = LiveComponentSocket<Context>
type Change = (rig: LiveRig, sockets: Sockets) => void | Promise<void>

/** What the views and components of a case are reached by: `view`, and each component by its id. */
class Sockets {
  view!: ViewSocket
  readonly components = new Map<string | number, ComponentSocket>()

  assign(values: object): void {
    this.view.assign(values as never)
  }

  of(id: string | number): ComponentSocket {
    return this.components.get(id)!
  }
}

/** How a case is made of ours. */
interface Scene {
  view(sockets: Sockets): LiveView
  /** What leads to each recorded diff. */
  readonly changes: readonly Change[]
  /** Where ours is another than the recorded message, and why; both must print the same. By number of the message, the join’s is 0. */
  readonly differs?: Readonly<Record<number, string>>
}

type Callbacks = Parameters<typeof createLiveView<Context, { type: string }, string>>[0]
type State = Readonly<Record<string, unknown>>

/** A view that begins with `state`. */
const viewOf =
  (state: State, render: (state: never, meta: RenderMeta) => Rendered, mount?: (socket: ViewSocket) => void) =>
  (sockets: Sockets): LiveView =>
    createLiveView<Context, { type: string }>({
      mount: (socket) => {
        sockets.view = socket
        socket.assign(state as never)
        mount?.(socket)
      },
      handleEvent: (socket, event) => (events.get(event.type) as Callbacks['handleEvent'])?.(socket, event),
      handleInfo: (_, run) => (run as () => void)(),
      render: render as Callbacks['render'],
    })

/** What the handler of an event does, by its name. */
const events = new Map<string, unknown>([
  [
    'all',
    (socket: ViewSocket) => {
      socket.assign({ text: 'b' } as never)
      socket.pushEvent('first')
      socket.pushEvent('early', { x: 1 }, { beforePatch: true })
      socket.pageTitle('Next')
      return { ok: true }
    },
  ],
  ['only', (socket: ViewSocket) => socket.pushEvent('only', { event: 1 })],
  ['reply', () => ({ just: 'reply' })],
  ['title', (socket: ViewSocket) => socket.pageTitle('')],
])

let known: Sockets
const mount = (socket: unknown): void => {
  const component = socket as ComponentSocket
  known.components.set(component.id, component)
}
/** A component whose context is its props. */
const component = (render: (props: never, meta: RenderMeta) => Rendered) =>
  createLiveComponent<State, { type: string }, State>({
    mount,
    handleEvent: (socket, { type }) => {
      if (type !== 'change') return undefined
      socket.assign({ text: 'b' })
      socket.pushEvent('from-component')
      return { done: 1 }
    },
    render: render as never,
  })

interface Text {
  readonly text: unknown
}
const divided = component(({ text }: Text) => html`<div>${text}</div>`)
const bold = component(({ text }: Text) => html`<b>${text}</b>`)
// One root for both, so that only the branch is another.
const branching = component(({ text, or }: Text & { or?: boolean }) =>
  frame(or === true ? html`ELSE ${text}?` : html`IF ${text}!`),
)
const frame = (content: unknown): Rendered => html`<div>${content}</div>`
const italics = component(({ items }: { items: readonly string[] }) => frame(items.map((item) => html`<i>${item}</i>`)))
const owned = component(({ items, last }: { items: readonly (string | null)[]; last: string | null }) => {
  const list = each(
    items.map((item, at) => ({ item, at })),
    ({ at }) => at,
    ({ item }) => html`<li>${item === null ? '' : html`<b>${item}</b>`}</li>`,
  )
  return html`<div>${list}${last === null ? '' : html`<u>${last}</u>`}</div>`
})
const inner = component(({ text }: Text) => html`<p>${text}</p>`)
const outer = component(({ text, inside }: Text & { inside: string }, { live_component }) => {
  return html`<div>${text}${live_component(inner, { id: 'inner', text: inside })}</div>`
})
const entry = component(({ text }: Text) => html`<li>${text}</li>`)
const changing = component(({ text, other }: Text & { other?: boolean }) =>
  other === true ? html`<section>${text}</section>` : html`<div>${text}</div>`,
)
const revived = component(({ text }: Text) => html`<div>${html`<i>${text}</i>`}</div>`)
const listed = createLiveComponent<{ i: Stream<Text> }>({
  mount: (socket) => {
    mount(socket)
    socket.stream('i' as never, [{ id: 1, text: 'a' }] as never)
  },
  render: ({ i }) =>
    html`<ul id="i" phx-update="stream">${each(i, ({ text }, domId) => html`<li id="${domId}">${text}</li>`)}</ul>`,
})
const streamed = component(({ domId, text }: Text & { domId: string }) => html`<li id="${domId}">${text}</li>`)

const slot = (content: unknown): Rendered => html`${content}`
const item = ({ text }: Text, domId: string): Rendered => html`<li id="${domId}">${text}</li>`

const branches = viewOf(
  { list: [['one'], ['two']] },
  ({ list }: { list: readonly (readonly [string, boolean?])[] }, meta) => {
    return html`<ul>${list.map(([text, or]) => html`<li>${meta.live_component(branching, { id: text, text, or: or ?? false })}</li>`)}</ul>`
  },
)

const scenes: Readonly<Record<string, Scene>> = {
  'component-basic': {
    view: viewOf({ title: 'T', text: 'hi' }, ({ title, text }: Text & { title: string }, { live_component }) => {
      return html`<h1>${title}</h1>${live_component(divided, { id: 1, text })}`
    }),
    changes: [
      (_, sockets) => sockets.of(1).assign({ text: 'HI' } as never),
      (_, sockets) => sockets.assign({ title: 'T2' }),
      (_, sockets) => sockets.assign({ title: 'T3', text: 'both' }),
    ],
    differs: { 3: 'the component is found without naming it where it stands' },
  },
  'component-shared-statics': {
    view: branches,
    changes: [
      (_, sockets) => sockets.assign({ list: [['one'], ['two'], ['three']] }),
      (_, sockets) => sockets.assign({ list: [['one'], ['two'], ['three'], ['four', true]] }),
      (_, sockets) => sockets.assign({ list: [['one', true], ['two'], ['three'], ['four', true], ['five']] }),
    ],
    differs: { 3: 'one that changes in the same message is not copied from' },
  },
  'component-shared-statics-chain': {
    view: viewOf({}, (_: State, { live_component }) => {
      const [a, b, c] = ['a', 'b', 'c'].map((text) => live_component(bold, { id: text, text }))
      return html`${a}${b}${c}`
    }),
    changes: [],
    differs: { 0: 'all copy from the first, not from one another' },
  },
  'component-shared-comprehension': {
    view: viewOf(
      { more: false },
      ({ more }: { more: boolean }, { live_component }) =>
        html`${live_component(italics, { id: 1, items: ['1', '2'] })}${more ? live_component(italics, { id: 2, items: ['9'] }) : ''}`,
    ),
    changes: [(_, sockets) => sockets.assign({ more: true })],
  },
  'component-own-templates': {
    view: viewOf({}, (_: State, { live_component }) =>
      slot(live_component(owned, { id: 1, items: ['a', 'b'], last: 'x' })),
    ),
    changes: [
      (_, sockets) => sockets.of(1).assign({ items: ['a', 'b', 'c'] } as never),
      (_, sockets) => sockets.of(1).assign({ last: null } as never),
      (_, sockets) => sockets.of(1).assign({ items: [null, 'B'] } as never),
    ],
  },
  'component-nested': {
    view: viewOf({}, (_: State, { live_component }) =>
      slot(live_component(outer, { id: 'outer', text: 'outer', inside: 'inner' })),
    ),
    changes: [
      (_, sockets) => sockets.of('inner').assign({ text: 'INNER' } as never),
      (_, sockets) => sockets.of('outer').assign({ text: 'OUTER' } as never),
      (_, sockets) => sockets.of('outer').assign({ text: 'o3', inside: 'i3' } as never),
    ],
    differs: { 3: 'the inner one is found without naming it where it stands' },
  },
  'component-in-keyed': {
    view: viewOf({ list: ['a', 'b'] }, ({ list }: { list: readonly string[] }, { live_component }) => {
      const row = (text: string): Rendered => slot(live_component(entry, { id: text, text }))
      return html`<ul>${each(list, (text) => text, row)}</ul>`
    }),
    changes: [(_, sockets) => sockets.assign({ list: ['b', 'a'] }), (_, sockets) => sockets.assign({ list: ['b'] })],
  },
  'component-removed-and-new': {
    view: viewOf({ id: 1, text: 'a' }, ({ id, text }: Text & { id: number }, { live_component }) =>
      slot(id === 0 ? '' : live_component(divided, { id, text })),
    ),
    changes: [(_, sockets) => sockets.assign({ id: 0 }), (_, sockets) => sockets.assign({ id: 2, text: 'b' })],
    differs: { 2: 'one that has left the page is not copied from: the client marks its tree, and copies the mark' },
  },
  'component-new-root-statics': {
    view: viewOf({}, (_: State, { live_component }) => slot(live_component(changing, { id: 1, text: 'a' }))),
    changes: [(_, sockets) => sockets.of(1).assign({ text: 'z', other: true } as never)],
  },
  'text-cid-text': {
    view: viewOf({ on: false }, ({ on }: { on: boolean }, { live_component }) => {
      return html`<p>${on ? live_component(bold, { id: 1, text: 'c' }) : 5}</p>`
    }),
    changes: [(_, sockets) => sockets.assign({ on: true }), (_, sockets) => sockets.assign({ on: false })],
  },
  'root-fingerprint-change': {
    view: viewOf({ text: 'a', id: 1 }, ({ text, id }: Text & { id: number }, { live_component }) => {
      const placed = live_component(bold, { id, text: `c${id}` })
      return id === 1 ? html`<div>${text}${placed}</div>` : html`<main>${text}|${placed}</main>`
    }),
    changes: [(_, sockets) => sockets.assign({ text: 'n', id: 2 }), (_, sockets) => sockets.assign({ text: 'm' })],
  },
  'stream-lifecycle': {
    view: viewOf(
      {},
      ({ songs }: { songs: Stream<Text> }) => html`<ul id="songs" phx-update="stream">${each(songs, item)}</ul>`,
      (socket) =>
        socket.stream(
          'songs' as never,
          [
            { id: 1, text: 'One' },
            { id: 2, text: 'Two' },
          ] as never,
        ),
    ),
    changes: [
      (_, { view }) => view.streamInsert('songs' as never, { id: 3, text: 'Three' } as never),
      (_, { view }) => view.streamInsert('songs' as never, { id: 0, text: 'Zero' } as never, { at: 0, limit: 3 }),
      (_, { view }) => view.streamInsert('songs' as never, { id: 1, text: 'ONE' } as never, { updateOnly: true }),
      (_, { view }) => view.streamDelete('songs' as never, { id: 2 } as never),
      (_, { view }) => view.stream('songs' as never, [{ id: 9, text: 'Nine' }] as never, { reset: true }),
      (_, { view }) => view.stream('songs' as never, [], { reset: true }),
    ],
  },
  'stream-empty-first': {
    view: viewOf(
      {},
      ({ u }: { u: Stream<Text> }) => html`<ul id="u" phx-update="stream">${each(u, item)}</ul>`,
      (socket) => socket.stream('u' as never, []),
    ),
    changes: [(_, { view }) => view.streamInsert('u' as never, { id: 1, text: 'x' } as never, { at: 0 })],
    differs: {
      0: 'what the items look like is known with the first of them',
      1: 'their statics come with it',
    },
  },
  'stream-entry-with-nested-statics': {
    view: viewOf(
      {},
      ({ u }: { u: Stream<Text> }) =>
        html`<ul id="u" phx-update="stream">${each(u, ({ text }, domId) => html`<li id="${domId}">${html`<b>${text}</b>`}</li>`)}</ul>`,
      (socket) => socket.stream('u' as never, [{ id: 1, text: 'x' }] as never),
    ),
    changes: [(_, { view }) => view.streamInsert('u' as never, { id: 2, text: 'y' } as never)],
  },
  'stream-in-component': {
    view: viewOf({}, (_: State, { live_component }) => slot(live_component(listed, { id: 1 }))),
    changes: [(_, sockets) => sockets.of(1).streamInsert('i' as never, { id: 2, text: 'b' } as never)],
  },
  'stream-of-components': {
    view: viewOf(
      {},
      ({ it }: { it: Stream<Text & { id: number }> }, { live_component }) =>
        html`<ul id="it" phx-update="stream">${each(it, ({ id, text }, domId) => live_component(streamed, { id, text, domId }))}</ul>`,
      (socket) => socket.stream('it' as never, [{ id: 1, text: 'a' }] as never),
    ),
    changes: [
      (_, { view }) => view.streamInsert('it' as never, { id: 2, text: 'b' } as never, { at: 0 }),
      (_, sockets) => sockets.of(1).assign({ text: 'A' } as never),
    ],
    differs: { 1: 'items of a stream may have left the page, and are not copied from' },
  },
  'stream-untouched-by-other-diff': {
    view: viewOf(
      { title: 't' },
      ({ title, u }: { title: string; u: Stream<Text> }) =>
        html`<h1>${title}</h1><ul id="u" phx-update="stream">${each(u, (_, domId) => html`<li id="${domId}"></li>`)}</ul>`,
      (socket) => socket.stream('u' as never, [{ id: 1 }] as never),
    ),
    changes: [(_, sockets) => sockets.assign({ title: 'T' })],
  },
  'events-reply-title': {
    view: viewOf(
      { text: 'a' },
      ({ text }: Text) => html`<p>${text}</p>`,
      (socket) => {
        socket.pageTitle('Start')
        socket.pushEvent('hello', { n: 1 })
      },
    ),
    changes: ['all', 'only', 'reply', 'title'].map((name) => (rig: LiveRig) => void rig.event(name)),
  },
  'components-and-root-r': {
    view: viewOf({}, (_: State, { live_component }) => slot(live_component(bold, { id: 1, text: 'a' }))),
    changes: [(rig) => void rig.event('change', {}, 1)],
  },
  'revived-component': {
    view: viewOf({ on: true }, ({ on }: { on: boolean }, { live_component }) =>
      slot(on ? live_component(revived, { id: 1, text: 'n' }) : ''),
    ),
    changes: [
      (_, sockets) => sockets.assign({ on: false }),
      async (rig, sockets) => {
        await rig.push('cids_will_destroy', { cids: [1] })
        sockets.assign({ on: true })
      },
    ],
  },
}

describe('our sessions say what is recorded', () => {
  const wanted =
    /^(?:component|stream)-|^(?:text-cid-text|root-fingerprint-change|revived-component|components-and-root-r|events-reply-title)$/

  it('for every case with components, streams, events and replies', () => {
    expect(
      cases
        .map(({ name }) => name)
        .filter((name) => wanted.test(name))
        .toSorted(),
    ).toEqual(Object.keys(scenes).toSorted())
  })

  it.each(cases.filter(({ name }) => wanted.test(name)))('$name', async ({ name, initial, diffs, html: recorded }) => {
    const { view, changes, differs = {} } = scenes[name]!
    expect(changes).toHaveLength(diffs.length)
    known = new Sockets()
    const sockets = known
    const rig = await LiveRig.joined(view(sockets))
    const [first] = rig.take()
    if (!(0 in differs)) expect(resolved(first!)).toEqual(resolved(initial))
    const client = new BrowserRendered('phx-V', BrowserRendered.extract(overTheWire(first!)).diff)
    expect(bareHtml(client)).toBe(withoutMarks(recorded[0]!))
    for (const [at, change] of changes.entries()) {
      await change(rig, sockets)
      await new Promise((resolve) => setImmediate(resolve))
      expect(rig.reported).toEqual([])
      const said = rig.take()
      expect(said).toHaveLength(1)
      if (!(at + 1 in differs)) expect(resolved(said[0]!), `diff ${at}`).toEqual(resolved(diffs[at]!))
      client.mergeDiff(BrowserRendered.extract(overTheWire(said[0]!)).diff)
      expect(bareHtml(client)).toBe(withoutMarks(recorded[at + 1]!))
    }
  })
})

/**
 * A message with its statics in place instead of numbers, whose order is free, and the inserts of streams in one order. Root flags
 * count where a component has them; elsewhere the original flags fewer elements than it may, and an event's answer is no flag.
 */
function resolved(message: Json): unknown {
  const resolve = (node: unknown, p: Json, flags: boolean): unknown => {
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return node
    const { p: own, c, stream, ...rest } = node as Json
    const table = (own as Json | undefined) ?? p
    const inside = Object.entries(rest)
      .filter(([key, value]) => key !== 'r' || flags || typeof value === 'object')
      .map(([key, value]) => {
        if (key === 's' && typeof value === 'number' && !flags) return [key, table[value]]
        return [key, key === 'e' || key === 'r' ? value : resolve(value, table, false)]
      })
    const components = Object.entries((c as Json | undefined) ?? {}).map(([cid, tree]) => [
      cid,
      resolve(tree, {}, true),
    ])
    return {
      ...Object.fromEntries(inside),
      ...(c !== undefined && { c: Object.fromEntries(components) as unknown }),
      ...(stream !== undefined && { stream: inOrder(stream as readonly unknown[]) }),
    }
  }
  return resolve(message, {}, false)
}

function inOrder([ref, inserts, ...rest]: readonly unknown[]): readonly unknown[] {
  return [ref, (inserts as readonly (readonly [string])[]).toSorted(([a], [b]) => (a < b ? -1 : 1)), ...rest]
}
