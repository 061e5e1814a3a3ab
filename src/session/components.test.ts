import { describe, expect, it } from 'vitest'
import { BrowserPage } from '../../test/support/browser-page.ts'
import { LiveRig } from '../../test/support/live-rig.ts'
import { turn } from '../../test/support/manual-time.ts'
import { html } from '../template/html.ts'
import { each } from '../template/list.ts'
import type { Rendered } from '../template/rendered.ts'
import type { Stream } from '../template/stream.ts'
import type { UploadConfig } from '../upload/entry.ts'
import { createLiveComponent, type LiveComponentCallbacks } from '../live/component.ts'
import type { LiveComponent } from '../live/definitions.ts'
import type { LiveComponentSocket, LiveViewSocket } from '../live/socket.ts'
import { Turns } from '../live/turns.ts'
import type { RenderMeta } from '../live/render-meta.ts'
import { createLiveView } from '../live/view.ts'

interface Context {
  readonly text: string
  readonly id?: string | number
}
interface Props {
  readonly text?: string
}
type Event = { readonly type: string; readonly text: string }
type Callbacks = LiveComponentCallbacks<Context, Event, Props>

/** A component that writes down what is called of it. */
class Kind {
  readonly calls: string[] = []
  readonly sockets = new Map<string | number, LiveComponentSocket<Context>>()
  readonly component: LiveComponent<Props>

  constructor(callbacks: Partial<Callbacks> = {}) {
    this.component = createLiveComponent<Context, Event, Props>({
      mount: (socket) => {
        this.calls.push(`mount ${socket.id}`)
        this.sockets.set(socket.id, socket)
      },
      handleEvent: (socket, { text }) => {
        this.calls.push(`event ${socket.id}`)
        socket.assign({ text })
      },
      render: ({ text }) => html`<i>${text}</i>`,
      ...callbacks,
    })
  }
}

type State = Readonly<Record<string, unknown>>

/** A session of a view with `state`, whose infos are functions that are called with its socket. */
async function joined(
  state: State,
  render: (state: never, meta: RenderMeta) => Rendered,
): Promise<LiveRig & { assign(state: State): Promise<void> }> {
  let view!: LiveViewSocket
  const rig = await LiveRig.joined(
    createLiveView({
      mount: (socket) => {
        view = socket
        socket.assign(state)
      },
      handleInfo: (_, info) => (info as () => void)(),
      handleEvent: (socket, { type }) => socket.assign({ event: type }),
      render: render as never,
    }),
  )
  return Object.assign(rig, { assign: (changes: State) => rig.info(() => view.assign(changes)) })
}

describe('a component that comes onto the page', () => {
  it('is mounted, updated with its props, and rendered', async () => {
    const kind: Kind = new Kind({
      update: (socket, props) => {
        kind.calls.push(`update ${JSON.stringify(props)}`)
        socket.assign({ text: `${props.text}!` })
      },
    })
    const rig = await joined(
      {},
      (_, { live_component }) => html`<p>${live_component(kind.component, { id: 'a', text: 'x' })}</p>`,
    )
    expect(kind.calls).toEqual(['mount a', 'update {"id":"a","text":"x"}'])
    expect(rig.take()).toEqual([
      { 0: 1, s: 0, p: { 0: ['<p>', '</p>'] }, c: { 1: { 0: 'x!', s: ['<i>', '</i>'], r: 1 } } },
    ])
  })

  it('leaves the process its turns when there are thousands of them', async () => {
    // Each look at the clock finds it a ms later.
    let now = 0
    let turns = 0
    const nextTurn = (run: () => void): void =>
      void setImmediate(() => {
        turns++
        run()
      })
    const kind = new Kind()
    const view = createLiveView({
      render: (_, { live_component }) =>
        html`<p>${Array.from({ length: 1000 }, (_, id) => live_component(kind.component, { id }))}</p>`,
    })
    const rig = new LiveRig(view, { turns: new Turns({ now: () => now++, nextTurn }) })
    rig.session.join('1')
    while (rig.messages.length === 0) await turn()
    expect(kind.calls).toHaveLength(1000)
    // Ten ms of each, for a thousand that are mounted and then updated.
    expect(turns).toBeGreaterThan(100)
  })

  it('has its props for a context when it has no update', async () => {
    const kind = new Kind()
    await joined({}, (_, { live_component }) => html`<p>${live_component(kind.component, { id: 'a', text: 'x' })}</p>`)
    expect(kind.sockets.get('a')!.context).toEqual({ id: 'a', text: 'x' })
  })

  it('waits for an async mount and update, all mounts first', async () => {
    const calls: string[] = []
    const later = async (call: string): Promise<void> => {
      await turn()
      calls.push(call)
    }
    const { component } = new Kind({
      mount: ({ id }) => later(`mount ${id}`),
      update: ({ id }) => later(`update ${id}`),
    })
    const view = createLiveView({
      render: (_, { live_component }) => {
        return html`<p>${['a', 'b'].map((id) => live_component(component, { id }))}</p>`
      },
    })
    const rig = new LiveRig(view)
    rig.session.join('1')
    while (rig.sent.length === 0) await turn()
    expect(calls).toEqual(['mount a', 'mount b', 'update a', 'update b'])
    expect(rig.messages).toHaveLength(1)
  })

  it('is a new one for each id and each kind', async () => {
    const [one, other] = [new Kind(), new Kind()]
    const rig = await joined(
      {},
      (_, { live_component }) =>
        html`${live_component(one.component, { id: 1 })}${live_component(one.component, { id: '1' })}${live_component(other.component, { id: 1 })}`,
    )
    expect(rig.take()[0]).toMatchObject({ 0: 1, 1: 2, 2: 3 })
    expect([one.calls.length, other.calls.length]).toEqual([2, 1])
  })
})

describe('updateMany', () => {
  it('is called once for all that a render places, after their mounts', async () => {
    const batches: string[][] = []
    const kind: Kind = new Kind({
      updateMany: (updates) => {
        kind.calls.push('updateMany')
        batches.push(updates.map(({ socket, props }) => `${socket.id} ${props.text}`))
        for (const { socket, props } of updates) socket.assign({ text: props.text! })
      },
    })
    const rig = await joined({ texts: ['x', 'y'] }, ({ texts }: { texts: string[] }, { live_component }) => {
      return html`<p>${texts.map((text, id) => live_component(kind.component, { id, text }))}</p>`
    })
    expect(kind.calls).toEqual(['mount 0', 'mount 1', 'updateMany'])
    await rig.assign({ texts: ['x', 'Y', 'z'] })
    // The first one’s props say the same as before.
    expect(batches).toEqual([
      ['0 x', '1 y'],
      ['1 Y', '2 z'],
    ])
    expect(rig.take().at(-1)).toMatchObject({ c: { 2: { 0: 'Y' }, 3: { 0: 'z' } } })
  })
})

describe('props', () => {
  const object = { text: 'o' }

  it.each<{ name: string; before: State; now: State; updated: boolean }>([
    { name: 'the same text', before: { text: 'x' }, now: { text: 'x' }, updated: false },
    { name: 'another text', before: { text: 'x' }, now: { text: 'y' }, updated: true },
    { name: 'the same object, which may have changed inside', before: { object }, now: { object }, updated: true },
    { name: 'a function', before: { run: turn }, now: { run: turn }, updated: true },
    { name: 'NaN', before: { n: NaN }, now: { n: NaN }, updated: false },
    { name: 'one more', before: { a: 1 }, now: { a: 1, b: undefined }, updated: true },
    { name: 'null', before: { a: null }, now: { a: null }, updated: false },
  ])('update a component only if they may say something else: $name', async ({ before, now, updated }) => {
    const kind: Kind = new Kind({ update: () => void kind.calls.push('update') })
    const rig = await joined({ props: before }, ({ props }: { props: object }, { live_component }) => {
      return html`<p>${live_component(kind.component, { id: 'a', ...props })}</p>`
    })
    kind.calls.length = 0
    await rig.assign({ props: now })
    expect(kind.calls).toEqual(updated ? ['update'] : [])
  })
})

describe('an id that is placed twice', () => {
  it.each<{ name: string; render: (kind: Kind, meta: RenderMeta) => Rendered }>([
    {
      name: 'in one render',
      render: ({ component }, { live_component }) =>
        html`${live_component(component, { id: 'a' })}${live_component(component, { id: 'a' })}`,
    },
    {
      name: 'in a view and in one of its components',
      render: ({ component }, { live_component }) => {
        const inside = live_component(component, { id: 'a' })
        return html`${live_component(slotted, { id: 's', inside })}${live_component(component, { id: 'a' })}`
      },
    },
  ])('is a mistake $name', async ({ render }) => {
    const kind = new Kind()
    const rig = new LiveRig(createLiveView({ render: (_, meta) => render(kind, meta) }))
    rig.session.join('1')
    await turn()
    expect(rig.sent).toEqual([['1', { reason: 'join crashed' }]])
    expect(rig.reported).toEqual([
      "the live component with the id 'a' is placed twice; ids must be unique within a view",
    ])
  })

  it.each<{
    name: string
    render: (kind: Kind, twice: boolean, meta: RenderMeta) => Rendered
  }>([
    {
      name: 'in a row that is not rendered again, and beside it',
      render: ({ component }, twice, { live_component }) => html`<p>
        ${each(
          [0],
          (id) => id,
          () => html`<b>${live_component(component, { id: 'a', text: 'x' })}</b>`,
          [],
        )}
        ${twice && live_component(component, { id: 'a', text: 'x' })}
      </p>`,
    },
    {
      name: 'in a component that is not rendered again, and beside it',
      render: ({ component }, twice, { live_component }) => html`<p>
        ${live_component(keeps(component), { id: 'k' })}${twice && live_component(component, { id: 'a', text: 'x' })}
      </p>`,
    },
    {
      name: 'in a component that is not rendered again, and in another',
      render: ({ component }, twice, { live_component }) => html`<p>
        ${live_component(keeps(component), { id: 'k' })}
        ${live_component(slotted, { id: 's', inside: twice && live_component(component, { id: 'a', text: 'x' }) })}
      </p>`,
    },
  ])('is a mistake also $name', async ({ render }) => {
    const kind = new Kind()
    const rig = await joined({ twice: false }, ({ twice }: { twice: boolean }, meta) => render(kind, twice, meta))
    await rig.assign({ twice: true })
    expect(rig.reported).toEqual([
      "the live component with the id 'a' is placed twice; ids must be unique within a view",
    ])
  })

  it('is none when it moves from one place to another', async () => {
    const kind = new Kind()
    const rig = await joined({ first: true }, ({ first }: { first: boolean }, { live_component }) => {
      const placed = live_component(kind.component, { id: 'a', text: 'x' })
      return html`<p>${first ? placed : ''}</p><p>${first ? '' : placed}</p>`
    })
    rig.take()
    await rig.assign({ first: false })
    expect(rig.take()).toEqual([{ 0: '', 1: 1 }])
    expect(kind.calls).toEqual(['mount a'])
  })
})

const keeping = new Map<LiveComponent<Props>, LiveComponent<object>>()
/** A component that shows another, and changes for no reason. */
function keeps(component: LiveComponent<Props>): LiveComponent<object> {
  const known = keeping.get(component)
  if (known !== undefined) return known
  const made = createLiveComponent<object>({
    render: (_, { live_component }) => html`<div>${live_component(component, { id: 'a', text: 'x' })}</div>`,
  })
  keeping.set(component, made)
  return made
}

const slotted = createLiveComponent<{ inside: unknown }>({ render: ({ inside }) => html`<div>${inside}</div>` })

describe('the root of a component', () => {
  it.each<{ name: string; render: () => Rendered; fits: boolean }>([
    { name: 'one element', render: () => html`<p>x</p>`, fits: true },
    { name: 'one element and a comment', render: () => html`<!-- c --><p>x</p>`, fits: true },
    { name: 'a void element', render: () => html`<hr />`, fits: true },
    { name: 'two elements', render: () => html`<p>x</p><p>y</p>`, fits: false },
    { name: 'text', render: () => html`x`, fits: false },
    { name: 'text beside an element', render: () => html`<p>x</p>y`, fits: false },
    { name: 'a value', render: () => html`${html`<p>x</p>`}`, fits: false },
    { name: 'nothing', render: () => html``, fits: false },
  ])('must be one element: $name', async ({ render, fits }) => {
    const kind = new Kind({ render })
    const rig = new LiveRig(
      createLiveView({
        render: (_, { live_component }) => html`<p>${live_component(kind.component, { id: 'a' })}</p>`,
      }),
    )
    rig.session.join('1')
    await turn()
    if (fits) expect(rig.reported).toEqual([])
    else expect(rig.reported[0]).toContain("the live component with the id 'a' must render one element")
  })
})

describe('an event', () => {
  const view =
    (kind: Kind) =>
    ({ on }: { on: boolean }, { live_component }: RenderMeta): Rendered =>
      html`<p>${on ? live_component(kind.component, { id: 'a', text: 'x' }) : ''}</p>`

  it('goes to its component, and only that is rendered', async () => {
    const kind = new Kind()
    const rig = await joined({ on: true }, view(kind))
    expect(await rig.event('set', { text: 'y' }, 1)).toEqual({ diff: { c: { 1: { 0: 'y' } } } })
    expect(kind.calls).toEqual(['mount a', 'event a'])
  })

  it('is answered with what the handler gives back', async () => {
    const kind = new Kind({ handleEvent: () => ({ done: true }) })
    const rig = await joined({ on: true }, view(kind))
    const push = { type: 'hook', event: 'set', value: {}, cid: 1 }
    expect(await rig.push('event', push)).toEqual({ diff: { r: { done: true } } })
  })

  it('reaches a component until the page has forgotten it, and then nobody', async () => {
    const kind = new Kind()
    const rig = await joined({ on: true }, view(kind))
    await rig.assign({ on: false })
    expect(await rig.push('cids_will_destroy', { cids: [1] })).toEqual({})
    await rig.event('set', { text: 'y' }, 1)
    expect(await rig.push('cids_destroyed', { cids: [1, 99] })).toEqual({ cids: [1] })
    expect(kind.sockets.get('a')!.signal.aborted).toBe(true)
    expect(await rig.event('set', { text: 'z' }, 1)).toEqual({})
    expect(kind.calls).toEqual(['mount a', 'event a'])
    expect(rig.reported).toEqual([])
  })

  it('that a component does not handle is a mistake that names it', async () => {
    const kind = new Kind({ handleEvent: undefined as never })
    const rig = await joined({ on: true }, view(kind))
    await rig.event('set', {}, 1)
    expect(rig.reported).toEqual([
      "the page sent the event 'set' to the live component with the id 'a', which has no handleEvent",
    ])
  })
})

describe('a component that leaves', () => {
  const view =
    (kind: Kind) =>
    ({ on, text = 'x' }: { on: boolean; text?: string }, { live_component }: RenderMeta): Rendered =>
      html`<p>${on ? live_component(kind.component, { id: 'a', text }) : ''}</p>`

  it('and comes back before the page has announced it, is the same, sent whole', async () => {
    const kind = new Kind()
    const rig = await joined({ on: true }, view(kind))
    await rig.assign({ on: false })
    rig.take()
    await rig.assign({ on: true })
    expect(rig.take()).toEqual([{ 0: 1, c: { 1: { 0: 'x', s: ['<i>', '</i>'], r: 1 } } }])
    // The announcement of the first leaving comes too late to mean anything.
    await rig.push('cids_will_destroy', { cids: [1] })
    expect(await rig.push('cids_destroyed', { cids: [1] })).toEqual({ cids: [] })
    await rig.assign({ text: 'y' })
    expect(rig.take()).toEqual([{ c: { 1: { 0: 'y' } } }])
    expect(kind.calls).toEqual(['mount a'])
  })

  it('and comes back after that, keeps its state and is sent whole', async () => {
    const kind = new Kind({ update: () => {} })
    const rig = await joined({ on: true }, view(kind))
    await rig.event('set', { text: 'kept' }, 1)
    await rig.assign({ on: false })
    await rig.push('cids_will_destroy', { cids: [1] })
    rig.take()
    await rig.assign({ on: true })
    expect(rig.take()).toEqual([{ 0: 1, c: { 1: { 0: 'kept', s: ['<i>', '</i>'], r: 1 } } }])
    expect(await rig.push('cids_destroyed', { cids: [1] })).toEqual({ cids: [] })
  })

  it('and comes back when the page has forgotten it, is a new one', async () => {
    const kind = new Kind()
    const rig = await joined({ on: true }, view(kind))
    await rig.assign({ on: false })
    await rig.push('cids_will_destroy', { cids: [1] })
    await rig.push('cids_destroyed', { cids: [1] })
    rig.take()
    await rig.assign({ on: true })
    expect(rig.take()).toEqual([{ 0: 2, c: { 2: { 0: 'x', s: ['<i>', '</i>'], r: 1 } } }])
    expect(kind.calls).toEqual(['mount a', 'mount a'])
  })

  it('is rendered again only when it comes back', async () => {
    const inner = new Kind()
    const outer = new Kind({
      render: ({ text }, { live_component }) =>
        html`<b>${text} ${live_component(inner.component, { id: 'i', text: 'outer' })}</b>`,
    })
    const rig = await joined({ on: true }, ({ on }: { on: boolean }, { live_component }) => {
      // What was in the one that leaves stays on the page, elsewhere.
      return on
        ? html`<p>${live_component(outer.component, { id: 'o', text: 'x' })}</p>`
        : html`<p>${live_component(inner.component, { id: 'i', text: 'view' })}</p>`
    })
    const change = rig.assign({ on: false })
    outer.sockets.get('o')!.assign({ text: 'y' })
    await change
    rig.take()
    await rig.info(() => outer.sockets.get('o')!.assign({ text: 'z' }))
    expect(rig.take()).toEqual([])
    expect(inner.sockets.get('i')!.context.text).toBe('view')
    await rig.assign({ on: true })
    expect(rig.take()[0]).toMatchObject({ c: { 1: { 0: 'x' }, 2: { 0: 'outer' } } })
    expect(rig.reported).toEqual([])
  })

  it('takes along what it placed meanwhile, which the page never showed', async () => {
    const inner = new Kind()
    const item = new Kind({
      render: ({ text, id }, { live_component }) =>
        html`<li id="u-${id}">${text === 'more' ? live_component(inner.component, { id: 'i' }) : ''}</li>`,
    })
    let view!: LiveViewSocket
    const rig = await LiveRig.joined(
      createLiveView({
        mount: (socket) => {
          view = socket
          socket.stream('u', [{ id: 1 }])
        },
        handleInfo: (_, info) => (info as () => void)(),
        render: ({ u }, { live_component }) => {
          const items = each(u as Stream<{ id: number }>, ({ id }) => live_component(item.component, { id }))
          return html`<ul id="u" phx-update="stream">${items}</ul>`
        },
      }),
    )
    await rig.info(() => view.streamDelete('u', { id: 1 }))
    await rig.push('cids_will_destroy', { cids: [1] })
    await rig.info(() => item.sockets.get(1)!.assign({ text: 'more' }))
    expect(inner.calls).toEqual(['mount i'])
    expect(await rig.push('cids_destroyed', { cids: [1] })).toEqual({ cids: [1, 2] })
    expect(inner.sockets.get('i')!.signal.aborted).toBe(true)
  })
})

describe('sendUpdate', () => {
  it.each([
    { when: 'at once', delay: undefined },
    { when: 'after its delay', delay: 500 },
  ])('updates the component $when', async ({ delay }) => {
    const kind = new Kind()
    let view!: LiveViewSocket
    const rig = await LiveRig.joined(
      createLiveView({
        mount: (socket) => void (view = socket as never),
        render: (_, { live_component }) => html`<p>${live_component(kind.component, { id: 'a', text: 'x' })}</p>`,
      }),
    )
    rig.take()
    view.sendUpdate(kind.component, { id: 'a', text: 'y' }, { delay })
    view.sendUpdate(kind.component, { id: 'nobody', text: 'y' }, { delay })
    await turn()
    if (delay !== undefined) {
      expect(rig.take()).toEqual([])
      rig.time.advance(delay)
      await turn()
    }
    expect(rig.take()).toEqual([{ c: { 1: { 0: 'y' } } }])
    expect(rig.reported).toEqual([])
  })

  it.each([-1, NaN, Infinity, '5', null])('refuses the delay %j', async (delay) => {
    const { component } = new Kind()
    await LiveRig.joined(
      createLiveView({
        mount: (socket) => {
          expect(() => socket.sendUpdate(component, { id: 'a' }, { delay: delay as number })).toThrow(
            'sendUpdate: delay must be a time in ms, 0 or more, got',
          )
        },
        render: () => html``,
      }),
    )
  })
})

describe('sendUpdate to what is none', () => {
  it.each<{ name: string; send: (socket: LiveViewSocket, kind: Kind) => void; message: string }>([
    {
      name: 'an id is missing',
      send: (socket, { component }) => socket.sendUpdate(component, { text: 'y' } as never),
      message: 'sendUpdate: expected an id (text or a number), got undefined',
    },
    {
      name: 'it is no component',
      send: (socket) => socket.sendUpdate({} as never, { id: 'a' } as never),
      message: 'sendUpdate: expected a component of createLiveComponent, got a plain object',
    },
  ])('throws at once when $name', async ({ send, message }) => {
    const kind = new Kind()
    let view!: LiveViewSocket
    await LiveRig.joined(
      createLiveView({ mount: (socket) => void (view = socket as never), render: () => html`<p></p>` }),
    )
    expect(() => send(view, kind)).toThrow(message)
  })
})

describe('more components than messages may wait for a view', () => {
  const ids = Array.from({ length: 150 }, (_, id) => id)
  const list = ({ component }: Kind, { live_component }: RenderMeta): unknown =>
    each(
      ids,
      (id) => id,
      (id) => live_component(component, { id, text: 'x' }),
      [],
    )

  it('are updated by one callback', async () => {
    const kind = new Kind()
    const rig = await LiveRig.joined(
      createLiveView({
        handleEvent: (socket) => ids.forEach((id) => socket.sendUpdate(kind.component, { id, text: 'y' })),
        render: (_, meta) => html`<p>${list(kind, meta)}</p>`,
      }),
      { maxMailbox: 100 },
    )
    await rig.event('all')
    rig.time.advance(100)
    await turn()
    expect(rig.reported).toEqual([])
    expect(Object.keys(rig.messages.at(-1)!['c'] as object)).toHaveLength(ids.length)
  })

  it('load something each', async () => {
    const kind: Kind = new Kind({
      mount: (socket) => socket.startAsync('load', () => Promise.resolve('y')),
      handleAsync: (socket, _, outcome) => socket.assign({ text: outcome.ok ? String(outcome.value) : 'failed' }),
    })
    const rig = new LiveRig(createLiveView({ render: (_, meta) => html`<p>${list(kind, meta)}</p>` }), {
      maxMailbox: 100,
    })
    rig.session.join('1')
    await turn()
    rig.time.advance(100)
    await turn()
    expect(rig.reported).toEqual([])
    const { c } = rig.messages.at(-1)! as { c: Record<number, unknown> }
    expect(c[150]).toEqual({ 0: 'y' })
  })
})

describe('a component that shows where the page is, or its messages', () => {
  /** Neither has a reason of its own to be rendered again. */
  const shown = new Kind({ render: (_, { url, flash }) => html`<i>${url.search} ${flash['info']}</i>` })
  const other = new Kind()
  const outer = new Kind({
    render: (_, { live_component }) =>
      html`<section>${live_component(shown.component, { id: 'in', text: 'x' })}</section>`,
  })

  it.each<{ what: string; change: (rig: LiveRig) => Promise<unknown>; shows: string }>([
    {
      what: 'a patch',
      change: (rig) => rig.push('live_patch', { url: 'http://localhost/?p=2' }),
      shows: '<i>?p=2 </i>',
    },
    { what: 'a flash of the view', change: (rig) => rig.event('put'), shows: '<i> Saved</i>' },
    {
      what: 'a flash that is cleared',
      change: async (rig) => {
        await rig.event('put')
        await rig.event('lv:clear-flash')
      },
      shows: '<i> </i>',
    },
  ])('is rendered again after $what, and no other', async ({ change, shows }) => {
    const rig = await LiveRig.joined(
      createLiveView({
        handleEvent: (socket) => socket.putFlash('info', 'Saved'),
        render: (_, { live_component }) => html`<p>
          ${live_component(outer.component, { id: 'out' })}${live_component(other.component, { id: 'other', text: 'x' })}
        </p>`,
      }),
      {},
    )
    const page = new BrowserPage('phx-V', rig.take()[0])
    await change(rig)
    const messages = rig.take()
    expect(messages.flatMap(({ c }) => Object.keys((c as object | undefined) ?? {}))).not.toContain('2')
    for (const message of messages) page.update(message)
    expect(page.html).toContain(shows)
  })
})

describe('the page shows a component that changed', () => {
  const inner = new Kind()
  const framed = (content: unknown): Rendered => html`<div>${content}</div>`
  const outer = new Kind({
    render: (_, { live_component }) =>
      html`<section>${framed(live_component(inner.component, { id: 'i', text: 'x' }))}</section>`,
  })

  /** What is on the page after the title and the inner component changed in one message. */
  async function both(
    render: (content: unknown) => unknown,
    place: (meta: RenderMeta) => unknown,
  ): Promise<[string, unknown]> {
    const rig = await joined(
      { title: 'a' },
      ({ title }: { title: string }, meta) => html`<h1>${title}</h1>${render(place(meta))}`,
    )
    const page = new BrowserPage('phx-V', rig.take()[0])
    await rig.info(() => inner.sockets.get('i')!.assign({ text: 'y' }))
    for (const message of rig.take()) page.update(message)
    expect(page.html).toContain('<i>y</i>')
    // Twice a change by itself, once together with the view's.
    const changes = rig.assign({ title: 'b' })
    inner.sockets.get('i')!.assign({ text: 'z' })
    await changes
    const messages = rig.take()
    const said = structuredClone(messages)
    for (const message of messages) page.update(message)
    return [page.html, said]
  }

  it.each<{ name: string; render: (content: unknown) => unknown; within: boolean; messages: unknown }>([
    {
      name: 'beside what else changed',
      render: (content) => content,
      within: false,
      messages: [{ 0: 'b', c: { 1: { 0: 'z' } } }],
    },
    {
      // The client passes over an element that the message does not mention.
      name: 'inside an element that did not',
      render: framed,
      within: false,
      messages: [{ 0: 'b', 1: { 0: 1 }, c: { 1: { 0: 'z' } } }],
    },
    {
      name: 'inside a component that did not',
      render: (content) => content,
      within: true,
      messages: [{ 0: 'b', c: { 1: { 0: { 0: 2 } }, 2: { 0: 'z' } } }],
    },
    {
      name: 'in a row of a list inside an element',
      render: (content) => framed(each([0], String, () => html`<b>${content}</b>`)),
      within: false,
      messages: [{ 0: 'b', 1: { 0: { k: { 0: { 0: 1 }, kc: 1 } } }, c: { 1: { 0: 'z' } } }],
    },
  ])('$name, in the same message', async ({ render, within, messages }) => {
    const kind = within ? outer : inner
    const [shown, said] = await both(render, ({ live_component }) =>
      live_component(kind.component, within ? { id: 'o' } : { id: 'i', text: 'x' }),
    )
    expect(said).toEqual(messages)
    expect(shown).toContain('<h1>b</h1>')
    expect(shown).toContain('<i>z</i>')
  })

  it('as an item of a stream, in a message of its own', async () => {
    const item = new Kind({ render: ({ text, id }) => html`<li id="u-${id}">${text}</li>` })
    let view!: LiveViewSocket
    const rig = await LiveRig.joined(
      createLiveView<Record<string, never>>({
        mount: (socket) => {
          view = socket as never
          socket.assign({ title: 'a' as never })
          ;(socket as unknown as LiveViewSocket).stream('u', [{ id: 1 }])
        },
        handleInfo: (_, info) => (info as () => void)(),
        render: ({ title, u }, { live_component }) => html`<h1>${title}</h1><ul id="u" phx-update="stream">
            ${each(u!, ({ id }: { id: number }) => live_component(item.component, { id, text: 'x' }))}
          </ul>`,
      }),
    )
    const page = new BrowserPage('phx-V', rig.take()[0])
    await rig.info(() => {
      view.assign({ title: 'b' })
      item.sockets.get(1)!.assign({ text: 'y' })
    })
    const messages = rig.take()
    expect(messages).toEqual([{ 0: 'b', c: {} }, { c: { 1: { 1: 'y' } } }])
    for (const message of messages) page.update(message)
    expect(page.html).toContain('<h1>b</h1>')
    expect(page.html).toContain('<li id="u-1">y</li>')
  })
})

describe('uploads of a component', () => {
  it('are chosen, sent, reported and consumed by their component', async () => {
    let config!: UploadConfig
    const consumed: string[] = []
    const form = createLiveComponent<{ count: number }, { type: 'validate' | 'save' }>({
      mount: (socket) => {
        socket.assign({ count: 0 })
        void socket.allowUpload('files', { chunkSize: 4 })
      },
      handleEvent: async (socket, { type }) => {
        if (type !== 'save') return
        const names = await socket.consumeUploadedEntries('files', (_, entry) => entry.clientName)
        consumed.push(...names)
        socket.assign({ count: socket.context.count + names.length })
      },
      render: ({ count }, { uploads }) => {
        config = uploads['files']!
        return html`<form>${count} ${config.entries.map(({ progress }) => html`<b>${progress}</b>`)}</form>`
      },
    })
    const rig = await joined({}, (_, { live_component }) => html`<p>${live_component(form, { id: 'f' })}</p>`)
    const entries = [{ ref: '0', name: 'a.txt', size: 4, type: 'text/plain' }]
    const change = (event: string, uploads?: object): Promise<unknown> =>
      rig.push('event', { type: 'form', event, value: '', meta: {}, cid: 1, ...(uploads && { uploads }) })
    expect(await change('validate', { [config.ref]: entries })).toMatchObject({
      diff: { c: { 1: { 1: { k: { kc: 1 } } } } },
    })
    expect(await rig.push('allow_upload', { ref: config.ref, entries, cid: 1 })).toMatchObject({
      ref: config.ref,
      entries: { 0: expect.any(String) },
    })
    const channel = rig.joinUpload(config.ref, config.entries[0]!.uuid, { reply() {}, close() {}, error() {} })
    channel.open('j')
    await turn()
    channel.chunk('c', new Uint8Array(4))
    await turn()
    await rig.push('progress', { event: null, ref: config.ref, entry_ref: '0', progress: 100, cid: 1 })
    expect(config.entries[0]!.done).toBe(true)
    await change('save')
    await turn()
    expect(consumed).toEqual(['a.txt'])
    expect(rig.reported).toEqual([])
  })

  it('are dropped with it', async () => {
    let config!: UploadConfig
    const form = createLiveComponent({
      mount: (socket) => void socket.allowUpload('files'),
      handleEvent: () => {},
      render: (_, { uploads }) => {
        config = uploads['files']!
        return html`<form></form>`
      },
    })
    const rig = await joined({ on: true }, ({ on }: { on: boolean }, { live_component }) => {
      return html`<p>${on ? live_component(form, { id: 'f' }) : ''}</p>`
    })
    const entries = [{ ref: '0', name: 'a.txt', size: 8, type: 'text/plain' }]
    await rig.push('event', {
      type: 'form',
      event: 'v',
      value: '',
      meta: {},
      cid: 1,
      uploads: { [config.ref]: entries },
    })
    await rig.push('allow_upload', { ref: config.ref, entries, cid: 1 })
    const channel = rig.joinUpload(config.ref, config.entries[0]!.uuid, { reply() {}, close() {}, error() {} })
    channel.open('j')
    await turn()
    await rig.assign({ on: false })
    await rig.push('cids_will_destroy', { cids: [1] })
    await rig.push('cids_destroyed', { cids: [1] })
    await turn()
    expect(rig.writers.map(({ calls }) => calls)).toEqual([['close cancel', 'dispose dropped']])
  })
})
