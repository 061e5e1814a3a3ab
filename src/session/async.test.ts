import { describe, expect, it } from 'vitest'
import { manualHost, plainSession } from '../../test/support/manual-host.ts'
import { ManualTime, turn } from '../../test/support/manual-time.ts'
import { each } from '../template/list.ts'
import { html } from '../template/html.ts'
import type { Rendered } from '../template/rendered.ts'
import type { Stream } from '../template/stream.ts'
import { renderHtml } from '../template/to-html.ts'
import { async_result, type AsyncOutcome, AsyncResult } from '../live/async.ts'
import { createLiveComponent } from '../live/component.ts'
import { LiveSession } from './session.ts'
import type { LiveComponentSocket, LiveViewSocket } from '../live/socket.ts'
import { createLiveView, type LiveViewCallbacks } from '../live/view.ts'

interface Item {
  readonly id: number
}
interface Context {
  readonly price: AsyncResult<number>
  readonly stock: AsyncResult<number>
  readonly items: Stream<Item>
  readonly status: AsyncResult<boolean>
}
type Socket = LiveViewSocket<Context>
type Callbacks = LiveViewCallbacks<Context, { type: string }, string, (socket: Socket) => void | Promise<void>>

/** A joined view that runs what it is sent, and what it reported. */
class Rig {
  readonly time = new ManualTime()
  readonly sent: string[] = []
  readonly reported: (readonly [stage: string, view: string | undefined, message: string])[] = []
  readonly session: LiveSession
  socket!: Socket

  constructor(callbacks: Partial<Callbacks> = {}) {
    const { mount, ...others } = callbacks
    const view = createLiveView<Context, { type: string }, string, (socket: Socket) => void | Promise<void>>({
      mount: (socket, session, params) => {
        this.socket = socket
        return mount?.(socket, session, params)
      },
      handleInfo: (socket, run) => run(socket),
      render: () => html`<p></p>`,
      ...others,
    })
    const host = manualHost(this.time, {
      report: (error, { stage, view }) => this.reported.push([stage, view, String(error)]),
    })
    this.session = new LiveSession(
      {
        ...plainSession,
        view,
        name: '/',
        id: 'v',
        instanceId: 'i',
        url: 'http://localhost/',
        params: {},
        session: {},
        flash: {},
        host,
      },
      {
        reply: (_, status, response) => this.sent.push(`${status} ${response}`),
        push: (event, payload) => this.sent.push(`${event} ${payload}`),
        close: () => this.sent.push('phx_close'),
        error: () => this.sent.push('phx_error'),
      },
      {
        csrfToken: () => '',
        sendingFiles: 0,
        ask: (tell: (alive: boolean) => void) => tell(true),
        hold() {},
        release() {},
        left() {},
        patch: () => ({ kind: 'other' }),
        ended() {},
      },
    )
    this.session.join('1')
  }

  /** Does something as the view's callback would. */
  run(work: (socket: Socket) => void | Promise<void>): Promise<void> {
    this.session.sendInfo(work)
    return turn()
  }
}

/** Work whose end is in the test's hand. */
class Work<T> {
  readonly promise: Promise<T>
  readonly signals: AbortSignal[] = []
  resolve!: (value: T) => void
  reject!: (error: unknown) => void

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }

  readonly start = (signal: AbortSignal): Promise<T> => {
    this.signals.push(signal)
    return this.promise
  }

  get aborted(): boolean {
    return this.signals.some(({ aborted }) => aborted)
  }
}

const result = (changes: Partial<AsyncResult>): AsyncResult => ({
  ok: false,
  loading: false,
  value: undefined,
  error: undefined,
  ...changes,
})
const failure = new Error('out of order')

describe('assignAsync', () => {
  it('loads beside the view, and shows each state', async () => {
    const work = new Work<{ price: number }>()
    const show = (price: AsyncResult<number>): Rendered =>
      html`<p>${async_result(price, { loading: () => 'loading', failed: () => 'failed', ok: (value) => value })}</p>`
    const rig = new Rig({
      mount: (socket) => socket.assignAsync('price', work.start),
      render: ({ price }) => show(price),
    })
    expect(rig.sent.splice(0).join()).toContain('"0":"loading"')
    work.resolve({ price: 7 })
    await turn()
    expect(rig.sent.splice(0)).toEqual(['diff {"0":"7"}'])
    const again = new Work<{ price: number }>()
    await rig.run((socket) => socket.assignAsync('price', again.start, { reset: true }))
    again.reject(failure)
    await turn()
    expect(rig.sent.splice(0)).toEqual(['diff {"0":"loading"}', 'diff {"0":"failed"}'])
  })

  it('keeps the value while it loads again, and when that fails', async () => {
    const rig = new Rig()
    await rig.run((socket) => socket.assignAsync('price', () => ({ price: 7 })))
    expect(rig.socket.context.price).toEqual(result({ ok: true, value: 7 }))
    const again = new Work<{ price: number }>()
    await rig.run((socket) => socket.assignAsync('price', again.start))
    expect(rig.socket.context.price).toEqual(result({ ok: true, loading: true, value: 7 }))
    again.reject(failure)
    await turn()
    expect(rig.socket.context.price).toEqual(result({ ok: true, value: 7, error: failure }))
    await rig.run((socket) => socket.assignAsync('price', () => ({ price: 8 })))
    expect(rig.socket.context.price).toEqual(result({ ok: true, value: 8 }))
  })

  it('forgets the value with reset', async () => {
    const rig = new Rig()
    await rig.run((socket) => socket.assignAsync('price', () => ({ price: 7 })))
    await rig.run((socket) => socket.assignAsync('price', new Work<{ price: number }>().start, { reset: true }))
    expect(rig.socket.context.price).toEqual(result({ loading: true }))
  })

  it('loads several keys at once', async () => {
    const rig = new Rig()
    await rig.run((socket) => socket.assignAsync(['price', 'stock'], async () => ({ price: 1, stock: 2 })))
    expect(rig.socket.context).toEqual({
      price: result({ ok: true, value: 1 }),
      stock: result({ ok: true, value: 2 }),
    })
  })

  const faults: readonly { name: string; load: () => unknown; error: string }[] = [
    { name: 'rejects', load: () => Promise.reject(failure), error: 'Error: out of order' },
    {
      name: 'throws at once',
      load: () => {
        throw failure
      },
      error: 'Error: out of order',
    },
    {
      name: 'lacks the key',
      load: () => ({ prize: 1 }),
      error: "LiveError: assignAsync('price'): its function must give { price: … }, got a plain object",
    },
    {
      name: 'gives nothing',
      load: () => undefined,
      error: "LiveError: assignAsync('price'): its function must give { price: … }, got undefined",
    },
  ]
  describe('of keys that other work loads too', () => {
    const states = (rig: Rig) => [rig.socket.context.price, rig.socket.context.stock]
    const loaded = (value: number) => result({ ok: true, value })

    it('leaves each key to its newest work, whichever ends last', async () => {
      const [slow, fast] = [new Work<{ price: number }>(), new Work<{ price: number; stock: number }>()]
      const rig = new Rig()
      await rig.run((socket) => socket.assignAsync('price', slow.start))
      await rig.run((socket) => socket.assignAsync(['price', 'stock'], fast.start))
      expect([slow.aborted, fast.aborted]).toEqual([true, false])
      fast.resolve({ price: 2, stock: 5 })
      await turn()
      slow.resolve({ price: 1 })
      await turn()
      expect(states(rig)).toEqual([loaded(2), loaded(5)])
    })

    it('leaves older work the keys that no newer work has taken', async () => {
      const [both, one] = [new Work<{ price: number; stock: number }>(), new Work<{ price: number }>()]
      const rig = new Rig()
      await rig.run((socket) => socket.assignAsync(['price', 'stock'], both.start))
      await rig.run((socket) => socket.assignAsync('price', one.start))
      both.resolve({ price: 1, stock: 5 })
      await turn()
      expect(states(rig)).toEqual([result({ loading: true }), loaded(5)])
      expect(both.aborted).toBe(false)
      one.resolve({ price: 2 })
      await turn()
      expect(states(rig)).toEqual([loaded(2), loaded(5)])
    })

    it('has older work fail for its own keys alone, also when it lacks one that it lost', async () => {
      const [both, one] = [new Work<never>(), new Work<{ price: number }>()]
      const rig = new Rig()
      await rig.run((socket) => socket.assignAsync(['price', 'stock'], both.start))
      await rig.run((socket) => socket.assignAsync('price', one.start))
      both.reject(failure)
      await turn()
      expect(states(rig)).toEqual([result({ loading: true }), result({ error: failure })])
      const lacking = new Work<never>()
      await rig.run((socket) => socket.assignAsync(['price', 'stock'], lacking.start))
      await rig.run((socket) => socket.assignAsync('price', one.start))
      lacking.resolve({ stock: 5 } as never)
      one.resolve({ price: 2 })
      await turn()
      expect(states(rig)).toEqual([loaded(2), loaded(5)])
    })

    it('aborts work that has lost its last key, also to several', async () => {
      const [both, price, stock] = [new Work<never>(), new Work<never>(), new Work<never>()]
      const rig = new Rig()
      await rig.run((socket) => socket.assignAsync(['price', 'stock'], both.start))
      await rig.run((socket) => socket.assignAsync('price', price.start))
      expect(both.aborted).toBe(false)
      await rig.run((socket) => socket.assignAsync('stock', stock.start))
      expect([both.aborted, price.aborted, stock.aborted]).toEqual([true, false, false])
    })

    it('cancels by a key the work that has it', async () => {
      const [both, one] = [new Work<never>(), new Work<never>()]
      const rig = new Rig()
      await rig.run((socket) => socket.assignAsync(['price', 'stock'], both.start))
      await rig.run((socket) => socket.assignAsync('price', one.start))
      await rig.run((socket) => socket.cancelAsync('price', 'enough'))
      expect([both.aborted, one.aborted]).toEqual([false, true])
      expect(states(rig)).toEqual([result({ error: 'enough' }), result({ loading: true })])
    })

    it('has nothing to do with startAsync and streamAsync of such a name', async () => {
      const [assigned, started] = [new Work<never>(), new Work<never>()]
      const rig = new Rig({ handleAsync: () => undefined })
      await rig.run((socket) => socket.assignAsync('price', assigned.start))
      await rig.run((socket) => socket.startAsync('price', started.start))
      expect([assigned.aborted, started.aborted]).toEqual([false, false])
      await rig.run((socket) => socket.cancelAsync('price'))
      expect([assigned.aborted, started.aborted]).toEqual([true, true])
    })
  })

  it.each<{ reset: boolean | ('price' | 'stock')[]; kept: [number | undefined, number | undefined] }>([
    { reset: false, kept: [1, 2] },
    { reset: true, kept: [undefined, undefined] },
    { reset: ['stock'], kept: [1, undefined] },
    { reset: [], kept: [1, 2] },
  ])('forgets what reset says: $reset', async ({ reset, kept }) => {
    const rig = new Rig()
    await rig.run((socket) => socket.assignAsync(['price', 'stock'], () => ({ price: 1, stock: 2 })))
    await rig.run((socket) => socket.assignAsync(['price', 'stock'], new Work<never>().start, { reset }))
    const { price, stock } = rig.socket.context
    expect([price.value, stock.value]).toEqual(kept)
    expect([price.loading, stock.loading]).toEqual([true, true])
  })

  it.each<{ reset: unknown; got: string }>([
    { reset: ['stock'], got: "'stock'" },
    { reset: 'price', got: "'price'" },
  ])('refuses a reset of what it does not load: $reset', ({ reset, got }) => {
    const { socket } = new Rig()
    expect(() => socket.assignAsync('price', () => ({ price: 1 }), { reset: reset as never })).toThrow(
      `assignAsync('price'): reset must be true, false, or a list of these keys, got ${got}`,
    )
  })

  it.each(faults)('fails, and goes on, when the function $name', async ({ load, error }) => {
    const rig = new Rig()
    await rig.run((socket) => socket.assignAsync('price', load as () => { price: number }))
    const { ok, loading, error: came } = rig.socket.context.price
    expect([ok, loading, String(came)]).toEqual([false, false, error])
    expect(rig.reported).toEqual([['async', '/', error]])
    await rig.run((socket) => socket.assignAsync('price', () => ({ price: 7 })))
    expect(rig.socket.context.price).toEqual(result({ ok: true, value: 7 }))
  })

  it.each([
    { name: 'a rejection without a reason', load: () => Promise.reject() },
    { name: 'a rejection with null', load: () => Promise.reject(null) },
  ])('shows $name as failed', async ({ load }) => {
    const rig = new Rig()
    await rig.run((socket) => socket.assignAsync('price', load))
    const shown = async_result(rig.socket.context.price, {
      ok: () => 'ok',
      loading: () => 'loading',
      failed: () => 'failed',
    })
    expect(shown).toBe('failed')
  })
})

describe('AsyncResult', () => {
  const before = AsyncResult.ok(1)

  it.each([
    { name: 'loading', made: AsyncResult.loading(), is: result({ loading: true }) },
    { name: 'loading again', made: AsyncResult.loading(before), is: result({ ok: true, loading: true, value: 1 }) },
    { name: 'loading undefined again', made: AsyncResult.loading(undefined), is: result({ loading: true }) },
    { name: 'loaded', made: before, is: result({ ok: true, value: 1 }) },
    { name: 'failed', made: AsyncResult.failed(failure), is: result({ error: failure }) },
    {
      name: 'failed again',
      made: AsyncResult.failed(failure, before),
      is: result({ ok: true, value: 1, error: failure }),
    },
    {
      name: 'loading after a failure',
      made: AsyncResult.loading(AsyncResult.failed(failure)),
      is: result({ loading: true, error: failure }),
    },
  ])('makes the state of a value: $name', ({ made, is }) => expect(made).toEqual(is))
})

describe('startAsync', () => {
  it('gives the outcome to handleAsync, whatever it is', async () => {
    const outcomes: unknown[] = []
    const rig = new Rig({ handleAsync: (_, name, outcome) => void outcomes.push([name, outcome]) })
    await rig.run((socket) => {
      socket.startAsync('now', () => 1)
      socket.startAsync('soon', async () => 2)
      socket.startAsync('broken', () => Promise.reject(failure))
      socket.startAsync('broken at once', () => {
        throw failure
      })
    })
    expect(outcomes).toEqual(
      expect.arrayContaining([
        ['broken at once', { ok: false, error: failure }],
        ['broken', { ok: false, error: failure }],
        ['now', { ok: true, value: 1 }],
        ['soon', { ok: true, value: 2 }],
      ]),
    )
    expect(outcomes).toHaveLength(4)
    expect(rig.reported).toEqual([])
  })

  it('of a component gives the outcome to the component, and shows what that makes of it', async () => {
    const work = new Work<number>()
    const part = createLiveComponent<{ sum: string }>({
      mount: (socket) => {
        socket.assign({ sum: '' })
        socket.startAsync('sum', work.start)
      },
      handleAsync: (socket, name, outcome) => socket.assign({ sum: `${name} ${outcome.ok && outcome.value}` }),
      render: ({ sum }) => html`<p>${sum}</p>`,
    })
    const rig = new Rig({
      handleAsync: () => expect.unreachable(),
      render: (_, { live_component }) => html`<div>${live_component(part, { id: 'a' })}</div>`,
    })
    rig.sent.length = 0
    work.resolve(42)
    await turn()
    expect([rig.sent, rig.reported]).toEqual([['diff {"c":{"1":{"0":"sum 42"}}}'], []])
  })

  it('calls handleAsync in the order of the view’s messages, and what it assigns is shown', async () => {
    const gate = new Work<void>()
    const calls: string[] = []
    const rig = new Rig({
      handleAsync: (socket) => {
        calls.push('async')
        socket.assign({ price: result({ ok: true, value: 3 }) as AsyncResult<number> })
      },
      render: ({ price }) => html`<p>${price?.value}</p>`,
    })
    rig.sent.length = 0
    await rig.run(async (socket) => {
      socket.startAsync('x', () => 1)
      await gate.promise
      calls.push('info')
    })
    expect(calls).toEqual([])
    gate.resolve()
    await turn()
    expect(calls).toEqual(['info', 'async'])
    expect(rig.sent).toEqual(['diff {"0":"3"}'])
  })

  it('a second start replaces the first: its signal aborts, and its outcome is dropped', async () => {
    const outcomes: AsyncOutcome[] = []
    const rig = new Rig({ handleAsync: (_, __, outcome) => void outcomes.push(outcome) })
    const [first, second] = [new Work<string>(), new Work<string>()]
    await rig.run((socket) => socket.startAsync('search', first.start))
    await rig.run((socket) => socket.startAsync('search', second.start))
    expect([first.aborted, second.aborted]).toEqual([true, false])
    first.resolve('old')
    second.resolve('new')
    await turn()
    expect(outcomes).toEqual([{ ok: true, value: 'new' }])
  })

  it('also drops an outcome that was there, but had to wait while it was replaced', async () => {
    const outcomes: AsyncOutcome[] = []
    const gate = new Work<void>()
    const rig = new Rig({ handleAsync: (_, __, outcome) => void outcomes.push(outcome) })
    await rig.run(async (socket) => {
      socket.startAsync('search', () => 'old')
      await gate.promise
      socket.startAsync('search', () => 'new')
    })
    gate.resolve()
    await turn()
    expect(outcomes).toEqual([{ ok: true, value: 'new' }])
  })

  it('ends the view when there is no handleAsync', async () => {
    const rig = new Rig()
    await rig.run((socket) => socket.startAsync('x', () => 1))
    expect(rig.sent.at(-1)).toBe('phx_error')
    expect(rig.reported[0]?.[2]).toContain("the result of startAsync('x') came, but there is no handleAsync")
  })

  it('is asked of hooks first, and a hook may keep the outcome', async () => {
    const names: string[] = []
    const rig = new Rig({
      mount: (socket) =>
        socket.attachHook('log', 'handleAsync', (_, name) => {
          names.push(`hook ${name}`)
          return name === 'kept' ? 'halt' : 'continue'
        }),
      handleAsync: (_, name) => void names.push(name),
    })
    await rig.run((socket) => {
      socket.startAsync('kept', () => 1)
      socket.startAsync('passed', () => 1)
    })
    expect(names).toEqual(['hook kept', 'hook passed', 'passed'])
  })

  it.each([
    { call: 'startAsync', run: (socket: Socket) => socket.startAsync('x', 7 as never) },
    { call: 'assignAsync', run: (socket: Socket) => socket.assignAsync('price', undefined as never) },
    { call: 'assignAsync', run: (socket: Socket) => socket.assignAsync([], () => ({}) as never) },
    { call: 'streamAsync', run: (socket: Socket) => socket.streamAsync('items', [] as never) },
  ])('$call throws at once for what is no work', async ({ call, run }) => {
    const rig = new Rig()
    await rig.run((socket) => expect(() => run(socket)).toThrow(call))
    expect(rig.reported).toEqual([])
  })
})

describe('cancelAsync', () => {
  it('aborts the work, and hands its failure to handleAsync', async () => {
    const outcomes: unknown[] = []
    const rig = new Rig({ handleAsync: (_, name, outcome) => void outcomes.push([name, outcome]) })
    const work = new Work<string>()
    await rig.run((socket) => socket.startAsync('export', work.start))
    await rig.run((socket) => socket.cancelAsync('export', 'enough'))
    expect(work.signals[0]?.reason).toBe('enough')
    work.resolve('too late')
    await turn()
    expect(outcomes).toEqual([['export', { ok: false, error: 'enough' }]])
  })

  it.each(['price', 'stock'] as const)('ends a load of several keys by each of them: %s', async (key) => {
    const rig = new Rig()
    const work = new Work<{ price: number; stock: number }>()
    await rig.run((socket) => socket.assignAsync(['price', 'stock'], work.start))
    await rig.run((socket) => socket.cancelAsync(key))
    expect(work.aborted).toBe(true)
    for (const name of ['price', 'stock'] as const) {
      expect(rig.socket.context[name]).toMatchObject({ ok: false, loading: false, error: { name: 'AbortError' } })
    }
    // It is no failure of the program.
    expect(rig.reported).toEqual([])
  })

  it('is what counts when work rejects because of its signal', async () => {
    const outcomes: AsyncOutcome[] = []
    const rig = new Rig({ handleAsync: (_, __, outcome) => void outcomes.push(outcome) })
    await rig.run((socket) =>
      socket.startAsync(
        'x',
        (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
      ),
    )
    await rig.run((socket) => socket.cancelAsync('x', 'enough'))
    expect(outcomes).toEqual([{ ok: false, error: 'enough' }])
  })

  it('of nothing does nothing', async () => {
    const rig = new Rig()
    await rig.run((socket) => socket.cancelAsync('nothing'))
    expect(rig.reported).toEqual([])
  })
})

describe('streamAsync', () => {
  const rows = ({ items, status }: Context): Rendered =>
    html`<ul id="items" phx-update="stream">${each(items, (_, domId) => html`<li id="${domId}"></li>`)}</ul>
      ${status && async_result(status, { loading: () => 'loading', failed: String, ok: () => 'loaded' })}`

  it('brings the items when they are there, and says how it stands', async () => {
    const work = new Work<Item[]>()
    const rig = new Rig({
      mount: (socket) => socket.streamAsync('items', work.start, { status: 'status' }),
      render: rows,
    })
    expect(rig.sent.splice(0).join()).toContain('"1":"loading"')
    work.resolve([{ id: 1 }, { id: 2 }])
    await turn()
    expect(rig.sent.splice(0)).toEqual([
      expect.stringMatching(
        /"stream":\["\w+",\[\["items-1",-1,null,false\],\["items-2",-1,null,false\]\],\[\]\].*"1":"loaded"/,
      ),
    ])
  })

  it('needs no status', async () => {
    const rig = new Rig({ mount: (socket) => socket.streamAsync('items', () => [{ id: 1 }]), render: rows })
    await turn()
    expect(rig.sent.at(-1)).toContain('items-1')
    expect(rig.sent.join()).not.toContain('loaded')
  })

  it.each([
    { name: 'rejects', load: () => Promise.reject(failure), shown: 'out of order' },
    { name: 'gives no items', load: () => 7 as never, shown: 'ERR_STREAM' },
  ])('says so when it $name', async ({ load, shown }) => {
    const rig = new Rig({ mount: (socket) => socket.streamAsync('items', load, { status: 'status' }), render: rows })
    await turn()
    expect(rig.sent.at(-1)).toMatch(/^diff/)
    expect(rig.reported).toHaveLength(1)
    const { error } = rig.socket.context.status
    expect(`${String(error)} ${(error as { code?: string }).code}`).toContain(shown)
  })
})

describe('work of what is gone', () => {
  it('aborts when the view ends, and its outcome is dropped', async () => {
    const outcomes: unknown[] = []
    const rig = new Rig({ handleAsync: () => void outcomes.push(1) })
    const work = new Work<string>()
    await rig.run((socket) => socket.startAsync('x', work.start))
    rig.session.end()
    expect(work.aborted).toBe(true)
    work.reject(failure)
    await turn()
    rig.socket.startAsync('late', () => outcomes.push(2))
    expect([outcomes, rig.reported]).toEqual([[], []])
  })

  it('aborts when its component leaves the page, and its outcome is dropped', async () => {
    const work = new Work<{ price: number }>()
    let socket!: LiveComponentSocket<Context>
    const part = createLiveComponent<Context, { type: string }, object>({
      mount: (own) => {
        socket = own
        own.assignAsync('price', work.start)
      },
      render: ({ price }) => html`<p>${price.loading}</p>`,
    })
    const rig = new Rig({
      render: ({ price }, { live_component }) =>
        html`<div>${price === undefined && live_component(part, { id: 'a' })}</div>`,
    })
    await rig.run((view) => view.assign({ price: result({}) as AsyncResult<number> }))
    rig.session.receive('2', 'cids_will_destroy', { cids: [1] })
    rig.session.receive('3', 'cids_destroyed', { cids: [1] })
    expect(work.aborted).toBe(true)
    rig.sent.length = 0
    work.resolve({ price: 1 })
    // A callback of its own that ran on has no place on the page either.
    socket.assign({ price: result({ ok: true, value: 2 }) as AsyncResult<number> })
    await turn()
    expect(rig.sent).toEqual([])
  })
})

describe('timers', () => {
  it('repeat in the view’s order until they are stopped', async () => {
    let count = 0
    const rig = new Rig()
    let stop = (): void => {}
    await rig.run((socket) => void (stop = socket.repeat(() => void count++, 1000)))
    rig.time.advance(3500)
    await turn()
    expect(count).toBe(3)
    stop()
    rig.time.advance(5000)
    await turn()
    expect([count, rig.time.running]).toEqual([3, 0])
  })

  it('end with the view', async () => {
    let count = 0
    const rig = new Rig()
    await rig.run((socket) => void socket.repeat(() => void count++, 1000))
    rig.session.end()
    expect(rig.time.running).toBe(0)
    rig.socket.repeat(() => void count++, 1000)
    expect([count, rig.time.running]).toEqual([0, 0])
  })

  it('are not piled up before a slow view', async () => {
    const gate = new Work<void>()
    let count = 0
    const rig = new Rig()
    await rig.run((socket) => {
      socket.repeat(() => {
        count++
        return gate.promise
      }, 10)
    })
    rig.time.advance(1000)
    await turn()
    expect(count).toBe(1)
    gate.resolve()
    await turn()
    // The one that waited meanwhile.
    expect(count).toBe(2)
    expect(rig.reported).toEqual([])
  })

  it('that throw end the view', async () => {
    const rig = new Rig()
    await rig.run((socket) => {
      socket.repeat(() => {
        throw failure
      }, 10)
    })
    rig.time.advance(10)
    await turn()
    expect([rig.sent.at(-1), rig.reported]).toEqual(['phx_error', [['timer', '/', 'Error: out of order']]])
  })

  it('of a component that has left the page are still', async () => {
    let count = 0
    const part = createLiveComponent<Context, { type: string }, object>({
      mount: (socket) => void socket.repeat(() => void count++, 10),
      render: () => html`<p></p>`,
    })
    const rig = new Rig({
      render: ({ price }, { live_component }) =>
        html`<div>${price === undefined && live_component(part, { id: 'a' })}</div>`,
    })
    rig.time.advance(10)
    expect(count).toBe(1)
    await rig.run((view) => view.assign({ price: result({}) as AsyncResult<number> }))
    rig.session.receive('2', 'cids_will_destroy', { cids: [1] })
    rig.session.receive('3', 'cids_destroyed', { cids: [1] })
    rig.time.advance(100)
    expect([count, rig.time.running]).toEqual([1, 0])
  })

  it.each([
    { name: 'no function', run: undefined, ms: 10 },
    { name: 'no time', run: () => {}, ms: 0 },
    { name: 'a time that is no number', run: () => {}, ms: NaN },
    { name: 'a time without an end', run: () => {}, ms: Infinity },
    { name: 'a time in words', run: () => {}, ms: '5' },
  ])('with $name are refused', async ({ run, ms }) => {
    const rig = new Rig()
    await rig.run((socket) => {
      expect(() => socket.repeat(run as never, ms as never)).toThrow('repeat: expected a function and an interval')
    })
  })
})

describe('async_result', () => {
  const parts = {
    ok: (value: unknown, { loading, error }: AsyncResult) => `ok ${String(value)} ${loading} ${String(error)}`,
    loading: () => 'loading',
    failed: (error: unknown) => `failed ${String(error)}`,
  }

  it.each([
    { name: 'the first load', given: { loading: true }, shown: 'loading' },
    { name: 'a value', given: { ok: true, value: 1 }, shown: 'ok 1 false undefined' },
    { name: 'a failure', given: { error: 'no' }, shown: 'failed no' },
    { name: 'a failure that is tried again', given: { error: 'no', loading: true }, shown: 'loading' },
    { name: 'a value that loads again', given: { ok: true, value: 1, loading: true }, shown: 'ok 1 true undefined' },
    { name: 'a value whose reload failed', given: { ok: true, value: 1, error: 'no' }, shown: 'ok 1 false no' },
    { name: 'a value that is undefined', given: { ok: true }, shown: 'ok undefined false undefined' },
  ])('shows $name', ({ given, shown }) => {
    expect(async_result(result(given), parts)).toBe(shown)
  })

  it('prints nothing for what it is not told', () => {
    for (const given of [{ loading: true }, { error: 'no' }]) {
      expect(renderHtml(html`${async_result(result(given), { ok: () => '' })}`)).toBe('')
    }
  })

  it.each([undefined, null, 7, {}, { ok: true }])('throws for %j', (value) => {
    expect(() => async_result(value as never, parts)).toThrow('async_result: expected a value of assignAsync')
  })
})
