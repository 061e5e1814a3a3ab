/**
 * What breaks in each place of a view's life: what the page gets, what `onError` is told, and that nothing else happens. A promise
 * that rejects and is nobody's fails the whole run: vitest sees to that.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { turn } from '../../test/support/manual-time.ts'
import { type Callbacks, joined, type Reported, Rig } from '../../test/support/session-rig.ts'
import type { StandardSchema } from '../forms/schema.ts'
import { html } from '../template/html.ts'
import { createLiveComponent, type LiveComponentCallbacks } from '../live/component.ts'
import type { LiveComponentSocket } from '../live/socket.ts'
import type { RenderMeta } from '../live/render-meta.ts'

type Throw = () => never | Promise<never>
type ComponentCallbacks = LiveComponentCallbacks<
  { readonly count?: number },
  { readonly type: string },
  { count: number }
>

function fail(): never {
  throw new Error('broken')
}

/** The two ways in which a callback fails. */
const ways: readonly { readonly way: string; readonly broken: Throw }[] = [
  { way: 'at once', broken: fail },
  { way: 'later', broken: () => turn().then(fail) },
]

/** Fails from its second call on. */
function second(broken: Throw): () => void | Promise<void> {
  let calls = 0
  return () => (++calls > 1 ? broken() : undefined)
}

/** A view that shows one component, which is given the count. */
function withComponent(callbacks: Partial<ComponentCallbacks>): Partial<Callbacks> {
  const child = createLiveComponent<{ readonly count?: number }, { readonly type: string }, { count: number }>({
    render: ({ count }) => html`<b>${count}</b>`,
    ...callbacks,
  })
  return {
    render: ({ count }: { readonly count: number }, { live_component }: RenderMeta) =>
      html`<p>${live_component(child, { id: 'child', count })}</p>`,
  } as Partial<Callbacks>
}

/** Everything that a view may still ask for; none of it may reach the page. */
async function poke(rig: Rig): Promise<void> {
  const { socket } = rig
  if (socket !== undefined) {
    socket.assign({ count: 99 })
    socket.pushEvent('late')
    socket.pageTitle('late')
    socket.pushPatch('/page/8')
    socket.pushNavigate('/elsewhere')
    socket.redirect('/elsewhere')
    socket.putFlash('info', 'late')
    socket.sendInfo('late')
    void socket.subscribe('news')
    socket.startAsync('late', fail)
    socket.assignAsync('price', fail)
    socket.repeat(fail, 5)
  }
  rig.session.sendInfo('late')
  void rig.pubsub.publish('news', 'late')
  rig.event('90')
  rig.session.receive('91', 'live_patch', { url: 'http://localhost/page/9' })
  rig.time.advance(60_000)
  await turn()
  await turn()
}

/** The view ended by one failure, and is silent from then on. */
async function expectEnded(rig: Rig, sent: readonly string[], reported: Reported): Promise<void> {
  for (let at = 0; at < 5; at++) await turn()
  expect(rig.take()).toEqual(sent)
  expect(rig.reported).toEqual([reported])
  expect(rig.ended).toBe(1)
  await poke(rig)
  expect(rig.take()).toEqual([])
  expect(rig.reported).toEqual([reported])
  expect(rig.ended).toBe(1)
  expect(rig.time.running).toBe(0)
}

interface Case {
  readonly name: string
  readonly callbacks: (broken: Throw) => Partial<Callbacks>
  readonly reported: Partial<Reported> & { readonly stage: string }
}

const child = { component: 'child' }

describe('a join is refused, and the view never was, when what breaks is', () => {
  const waiting: readonly Case[] = [
    { name: 'a mount hook', callbacks: (broken) => ({ onMount: [broken] }), reported: { stage: 'mount' } },
    {
      name: 'a hook for mount',
      callbacks: (broken) => ({ onMount: [(socket) => socket.attachHook('a', 'mount', broken)] }),
      reported: { stage: 'mount' },
    },
    { name: 'mount', callbacks: (broken) => ({ mount: broken }), reported: { stage: 'mount' } },
    { name: 'handleParams', callbacks: (broken) => ({ handleParams: broken }), reported: { stage: 'params' } },
    {
      name: 'a hook for handleParams',
      callbacks: (broken) => ({ mount: (socket) => socket.attachHook('a', 'handleParams', broken) }),
      reported: { stage: 'params' },
    },
    {
      name: 'a component’s mount',
      callbacks: (broken) => withComponent({ mount: broken }),
      reported: { stage: 'component', ...child },
    },
    {
      name: 'a component’s update',
      callbacks: (broken) => withComponent({ update: broken }),
      reported: { stage: 'component', ...child },
    },
    {
      name: 'a component’s updateMany',
      callbacks: (broken) => withComponent({ updateMany: broken }),
      reported: { stage: 'component', ...child },
    },
  ]
  for (const { way, broken } of ways) {
    it.each(waiting)(`$name, ${way}`, async ({ callbacks, reported }) => {
      const rig = new Rig(callbacks(broken))
      rig.session.join('1')
      await expectEnded(rig, ['1 error {"reason":"join crashed"}'], { message: 'broken', ...reported })
    })
  }

  const rendering: readonly {
    readonly name: string
    readonly callbacks: Partial<Callbacks>
    readonly stage: string
  }[] = [
    { name: 'render', callbacks: { render: fail }, stage: 'render' },
    { name: 'a hook after it', callbacks: { mount: (s) => s.attachHook('a', 'afterRender', fail) }, stage: 'render' },
    { name: 'a component’s render', callbacks: withComponent({ render: fail }), stage: 'component' },
    {
      name: 'a hook after that',
      callbacks: withComponent({ mount: (s) => s.attachHook('a', 'afterRender', fail) }),
      stage: 'component',
    },
  ]
  it.each(rendering)('$name', async ({ callbacks, stage }) => {
    const rig = new Rig(callbacks)
    rig.session.join('1')
    const reported = { message: 'broken', stage, ...(stage === 'component' && child) }
    await expectEnded(rig, ['1 error {"reason":"join crashed"}'], reported)
  })

  it('mount, of a nested view at its last try: it shows nothing, and in development why', async () => {
    const crashed = (): [string, object] => ['shown', { html: 'why' }]
    const development = { warn() {}, checkRender() {}, crashed, joined: crashed }
    const rig = new Rig({ mount: fail }, { development }, { lastTry: true })
    rig.session.join('1')
    const e = [['liveloom:dead', { id: 'phx-V' }], crashed()]
    const answer = { rendered: { s: ['<template data-liveloom-dead></template>'], e }, liveview_version: '1.2.12' }
    await expectEnded(rig, [`1 ok ${JSON.stringify(answer)}`, 'phx_close'], { message: 'broken', stage: 'mount' })
  })

  it.each([
    { name: 'an object', value: {}, message: 'a plain object' },
    { name: 'a promise', value: Promise.resolve(1), message: 'a Promise' },
    { name: 'a function', value: () => 1, message: 'a function' },
  ])('a value that a template cannot show: $name', async ({ value, message }) => {
    const rig = new Rig({ render: () => html`<p>${value as unknown}</p>` })
    rig.session.join('1')
    await expectEnded(rig, ['1 error {"reason":"join crashed"}'], {
      message: expect.stringContaining(message) as string,
      stage: 'render',
    })
  })
})

const schemaThat = (broken: Throw): StandardSchema => ({
  '~standard': { version: 1, vendor: 'test', validate: broken },
})

const refusing: StandardSchema = {
  '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'no' }] }) },
}

describe('the page joins anew, with no answer to what it asked, when what breaks is', () => {
  const click = (rig: Rig): void => rig.event('2')
  const patch = (rig: Rig): void => rig.session.receive('2', 'live_patch', { url: 'http://localhost/page/8' })
  const atChild = (rig: Rig): void =>
    rig.session.receive('2', 'event', { type: 'click', event: 'go', value: {}, cid: 1 })
  const event = 'click'
  const cases: readonly (Case & { readonly act: (rig: Rig) => void })[] = [
    {
      name: 'handleEvent',
      callbacks: (broken) => ({ handleEvent: broken }),
      act: click,
      reported: { stage: 'event', event },
    },
    {
      name: 'a hook for events',
      callbacks: (broken) => ({ mount: (socket) => socket.attachHook('a', 'handleEvent', broken) }),
      act: click,
      reported: { stage: 'event', event },
    },
    {
      name: 'the schema of an event',
      callbacks: (broken) => ({ events: { click: schemaThat(broken) } }),
      act: click,
      reported: { stage: 'event', event },
    },
    {
      name: 'handleInvalidEvent',
      callbacks: (broken) => ({ events: { click: refusing }, handleInvalidEvent: broken }),
      act: click,
      reported: { stage: 'event', event },
    },
    {
      name: 'handleParams of a link',
      callbacks: (broken) => ({ handleParams: second(broken) }),
      act: patch,
      reported: { stage: 'params' },
    },
    {
      name: 'handleParams of pushPatch',
      callbacks: (broken) => ({
        handleParams: second(broken),
        handleEvent: (socket) => socket.pushPatch('/page/8'),
      }),
      act: click,
      reported: { stage: 'params', event },
    },
    {
      name: 'handleInfo',
      callbacks: (broken) => ({ handleInfo: broken }),
      act: (rig) => rig.session.sendInfo(1),
      reported: { stage: 'info' },
    },
    {
      name: 'a hook for infos',
      callbacks: (broken) => ({ mount: (socket) => socket.attachHook('a', 'handleInfo', broken) }),
      act: (rig) => rig.session.sendInfo(1),
      reported: { stage: 'info' },
    },
    {
      name: 'handleAsync',
      callbacks: (broken) => ({ handleAsync: broken }),
      act: (rig) => rig.socket.startAsync('load', () => 1),
      reported: { stage: 'async' },
    },
    {
      name: 'a hook for async results',
      callbacks: (broken) => ({ mount: (socket) => socket.attachHook('a', 'handleAsync', broken) }),
      act: (rig) => rig.socket.startAsync('load', () => 1),
      reported: { stage: 'async' },
    },
    {
      name: 'a timer',
      callbacks: (broken) => ({ mount: (socket) => void socket.repeat(broken, 100) }),
      act: (rig) => rig.time.advance(100),
      reported: { stage: 'timer' },
    },
    {
      name: 'a component’s handleEvent',
      callbacks: (broken) => withComponent({ handleEvent: broken }),
      act: atChild,
      reported: { stage: 'event', event: 'go', ...child },
    },
    {
      name: 'a component’s update by new props',
      callbacks: (broken) => withComponent({ update: second(broken) }),
      act: click,
      reported: { stage: 'component', event, ...child },
    },
    {
      name: 'a component’s handleAsync',
      callbacks: (broken) =>
        withComponent({
          handleEvent: (socket) => socket.startAsync('load', () => 1),
          handleAsync: broken,
        }),
      act: (rig) => {
        rig.session.receive(null, 'event', { type: 'click', event: 'go', value: {}, cid: 1 })
      },
      reported: { stage: 'async', ...child },
    },
  ]
  for (const { way, broken } of ways) {
    it.each(cases)(`$name, ${way}`, async ({ callbacks, act, reported }) => {
      const rig = await joined(callbacks(broken))
      act(rig)
      await expectEnded(rig, ['phx_error'], { message: 'broken', ...reported })
    })
  }

  const wrongValue = (count: number): unknown => (count === 0 ? 0 : {})
  const renders: readonly {
    readonly name: string
    readonly callbacks: Partial<Callbacks>
    readonly reported: object
  }[] = [
    {
      name: 'render',
      callbacks: { render: ({ count }) => (count === 0 ? html`<p></p>` : fail()) },
      reported: { message: 'broken', stage: 'render' },
    },
    {
      name: 'a value of the template',
      callbacks: { render: ({ count }) => html`<p>${wrongValue(count)}</p>` },
      reported: { message: expect.stringContaining('a plain object') as string, stage: 'render' },
    },
    {
      name: 'a hook after render',
      callbacks: { mount: (socket) => socket.attachHook('a', 'afterRender', second(fail) as () => void) },
      reported: { message: 'broken', stage: 'render' },
    },
    {
      name: 'a component’s render',
      callbacks: withComponent({ render: ({ count }) => (count === 0 ? html`<b></b>` : fail()) }),
      reported: { message: 'broken', stage: 'component', ...child },
    },
    {
      name: 'an answer that JSON cannot say',
      callbacks: { handleEvent: (socket) => socket.reply({ rows: [{ id: 1 }, { id: 2n }] }) },
      reported: {
        message: 'the answer of an event: answer.rows[1].id must be something that JSON can say, got the bigint 2',
        stage: 'event',
      },
    },
    {
      name: 'an event for the page that JSON cannot say',
      callbacks: {
        handleEvent: (socket) => {
          socket.pushEvent('fine', { at: new Date(0), lost: [undefined, Number.NaN, new Map()] })
          socket.pushEvent('big', { lost: Number.NaN, big: 1n })
        },
      },
      reported: {
        message: "pushEvent('big'): payload.big must be something that JSON can say, got the bigint 1",
        stage: 'event',
      },
    },
    {
      name: 'an event for the page that holds itself',
      callbacks: {
        handleEvent: (socket) => {
          const circle: Record<string, unknown> = {}
          socket.pushEvent('round', Object.assign(circle, { circle }))
        },
      },
      reported: {
        message: expect.stringMatching(
          /^pushEvent\('round'\): payload(\.circle)+[.a-z]*… must be something that JSON can say, got what holds itself/,
        ) as string,
        stage: 'event',
      },
    },
  ]
  it.each(renders)('$name', async ({ callbacks, reported }) => {
    const rig = await joined(callbacks)
    click(rig)
    await expectEnded(rig, ['phx_error'], { ...(reported as Reported), event })
  })

  for (const { way, broken } of ways) {
    it(`one of several components that gets what sendUpdate sends, ${way}`, async () => {
      const card = createLiveComponent<object, { readonly type: string }, { readonly breaks?: boolean }>({
        update: (_, { breaks }) => (breaks === true ? broken() : undefined),
        render: () => html`<b></b>`,
      })
      const rig = await joined({
        render: (_, { live_component }) =>
          html`<p>${live_component(card, { id: 7 })}${live_component(card, { id: 8 })}</p>`,
      })
      rig.socket.sendUpdate(card, { id: 7 })
      rig.socket.sendUpdate(card, { id: 7, breaks: true })
      await expectEnded(rig, ['phx_error'], { message: 'broken', stage: 'component', component: 7 })
    })
  }

  it('handleParams of a patch that a component asked for: the view’s, not its', async () => {
    const rig = await joined({
      ...withComponent({ handleEvent: (socket) => socket.pushPatch('/page/8') }),
      handleParams: second(fail),
    })
    atChild(rig)
    await expectEnded(rig, ['phx_error'], { message: 'broken', stage: 'params', event: 'go' })
  })

  it('the mailbox, over infos, while components are updated: none of them', async () => {
    const rig: Rig = await joined(
      withComponent({ update: (_, { count }) => (count > 0 ? rig.wait('never') : undefined) }),
    )
    click(rig)
    await turn()
    for (let at = 0; at < 11; at++) rig.socket.sendInfo(at)
    const message = '10 infos wait for the view (limits.maxMailbox of createLiveServer)'
    await expectEnded(rig, ['phx_error'], { message, stage: 'info' })
  })
})

describe('the view goes on when what breaks is', () => {
  for (const { way, broken } of ways) {
    it(`the work of assignAsync, ${way}: it is state, and reported`, async () => {
      const rig = await joined({
        render: ({ price }) => html`<p>${(price?.error as Error | undefined)?.message}</p>`,
      })
      rig.socket.assignAsync('price', broken)
      for (let at = 0; at < 4; at++) await turn()
      expect(rig.take()).toEqual(['diff {"0":"broken"}'])
      expect(rig.reported).toEqual([{ message: 'broken', stage: 'async' }])
      rig.event('2', { by: 0 })
      expect(rig.ended).toBe(0)
    })

    it(`the work of startAsync, ${way}: handleAsync has it`, async () => {
      const outcomes: unknown[] = []
      const rig = await joined({ handleAsync: (_, name, outcome) => void outcomes.push([name, outcome]) })
      rig.socket.startAsync('load', broken)
      for (let at = 0; at < 4; at++) await turn()
      expect(outcomes).toEqual([['load', { ok: false, error: new Error('broken') }]])
      expect(rig.reported).toEqual([])
      expect(rig.take()).toEqual([])
    })

    it(`shutdown, ${way}: it is reported, once`, async () => {
      const rig = await joined({ shutdown: broken })
      rig.session.leave('2')
      await Promise.all(rig.background)
      await turn()
      expect(rig.take()).toEqual(['2 ok {}', 'phx_close'])
      expect(rig.reported).toEqual([{ message: 'broken', stage: 'shutdown' }])
      expect(rig.ended).toBe(1)
    })
  }

  // The types refuse it.
  const later = (() => turn().then(fail)) as () => void
  it.each([
    {
      name: 'of the view',
      callbacks: { mount: (socket) => socket.attachHook('a', 'afterRender', later) } satisfies Partial<Callbacks>,
      reported: { stage: 'render' },
    },
    {
      name: 'of a component',
      callbacks: withComponent({ mount: (socket) => socket.attachHook('a', 'afterRender', later) }),
      reported: { stage: 'component', ...child },
    },
  ])('a hook after render, later: it is reported ($name)', async ({ callbacks, reported }) => {
    const told: object[] = []
    const rig = await joined(callbacks, {
      report: (_, { view, stage, component }) => told.push({ view, stage, component }),
    })
    await turn()
    expect(told).toEqual([{ view: '/page/:id', ...reported }])
    expect(rig.ended).toBe(0)
  })

  it('an upload call that nobody awaits: it is reported', async () => {
    const rig = await joined({
      handleEvent: (socket) => {
        void socket.consumeUploadedEntries('photos', () => 1)
        void socket.uploadedEntries('photos')
        void socket.cancelUpload('photos', '0')
      },
    })
    rig.event('2')
    await turn()
    expect(rig.take()).toEqual(['2 ok {}'])
    expect(rig.reported.map(({ stage }) => stage)).toEqual(['upload', 'upload', 'upload'])
    expect(rig.ended).toBe(0)
  })

  it('an upload call whose failure its caller takes: it is the caller’s alone', async () => {
    const caught: unknown[] = []
    const rig = await joined({
      handleEvent: async (socket) => {
        await socket.consumeUploadedEntries('photos', () => 1).catch((error: unknown) => caught.push(error))
        try {
          await socket.cancelUpload('photos', '0')
        } catch (error) {
          caught.push(error)
        }
      },
    })
    rig.event('2')
    await turn()
    expect(rig.take()).toEqual(['2 ok {}'])
    expect(caught).toHaveLength(2)
    expect(rig.reported).toEqual([])
  })
})

it('an upload call that is awaited and fails ends the view, and is reported once', async () => {
  const rig = await joined({ handleEvent: (socket) => socket.cancelUpload('photos', '0') })
  rig.event('2')
  await turn()
  expect(rig.take()).toEqual(['phx_error'])
  expect(rig.reported).toMatchObject([{ stage: 'event' }])
})

describe('a view ends as ever when', () => {
  const development = { warn() {}, checkRender() {}, crashed: fail, joined: (): [string, object] => ['joined', {}] }
  const told: unknown[] = []
  const report = (error: unknown): void => void told.push(error)
  for (const { way, broken } of ways) {
    it(`what shows the error in development fails, after a crash ${way}`, async () => {
      const rig = await joined({ handleEvent: broken }, { development })
      rig.event('2')
      for (let at = 0; at < 4; at++) await turn()
      expect(rig.take()).toEqual(['phx_error'])
      expect(rig.reported).toMatchObject([{ message: 'broken' }, { message: 'broken' }])
    })

    it(`what shows the error in development fails, after a join that fails ${way}`, async () => {
      const rig = new Rig({ mount: broken }, { development })
      rig.session.join('1')
      for (let at = 0; at < 4; at++) await turn()
      expect(rig.take()).toEqual(['1 error {"reason":"join crashed"}'])
      expect(rig.ended).toBe(1)
    })
  }

  const trap = new Proxy(
    {},
    {
      get: fail,
      has: fail,
      getPrototypeOf: fail,
    },
  )
  it.each([
    { name: 'null', thrown: null },
    { name: 'an object without a prototype', thrown: Object.create(null) as unknown },
    { name: 'an object that breaks whoever looks at it', thrown: trap },
  ])('what is thrown is $name', async ({ thrown }) => {
    const rig = await joined(
      {
        handleEvent: async () => {
          await turn()
          throw thrown
        },
      },
      { report },
    )
    told.length = 0
    rig.event('2')
    for (let at = 0; at < 4; at++) await turn()
    expect(rig.take()).toEqual(['phx_error'])
    expect(told[0] === thrown).toBe(true)
    const refused = new Rig(
      {
        mount: () => {
          throw thrown
        },
      },
      { report },
    )
    refused.session.join('1')
    expect(refused.take()).toEqual(['1 error {"reason":"join crashed"}'])
  })
})

describe('once a view has ended, what awaits may finish, and nothing else of it begins', () => {
  const slow = (rig: Rig): Promise<void> => rig.wait('slow')
  const end = (rig: Rig): void => rig.session.end()
  const click = (rig: Rig): void => rig.event('2')
  const calls: string[] = []
  const call = (name: string) => (): void => void calls.push(name)
  const all: Partial<Callbacks> = {
    mount: call('mount'),
    handleParams: call('handleParams'),
    handleEvent: call('handleEvent'),
    handleInfo: call('handleInfo'),
    handleAsync: call('handleAsync'),
    shutdown: call('shutdown'),
  }
  const hooked = (stage: 'handleEvent' | 'handleInfo' | 'handleParams' | 'handleAsync'): Partial<Callbacks> => ({
    ...all,
    mount: (socket) => {
      calls.push('mount')
      socket.attachHook('slow', stage, async () => {
        if (calls.includes('joined')) await slow(rig)
      })
      socket.attachHook('next', stage, () => {
        if (calls.includes('joined')) calls.push('the next hook')
      })
    },
  })
  let rig: Rig
  const rows: readonly {
    readonly name: string
    readonly callbacks: Partial<Callbacks>
    /** What it is doing when it ends; without it, joining. */
    readonly act?: (rig: Rig) => void
    readonly end?: (rig: Rig) => void
    readonly expected: readonly string[]
  }[] = [
    {
      name: 'mount: it is shut down when that is through',
      callbacks: { ...all, mount: () => slow(rig).then(call('mount')) },
      expected: ['ended', 'mount', 'shutdown'],
    },
    {
      name: 'mount, which then fails: nobody asks any more',
      callbacks: { ...all, mount: () => slow(rig).then(fail) },
      expected: ['ended'],
    },
    {
      name: 'mount, which had asked for another page',
      callbacks: { ...all, mount: (socket) => slow(rig).then(socket.redirect('/login') as never) },
      expected: ['ended'],
    },
    {
      name: 'mount, which ended it itself',
      callbacks: { ...all, mount: () => (end(rig), call('mount')()) },
      expected: ['mount', 'shutdown', 'ended'],
    },
    {
      name: 'a mount hook',
      callbacks: { ...all, onMount: [() => slow(rig), call('the next hook')] },
      expected: ['ended'],
    },
    {
      name: 'handleParams',
      callbacks: { ...all, handleParams: () => slow(rig).then(call('handleParams')) },
      expected: ['mount', 'shutdown', 'ended', 'handleParams'],
    },
    {
      name: 'a hook for handleParams',
      callbacks: hooked('handleParams'),
      act: (on) => on.session.receive('2', 'live_patch', { url: 'http://localhost/page/8' }),
      expected: ['shutdown', 'ended'],
    },
    { name: 'a hook for handleEvent', callbacks: hooked('handleEvent'), act: click, expected: ['shutdown', 'ended'] },
    {
      name: 'a hook for handleEvent, which ended it itself',
      callbacks: {
        ...all,
        mount: (socket) => socket.attachHook('end', 'handleEvent', () => end(rig)),
      },
      act: click,
      expected: ['shutdown', 'ended'],
    },
    {
      name: 'a hook for handleInfo',
      callbacks: hooked('handleInfo'),
      act: (on) => on.session.sendInfo(1),
      expected: ['shutdown', 'ended'],
    },
    {
      name: 'a hook for handleAsync',
      callbacks: hooked('handleAsync'),
      act: (on) => on.socket.startAsync('load', () => 1),
      expected: ['shutdown', 'ended'],
    },
    {
      name: 'the schema of an event',
      callbacks: { ...all, events: { click: schemaThat(() => slow(rig) as never) } },
      act: click,
      expected: ['shutdown', 'ended'],
    },
    {
      name: 'handleEvent, which asked for a patch',
      callbacks: {
        ...all,
        handleEvent: async (socket) => {
          socket.pushPatch('/page/8')
          await slow(rig)
          calls.push('handleEvent')
        },
      },
      act: click,
      expected: ['shutdown', 'ended', 'handleEvent'],
    },
    {
      name: 'a component’s mount',
      callbacks: {
        ...all,
        ...withComponent({ mount: () => slow(rig).then(call('its mount')), update: call('its update') }),
      },
      expected: ['mount', 'handleParams', 'shutdown', 'ended', 'its mount'],
    },
  ]
  it.each(rows)('$name', async ({ callbacks, act, expected }) => {
    calls.length = 0
    rig = new Rig(callbacks)
    rig.session.join('1')
    await turn()
    if (act !== undefined) {
      calls.splice(0, calls.length, 'joined')
      rig.take()
      act(rig)
      await turn()
    }
    end(rig)
    calls.push('ended')
    await rig.end('slow')
    for (let at = 0; at < 4; at++) await turn()
    await Promise.all(rig.background)
    expect(calls.filter((name) => name !== 'joined')).toEqual(expected)
    expect(rig.take()).toEqual([])
    expect(rig.reported).toEqual([])
  })

  it('a server that closes waits for the shutdown behind a mount', async () => {
    let closed = false
    rig = new Rig({ mount: () => slow(rig), shutdown: () => rig.wait('close').then(() => void (closed = true)) })
    rig.session.join('1')
    rig.session.end()
    expect(rig.background).toHaveLength(1)
    await rig.end('slow')
    expect(closed).toBe(false)
    await rig.end('close')
    await rig.background[0]
    expect(closed).toBe(true)
  })
})

describe('a component that has left the page', () => {
  it('reaches it no more, whatever it still does', async () => {
    let gone: LiveComponentSocket<object> | undefined
    const card = createLiveComponent<object>({
      mount: (socket) => void (gone = socket),
      render: () => html`<b></b>`,
    })
    const rig = await joined({
      render: ({ count }, { live_component }) =>
        html`<p>${count === 0 ? live_component(card, { id: 'a' }) : undefined}</p>`,
    })
    rig.event('2')
    rig.session.receive('3', 'cids_will_destroy', { cids: [1] })
    rig.session.receive('4', 'cids_destroyed', { cids: [1] })
    await turn()
    expect(rig.take()).toEqual(['2 ok {"diff":{"0":""}}', '3 ok {}', '4 ok {"cids":[1]}'])
    gone!.assign({ late: true })
    gone!.pushEvent('late')
    gone!.pushNavigate('/late')
    gone!.putFlash('info', 'late')
    gone!.clearFlash()
    await turn()
    expect(rig.take()).toEqual([])
    expect(rig.ended).toBe(0)
  })
})

describe('a flood of infos', () => {
  it('of one moment is rendered once', async () => {
    const rig = await joined({ handleInfo: (socket) => socket.assign({ count: socket.context.count + 1 }) })
    for (let at = 0; at < 1000; at++) rig.session.sendInfo(at)
    await turn()
    expect(rig.take()).toEqual(['diff {"0":"1000"}'])
  })

  it('that comes while an async handler runs is handled in order, and rendered once behind it', async () => {
    const infos: unknown[] = []
    const rig = await joined(
      {
        mount: (socket) => socket.subscribe('news'),
        handleInfo: (socket, info) => {
          infos.push(info)
          socket.assign({ count: infos.length })
        },
      },
      { maxMailbox: 1000 },
    )
    rig.event('2', { wait: 'a', by: 0 })
    const sent = Array.from({ length: 999 }, (_, at) => at)
    for (const at of sent) {
      void rig.pubsub.publish('news', at)
      await Promise.resolve()
    }
    rig.event('3', { by: 0 })
    expect(rig.take()).toEqual([])
    await rig.end('a')
    await turn()
    expect(infos).toEqual(sent)
    expect(rig.take()).toEqual(['2 ok {}', '3 ok {"diff":{"0":"999"}}'])
  })

  it('of async handlers is rendered a few times, not once for each', async () => {
    const rig = await joined(
      {
        handleInfo: async (socket) => {
          await Promise.resolve()
          socket.assign({ count: socket.context.count + 1 })
        },
      },
      { maxMailbox: 1000 },
    )
    for (let at = 0; at < 1000; at++) rig.session.sendInfo(at)
    for (let at = 0; at < 5; at++) await turn()
    const sent = rig.take()
    expect(sent.length).toBeLessThan(4)
    expect(sent.at(-1)).toBe('diff {"0":"1000"}')
  })

  it('that comes one by one is rendered as often as a screen shows pictures, and nothing of it is lost', async () => {
    const rig = await joined({ handleInfo: (socket) => socket.assign({ count: socket.context.count + 1 }) })
    for (let at = 0; at < 1000; at++) {
      rig.session.sendInfo(at)
      await Promise.resolve()
      rig.time.advance(1)
    }
    rig.time.advance(16)
    const sent = rig.take()
    expect(sent.slice(0, 3)).toEqual(['diff {"0":"1"}', 'diff {"0":"2"}', 'diff {"0":"3"}'])
    expect(sent.length).toBeLessThan(80)
    expect(sent.at(-1)).toBe('diff {"0":"1000"}')
  })

  it('never has an event answered with less than was before it', async () => {
    const rig = await joined({ handleInfo: (socket) => socket.assign({ count: socket.context.count + 1 }) })
    const shown: number[] = []
    for (let at = 1; at <= 200; at++) {
      rig.session.sendInfo(at)
      if (at % 3 === 0) await Promise.resolve()
      if (at % 20 !== 0) continue
      rig.event(String(at), { by: 0 })
      // Answered at once, since its handler is; the rig's own one is async.
      await turn()
      const counts = rig.take().map((frame) => Number(/"0":"(\d+)"/.exec(frame)?.[1] ?? shown.at(-1)))
      shown.push(...counts)
      expect(counts.at(-1)).toBe(at)
    }
    expect(shown).toEqual(shown.toSorted((a, b) => a - b))
  })

  it('that a busy view cannot take ends it, with one report, and leaves the others alone', async () => {
    const busy = await joined({ mount: (socket) => socket.subscribe('news') }, { maxMailbox: 1000 })
    const received: unknown[] = []
    busy.pubsub.subscribe('news', (info) => received.push(info))
    busy.event('2', { wait: 'a' })
    for (let at = 0; at < 10_000; at++) void busy.pubsub.publish('news', at)
    expect(busy.take()).toEqual(['phx_error'])
    expect(busy.reported).toEqual([
      { message: '1000 infos wait for the view (limits.maxMailbox of createLiveServer)', stage: 'info' },
    ])
    expect(busy.ended).toBe(1)
    expect(received).toHaveLength(10_000)
    await busy.end('a')
    expect(busy.take()).toEqual([])
  })

  it('that onError itself goes on with does not end a view twice', async () => {
    const reports: string[] = []
    const rig: Rig = await joined(
      {},
      {
        report: (error) => {
          reports.push((error as Error).message)
          rig.session.sendInfo('an error')
        },
      },
    )
    rig.event('2', { wait: 'a' })
    for (let at = 0; at < 11; at++) rig.session.sendInfo(at)
    expect(reports).toEqual(['10 infos wait for the view (limits.maxMailbox of createLiveServer)'])
    expect(rig.take()).toEqual(['phx_error'])
  })
})

describe('whatever a page and its view do', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('event', 'info', 'slow', 'outside', 'turn') },
    { weight: 2, arbitrary: fc.constantFrom('answer', 'second', 'late') },
    { weight: 1, arbitrary: fc.constantFrom('crash', 'crash later', 'crash in render', 'crash of info', 'leave') },
  )

  it('each push is answered at most once, in order, and exactly once while the view lives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const rig = await joined(
          {
            handleEvent: async (socket, { wait, type }) => {
              if (type === 'crash') fail()
              if (wait !== undefined) await rig.wait(wait)
              if (type === 'crash later') fail()
              socket.assign({ count: type === 'crash in render' ? -1 : socket.context.count + 1 })
            },
            handleInfo: (socket, info) =>
              info === 'crash' ? fail() : socket.assign({ count: socket.context.count + 1 }),
            render: ({ count }) => (count < 0 ? fail() : html`<p>${count}</p>`),
          },
          { maxMailbox: 1000 },
        )
        const refs: string[] = []
        const waits: string[] = []
        const sent: string[] = []
        const push = (value: object, event = 'click'): void => {
          if (rig.ended > 0) return
          refs.push(String(refs.length + 2))
          rig.event(refs.at(-1)!, value, event)
        }
        const slow = (event: string): void => {
          waits.push(`wait ${waits.length}`)
          push({ wait: waits.at(-1) }, event)
        }
        for (const what of steps) {
          switch (what) {
            case 'event':
            case 'crash':
            case 'crash in render':
              push({}, what)
              break
            case 'slow':
            case 'crash later':
              slow(what)
              break
            case 'info':
              rig.session.sendInfo(what)
              break
            case 'crash of info':
              rig.session.sendInfo('crash')
              break
            case 'outside':
              rig.socket.assign({ count: rig.socket.context.count + 1 })
              break
            case 'answer':
              if (waits.length > 0) await rig.end(waits.shift()!)
              break
            case 'second':
              rig.time.advance(1000)
              break
            case 'late':
              rig.time.advance(20_000)
              break
            case 'leave':
              rig.session.end()
              break
            case 'turn':
              await turn()
          }
        }
        const alive = rig.ended === 0
        for (const wait of waits) await rig.end(wait)
        await turn()
        rig.time.advance(20_000)
        await turn()
        sent.push(...rig.take())
        const answers = sent.flatMap((frame) => /^(\d+) (ok|error) /.exec(frame)?.[1] ?? [])
        expect(answers).toEqual(refs.slice(0, answers.length))
        const crashed = sent.filter((frame) => frame === 'phx_error').length
        expect(crashed).toBe(rig.reported.length)
        expect(crashed).toBeLessThan(2)
        if (crashed > 0) expect(sent.at(-1)).toBe('phx_error')
        if (alive && rig.ended === 0) expect(answers).toEqual(refs)
      }),
    )
  })
})
