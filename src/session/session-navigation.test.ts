/** What a view tells its page when it goes elsewhere, and the hooks of its life: frame by frame. */
import { describe, expect, it } from 'vitest'
import { manualHost, plainSession } from '../../test/support/manual-host.ts'
import { ManualTime, turn } from '../../test/support/manual-time.ts'
import { html } from '../template/html.ts'
import { createSigner } from '../token/signer.ts'
import { createLiveComponent } from '../live/component.ts'
import type { Flash } from '../live/flash.ts'
import { noRoute } from '../live/instance.ts'
import type { SessionOptions } from './options.ts'
import { LiveSession } from './session.ts'
import type { LiveComponentSocket, LiveViewSocket, OnMount } from '../live/socket.ts'
import { createLiveView, type LiveViewCallbacks } from '../live/view.ts'

interface Context {
  readonly text: string
}
interface Event {
  readonly type: string
  readonly values: unknown
}
type Callbacks = Partial<LiveViewCallbacks<Context, Event, string, unknown>>
type Socket = LiveViewSocket<Context>

interface RigOptions {
  readonly onMount?: readonly OnMount[]
  readonly flash?: Flash
  readonly parent?: Rig
  readonly sticky?: boolean
}

/** Shows its text and its flash. Every event, info and param that a test gives no meaning is a text. */
class Rig {
  readonly time = new ManualTime()
  readonly sent: string[] = []
  readonly reported: string[] = []
  readonly session: LiveSession
  socket!: Socket
  ended = 0
  readonly #signer = createSigner('s'.repeat(32), () => this.time.now)

  constructor(callbacks: Callbacks = {}, { onMount = [], flash = {}, parent, sticky = false }: RigOptions = {}) {
    const { mount, ...others } = callbacks
    const view = createLiveView<Context, Event>({
      mount: (socket, session, params) => {
        this.socket = socket
        socket.assign({ text: 'mounted' })
        return mount?.(socket, session, params)
      },
      render: ({ text }, { flash }) => html`${text}|${Object.values(flash).join()}`,
      ...others,
    })
    const options: SessionOptions = {
      ...plainSession,
      view,
      name: '/page/:id',
      id: 'phx-V',
      instanceId: 'instance',
      url: 'http://localhost/page/1',
      params: parent === undefined && !sticky ? { id: '1' } : undefined,
      session: { user: 1 },
      flash,
      parent: parent?.session,
      sticky,
      onMount,
      host: manualHost(this.time, {
        signer: this.#signer,
        report: (error, { stage }) => this.reported.push(`${stage}: ${(error as Error).message}`),
      }),
    }
    this.session = new LiveSession(
      options,
      {
        reply: (ref, status, response) => this.#sent(`${ref} ${status} ${response}`),
        push: (event, payload) => this.#sent(`${event} ${payload}`),
        close: () => this.#sent('phx_close'),
        error: () => this.#sent('phx_error'),
      },
      {
        csrfToken: () => 'csrf',
        sendingFiles: 0,
        ask: (tell: (alive: boolean) => void) => tell(true),
        hold() {},
        release() {},
        left() {},
        patch: (_, url) => {
          const { pathname, searchParams } = new URL(url)
          const id = /^\/page\/(.*)$/.exec(pathname)?.[1]
          return id === undefined
            ? { kind: 'other' }
            : { kind: 'same', params: { ...Object.fromEntries(searchParams), id }, route: noRoute }
        },
        ended: () => this.ended++,
      },
    )
  }

  /** Shows what a signed flash says. */
  #sent(text: string): void {
    this.sent.push(
      text.replaceAll(/"flash":"([^"]+)"/g, (_, token: string) => {
        const flash = JSON.stringify(this.#signer.verify('flash', token, 1000))
        return `"flash":${flash}`
      }),
    )
  }

  event(ref: string, type = 'go', more: object = {}): void {
    this.session.receive(ref, 'event', { type: 'click', event: type, value: {}, ...more })
  }

  patch(ref: string, path: string): void {
    this.session.receive(ref, 'live_patch', { url: `http://localhost${path}` })
  }

  /** What was sent since the last look, once nothing is left to do. */
  async take(): Promise<string[]> {
    await turn()
    return this.sent.splice(0)
  }
}

async function joined(...options: ConstructorParameters<typeof Rig>): Promise<Rig> {
  const rig = new Rig(...options)
  rig.session.join('1')
  expect((await rig.take()).join()).toMatch(/^1 ok .*"liveview_version":"[\d.]+"\}$/)
  return rig
}

/** Shows where it is. */
const showsParams: Callbacks = {
  handleParams: (socket, url, { id }) => socket.assign({ text: `${String(id)} ${url.href}` }),
}

describe('a navigation asked for in an event', () => {
  it.each<{ name: string; go: (socket: Socket) => void; frames: string[] }>([
    {
      name: 'patches: the URL, then the answer with what the params changed',
      go: (socket) => socket.pushPatch('/page/2?a=b'),
      frames: ['live_patch {"to":"/page/2?a=b","kind":"push"}', '5 ok {"diff":{"0":"2 http://localhost/page/2?a=b"}}'],
    },
    {
      name: 'patches in place of the entry in the history',
      go: (socket) => socket.pushPatch('/page/2', { replace: true }),
      frames: ['live_patch {"to":"/page/2","kind":"replace"}', '5 ok {"diff":{"0":"2 http://localhost/page/2"}}'],
    },
    {
      name: 'patches with events, which stand in the answer',
      go: (socket) => {
        socket.pushEvent('e', { a: 1 })
        socket.pushPatch('/page/2')
      },
      frames: [
        'live_patch {"to":"/page/2","kind":"push"}',
        '5 ok {"diff":{"0":"2 http://localhost/page/2","e":[["e",{"a":1}]]}}',
      ],
    },
    {
      name: 'patches with a message, which is shown',
      go: (socket) => {
        socket.putFlash('info', 'Saved')
        socket.pushPatch('/page/2')
      },
      frames: [
        'live_patch {"to":"/page/2","kind":"push"}',
        '5 ok {"diff":{"0":"2 http://localhost/page/2","1":"Saved"}}',
      ],
    },
    {
      name: 'patches with an answer to the event',
      go: (socket) => {
        socket.reply({ ok: true })
        socket.pushPatch('/page/2')
      },
      frames: [
        'live_patch {"to":"/page/2","kind":"push"}',
        '5 ok {"diff":{"0":"2 http://localhost/page/2","r":{"ok":true}}}',
      ],
    },
    {
      name: 'patches where only the last of several counts',
      go: (socket) => {
        socket.pushPatch('/page/2')
        socket.pushPatch('/page/3')
      },
      frames: ['live_patch {"to":"/page/3","kind":"push"}', '5 ok {"diff":{"0":"3 http://localhost/page/3"}}'],
    },
    {
      name: 'navigates: the answer, then the end of the channel',
      go: (socket) => socket.pushNavigate('/other'),
      frames: ['5 ok {"live_redirect":{"to":"/other","kind":"push"}}', 'phx_close'],
    },
    {
      name: 'navigates with events first, and with the messages of this callback',
      go: (socket) => {
        socket.assign({ text: 'never seen' })
        socket.putFlash('info', 'Gone')
        socket.pushEvent('e')
        socket.pushNavigate('/other', { replace: true })
      },
      frames: [
        'diff {"e":[["e",{}]]}',
        '5 ok {"live_redirect":{"to":"/other","kind":"replace","flash":{"info":"Gone"}}}',
        'phx_close',
      ],
    },
    {
      name: 'redirects: the answer, then the end of the channel',
      go: (socket) => socket.redirect({ external: 'https://other.test/' }),
      frames: ['5 ok {"redirect":{"to":"https://other.test/"}}', 'phx_close'],
    },
    {
      name: 'redirects with events first and with messages',
      go: (socket) => {
        socket.putFlash('error', 'No')
        socket.pushEvent('e')
        socket.redirect('/login')
      },
      frames: ['diff {"e":[["e",{}]]}', '5 ok {"redirect":{"to":"/login","flash":{"error":"No"}}}', 'phx_close'],
    },
    {
      name: 'goes where the last word leads',
      go: (socket) => {
        socket.redirect('/login')
        socket.pushPatch('/page/2')
        socket.pushNavigate('/other')
      },
      frames: ['5 ok {"live_redirect":{"to":"/other","kind":"push"}}', 'phx_close'],
    },
  ])('$name', async ({ go, frames }) => {
    const rig = await joined({ ...showsParams, handleEvent: (socket) => go(socket) })
    rig.event('5')
    expect(await rig.take()).toEqual(frames)
    expect(rig.ended).toBe(frames.includes('phx_close') ? 1 : 0)
    // The same of an async handler.
    const later = await joined({ ...showsParams, handleEvent: async (socket) => go(socket) })
    later.event('5')
    expect(await later.take()).toEqual(frames)
    expect(rig.reported).toEqual([])
  })

  it('takes along what the callback put, and nothing from before it', async () => {
    const rig = await joined(
      {
        handleEvent: (socket, { type }) => {
          if (type === 'put') socket.putFlash('info', 'old')
          else socket.pushNavigate('/other')
        },
      },
      { flash: { warning: 'older' } },
    )
    rig.event('4', 'put')
    rig.event('5')
    expect((await rig.take()).slice(1)).toEqual(['5 ok {"live_redirect":{"to":"/other","kind":"push"}}', 'phx_close'])
  })

  it('ends the view once, calls its shutdown, and nothing behind it is handled', async () => {
    const calls: string[] = []
    const rig = await joined({
      handleEvent: (socket, { type }) => {
        calls.push(type)
        socket.pushNavigate('/other')
      },
      shutdown: () => void calls.push('shutdown'),
    })
    rig.event('5', 'first')
    rig.event('6', 'second')
    expect((await rig.take()).filter((frame) => frame === 'phx_close')).toHaveLength(1)
    expect(calls).toEqual(['first', 'shutdown'])
  })

  it('is refused without an end when the path is hostile, and the handler may go on', async () => {
    const rig = await joined({
      handleEvent: (socket) => {
        expect(() => socket.pushNavigate('//evil.test')).toThrow('pushNavigate')
        expect(() => socket.redirect('javascript:alert(1)')).toThrow('redirect')
        socket.assign({ text: 'still here' })
      },
    })
    rig.event('5')
    expect(await rig.take()).toEqual(['5 ok {"diff":{"0":"still here"}}'])
  })
})

describe('a navigation asked for elsewhere', () => {
  it.each<{ name: string; callbacks?: Callbacks; act: (rig: Rig) => void }>([
    {
      name: 'an info',
      callbacks: { handleInfo: (socket, to) => socket.pushPatch(to as string) },
      act: (rig) => rig.session.sendInfo('/page/2'),
    },
    { name: 'a timer', act: (rig) => rig.session.call('timer', () => rig.socket.pushPatch('/page/2')) },
    { name: 'no callback at all', act: (rig) => rig.socket.pushPatch('/page/2') },
    {
      name: 'the result of async work',
      callbacks: { handleAsync: (socket) => socket.pushPatch('/page/2') },
      act: (rig) => rig.socket.startAsync('work', () => Promise.resolve()),
    },
  ])('patches out of $name', async ({ callbacks, act }) => {
    const rig = await joined({ ...showsParams, ...callbacks })
    act(rig)
    expect(await rig.take()).toEqual([
      'live_patch {"to":"/page/2","kind":"push"}',
      'diff {"0":"2 http://localhost/page/2"}',
    ])
  })

  it.each<{ name: string; go: (socket: Socket) => void; frames: string[] }>([
    {
      name: 'navigates',
      go: (socket) => socket.pushNavigate('/other'),
      frames: ['live_redirect {"to":"/other","kind":"push","flash":{"info":"Hi"}}', 'phx_close'],
    },
    {
      name: 'redirects',
      go: (socket) => socket.redirect('/other'),
      frames: ['redirect {"to":"/other","flash":{"info":"Hi"}}', 'phx_close'],
    },
  ])('$name out of an info', async ({ go, frames }) => {
    const rig = await joined({
      handleInfo: (socket) => {
        socket.putFlash('info', 'Hi')
        go(socket)
      },
    })
    rig.session.sendInfo(1)
    expect(await rig.take()).toEqual(frames)
  })

  it('goes on from the params that the page asked for', async () => {
    const rig = await joined({
      handleParams: (socket, _, { id }) => {
        if (id === 'old') socket.pushPatch('/page/new', { replace: true })
        socket.assign({ text: String(id) })
      },
    })
    rig.patch('5', '/page/old')
    expect(await rig.take()).toEqual(['live_patch {"to":"/page/new","kind":"replace"}', '5 ok {"diff":{"0":"new"}}'])
  })

  it('leaves out of the params that the page asked for', async () => {
    const rig = await joined({
      handleParams: (socket, _, { id }) => {
        if (id === 'secret') socket.redirect('/login')
      },
    })
    rig.patch('5', '/page/secret')
    expect(await rig.take()).toEqual(['5 ok {"redirect":{"to":"/login"}}', 'phx_close'])
  })

  it('leaves out of a component, with the message that it put', async () => {
    const leaver = createLiveComponent<object, Event>({
      handleEvent: (socket) => {
        socket.putFlash('info', 'from inside')
        socket.pushNavigate('/other')
      },
      render: (_, { myself }) => html`<b phx-target=${myself}></b>`,
    })
    const rig = await joined({ render: (_, { live_component }) => html`<i>${live_component(leaver, { id: 1 })}</i>` })
    rig.event('5', 'go', { cid: 1 })
    expect(await rig.take()).toEqual([
      '5 ok {"live_redirect":{"to":"/other","kind":"push","flash":{"info":"from inside"}}}',
      'phx_close',
    ])
  })

  it('patches out of a component: the params are the view’s', async () => {
    const patcher = createLiveComponent<object, Event>({
      handleEvent: (socket) => socket.pushPatch('/page/2'),
      render: () => html`<b></b>`,
    })
    const rig = await joined({
      ...showsParams,
      render: ({ text }, { live_component }) => html`<i>${text}${live_component(patcher, { id: 1 })}</i>`,
    })
    rig.event('5', 'go', { cid: 1 })
    expect(await rig.take()).toEqual([
      'live_patch {"to":"/page/2","kind":"push"}',
      '5 ok {"diff":{"0":"2 http://localhost/page/2"}}',
    ])
  })

  it('leaves when a component asks for it while it is updated', async () => {
    const leaver = createLiveComponent<{ leave?: boolean }, Event>({
      update: (socket, props) => {
        if ((props as { leave?: boolean }).leave === true) socket.pushNavigate('/other')
      },
      render: () => html`<b></b>`,
    })
    const rig = await joined({
      handleEvent: (socket) => socket.assign({ text: 'leave' }),
      render: ({ text }, { live_component }) =>
        html`<i>${live_component(leaver, { id: 1, leave: text === 'leave' } as never)}</i>`,
    })
    rig.event('5')
    expect(await rig.take()).toEqual(['5 ok {}', 'live_redirect {"to":"/other","kind":"push"}', 'phx_close'])
  })
})

describe('a navigation asked for in mount', () => {
  it.each<{ name: string; go: (socket: Socket) => void; frames: string[] }>([
    {
      name: 'navigates, with all messages and events',
      go: (socket) => {
        socket.putFlash('error', 'No')
        socket.pushEvent('e')
        socket.pushNavigate('/other')
      },
      frames: [
        '1 error {"live_redirect":{"to":"/other","kind":"push","flash":{"info":"kept","error":"No"}},"events":[["e",{}]]}',
      ],
    },
    {
      name: 'redirects',
      go: (socket) => socket.redirect('/other'),
      frames: ['1 error {"redirect":{"to":"/other","flash":{"info":"kept"}},"events":[]}'],
    },
  ])('$name', async ({ go, frames }) => {
    for (const callbacks of [
      { mount: (socket: Socket) => go(socket) },
      { mount: async (socket: Socket) => go(socket) },
      { handleParams: (socket: Socket) => go(socket) },
    ]) {
      const rig = new Rig(callbacks, { flash: { info: 'kept' } })
      rig.session.join('1')
      expect(await rig.take()).toEqual(frames)
      expect(rig.ended).toBe(1)
      expect(rig.reported).toEqual([])
    }
  })

  it('patches: the join tells the URL, and the messages of the page before are kept', async () => {
    const ended: string[] = []
    const rig = new Rig(
      {
        handleParams: (socket, _, { id }) => {
          socket.assign({ text: String(id) })
          if (id === '1') socket.pushPatch('/page/2', { replace: true })
        },
        shutdown: () => void ended.push('shutdown'),
      },
      { flash: { info: 'kept' } },
    )
    rig.session.join('1')
    expect(await rig.take()).toEqual([
      '1 ok {"rendered":{"0":"2","1":"kept","s":0,"p":{"0":["","|",""]}},"liveview_version":"1.2.12","live_patch":{"to":"/page/2","kind":"replace"}}',
    ])
    rig.session.end()
    expect(ended).toEqual(['shutdown'])
  })

  it('patches in mount itself: the params of both URLs are given, and the view is shut down as any other', async () => {
    const calls: string[] = []
    const rig = new Rig({
      mount: (socket) => socket.pushPatch('/page/2'),
      handleParams: (_, __, { id }) => void calls.push(String(id)),
      shutdown: () => void calls.push('shutdown'),
    })
    rig.session.join('1')
    expect((await rig.take()).join()).toContain('"live_patch":{"to":"/page/2","kind":"push"}')
    rig.session.end()
    expect(calls).toEqual(['1', '2', 'shutdown'])
  })
})

describe('a patch', () => {
  it('of the page clears the messages, and is answered with what changed', async () => {
    const rig = await joined(showsParams, { flash: { info: 'old' } })
    rig.patch('5', '/page/2')
    expect(await rig.take()).toEqual(['5 ok {"diff":{"0":"2 http://localhost/page/2","1":""}}'])
  })

  it('of the page keeps what its params put', async () => {
    const rig = await joined({ handleParams: (socket, _, { id }) => socket.putFlash('info', `at ${String(id)}`) })
    rig.patch('5', '/page/2')
    expect(await rig.take()).toEqual(['5 ok {"diff":{"1":"at 2"}}'])
  })

  it('of the view clears the messages from before', async () => {
    const rig = await joined({ handleEvent: (socket) => socket.pushPatch('/page/2') }, { flash: { info: 'old' } })
    rig.event('5')
    expect(await rig.take()).toEqual(['live_patch {"to":"/page/2","kind":"push"}', '5 ok {"diff":{"1":""}}'])
  })

  it('of the page to another view has it navigate there, and this one is left as it is', async () => {
    const rig = await joined(showsParams, { flash: { info: 'old' } })
    rig.patch('5', '/other')
    expect(await rig.take()).toEqual(['5 ok {"link_redirect":true}'])
    rig.patch('6', '/page/2')
    expect(await rig.take()).toEqual(['6 ok {"diff":{"0":"2 http://localhost/page/2","1":""}}'])
  })

  it('of the view to another view ends it, and says why', async () => {
    const rig = await joined({ handleEvent: (socket) => socket.pushPatch('/other') })
    rig.event('5')
    expect(await rig.take()).toEqual(['phx_error'])
    expect(rig.reported).toEqual(["event: pushPatch('/other'): the path is not one of this view; use pushNavigate"])
  })

  it('that patches for ever is stopped', async () => {
    let count = 0
    const rig = await joined({
      handleParams: (socket, _, { id }) => {
        if (id === '1') return
        count++
        socket.pushPatch(`/page/${count + 1}`)
      },
    })
    rig.patch('5', '/page/0')
    expect(await rig.take()).toEqual(['phx_error'])
    expect(rig.reported.join()).toContain('patched 20 times in a row; does handleParams patch?')
    expect(count).toBe(21)
  })

  it.each(['javascript:alert(1)', '/page/2', 'http://', 7, null, { a: 1 }])('to %j is refused', async (url) => {
    const rig = await joined(showsParams)
    rig.session.receive('5', 'live_patch', { url })
    expect(await rig.take()).toEqual(['5 error {"reason":"unknown message"}'])
  })

  it('keeps the origin of the page for a view’s path, and where it is for the template', async () => {
    const rig = await joined({
      handleEvent: (socket) => socket.pushPatch('/page/2?x=1'),
      render: (_, { url }) => html`${url.href}`,
    })
    rig.event('5')
    expect(await rig.take()).toEqual([
      'live_patch {"to":"/page/2?x=1","kind":"push"}',
      '5 ok {"diff":{"0":"http://localhost/page/2?x=1"}}',
    ])
  })
})

describe('a push that was answered late', () => {
  const late = async (go: (socket: Socket) => void): Promise<string[]> => {
    let end = (): void => {}
    const slow = new Promise<void>((resolve) => (end = resolve))
    const rig = await joined({
      ...showsParams,
      handleEvent: async (socket) => {
        await slow
        go(socket)
      },
    })
    rig.event('5')
    rig.time.advance(20_000)
    expect(await rig.take()).toEqual(['5 ok {}'])
    end()
    return rig.take()
  }

  it.each<{ name: string; go: (socket: Socket) => void; frames: string[] }>([
    {
      name: 'patches',
      go: (socket) => socket.pushPatch('/page/2'),
      frames: ['live_patch {"to":"/page/2","kind":"push"}', 'diff {"0":"2 http://localhost/page/2"}'],
    },
    {
      name: 'navigates',
      go: (socket) => socket.pushNavigate('/other'),
      frames: ['live_redirect {"to":"/other","kind":"push"}', 'phx_close'],
    },
    {
      name: 'redirects',
      go: (socket) => socket.redirect('/other'),
      frames: ['redirect {"to":"/other"}', 'phx_close'],
    },
  ])('$name by a push of its own', async ({ go, frames }) => {
    expect(await late(go)).toEqual(frames)
  })

  it('and was a patch to another view has the page navigate all the same', async () => {
    let end = (): void => {}
    const slow = new Promise<void>((resolve) => (end = resolve))
    const rig = await joined({ handleEvent: () => slow })
    rig.event('5')
    rig.patch('6', '/other?a=b')
    rig.time.advance(20_000)
    expect(await rig.take()).toEqual(['5 ok {}', '6 ok {}'])
    end()
    expect(await rig.take()).toEqual(['live_redirect {"to":"http://localhost/other?a=b","kind":"replace"}'])
  })
})

describe('a view inside another', () => {
  it('patches the URL of the outermost one, with its messages', async () => {
    const root = await joined(showsParams)
    const parent = await joined({}, { parent: root })
    const child = await joined(
      {
        handleEvent: (socket) => {
          socket.assign({ text: 'patched' })
          socket.putFlash('info', 'from the child')
          socket.pushPatch('/page/2', { replace: true })
        },
      },
      { parent },
    )
    child.event('5')
    expect((await child.take())[0]).toContain('5 ok {"diff":{"0":"patched"')
    expect(await parent.take()).toEqual([])
    expect(await root.take()).toEqual([
      'live_patch {"to":"/page/2","kind":"replace"}',
      'diff {"0":"2 http://localhost/page/2","1":"from the child"}',
    ])
  })

  it('is not called with params, and sends the page elsewhere itself', async () => {
    const root = await joined()
    const child = await joined(
      {
        handleParams: () => {
          throw new Error('a nested view has no URL')
        },
        handleEvent: (socket) => socket.pushNavigate('/other'),
      },
      { parent: root },
    )
    child.event('5')
    expect(await child.take()).toEqual(['5 ok {"live_redirect":{"to":"/other","kind":"push"}}', 'phx_close'])
    expect(child.reported).toEqual([])
  })

  it('has the page that it asks to patch navigate', async () => {
    const child = await joined({}, { parent: await joined() })
    child.patch('5', '/page/2')
    expect(await child.take()).toEqual(['5 ok {"link_redirect":true}'])
  })

  it('goes along with the page when it is sticky, and has no URL to patch', async () => {
    const rig = await joined(
      {
        handleEvent: (socket, { type }) => {
          socket.assign({ text: type })
          if (type === 'patch') socket.pushPatch('/page/2')
          else socket.pushNavigate('/other')
        },
      },
      { sticky: true },
    )
    rig.event('5', 'navigate')
    expect(await rig.take()).toEqual(['5 ok {"live_redirect":{"to":"/other","kind":"push"}}', 'diff {"0":"navigate"}'])
    rig.event('6', 'patch')
    expect(await rig.take()).toEqual(['phx_error'])
    expect(rig.reported.join()).toContain('this view has no URL of its own; use pushNavigate')
  })
})

describe('the flash', () => {
  const saves: Callbacks = { handleEvent: (socket) => socket.putFlash('info', 'Saved'), handleInfo: () => {} }
  it.each([
    { name: 'what an earlier callback put does not', act: () => {}, flash: '' },
    {
      name: 'what is put beside it does',
      act: (rig: Rig) => rig.socket.putFlash('error', 'Bye'),
      flash: ',"flash":{"error":"Bye"}',
    },
    {
      name: 'what is put beside it does, also when another message is handled first',
      act: (rig: Rig) => rig.socket.putFlash('error', 'Bye'),
      next: (rig: Rig) => rig.session.sendInfo('other'),
      flash: ',"flash":{"error":"Bye"}',
    },
  ])('goes along with a navigation outside of callbacks: $name', async ({ act, next, flash }) => {
    const rig = await joined(saves, { flash: { warning: 'of the page before' } })
    rig.event('5')
    await rig.take()
    act(rig)
    rig.socket.pushNavigate('/other')
    next?.(rig)
    expect(await rig.take()).toEqual([`live_redirect {"to":"/other","kind":"push"${flash}}`, 'phx_close'])
  })

  it('that the page came with does not go along with a later navigation', async () => {
    const rig = await joined({}, { flash: { info: 'of the page before' } })
    rig.socket.pushNavigate('/other')
    expect(await rig.take()).toEqual(['live_redirect {"to":"/other","kind":"push"}', 'phx_close'])
  })

  it('is put, replaced and cleared, by name and whole', async () => {
    const rig = await joined({
      handleEvent: (socket, { type }) => {
        if (type === 'put') {
          socket.putFlash('info', 'A')
          socket.putFlash('error', 'B')
        } else if (type === 'replace') socket.putFlash('info', 'C')
        else socket.clearFlash(type === 'all' ? undefined : type)
      },
    })
    const shown = async (event: string): Promise<string | undefined> => {
      rig.event('5', event)
      return /"1":"([^"]*)"/.exec((await rig.take()).join())?.[1]
    }
    expect(await shown('put')).toBe('A,B')
    expect(await shown('replace')).toBe('C,B')
    expect(await shown('unknown')).toBeUndefined()
    expect(await shown('info')).toBe('B')
    expect(await shown('all')).toBe('')
  })

  it.each<{ name: string; value: unknown; left: string }>([
    { name: 'one message', value: { key: 'info' }, left: 'B' },
    { name: 'all', value: {}, left: '' },
    { name: 'all for what is no name', value: { key: 7 }, left: '' },
  ])('is cleared by the page: $name', async ({ value, left }) => {
    const rig = await joined({}, { flash: { info: 'A', error: 'B' } })
    rig.session.receive('5', 'event', { type: 'click', event: 'lv:clear-flash', value })
    expect(await rig.take()).toEqual([`5 ok {"diff":{"1":"${left}"}}`])
  })

  it.each(['toString', '__proto__', 'constructor', 'missing'])('has nothing called %s to clear', async (key) => {
    const rig = await joined({}, { flash: { info: 'A' } })
    rig.session.receive('5', 'event', { type: 'click', event: 'lv:clear-flash', value: JSON.parse(`{"key":"${key}"}`) })
    expect(await rig.take()).toEqual(['5 ok {}'])
  })

  it('of a component is the page’s', async () => {
    const part = createLiveComponent<object, Event>({
      handleEvent: (socket, { type }) =>
        type === 'put' ? socket.putFlash('info', 'from inside') : socket.clearFlash('info'),
      render: () => html`<b></b>`,
    })
    const rig = await joined({
      render: (_, { live_component, flash }) => html`<i>${flash['info']}${live_component(part, { id: 1 })}</i>`,
    })
    rig.event('5', 'put', { cid: 1 })
    rig.event('6', 'clear', { cid: 1 })
    expect(await rig.take()).toEqual(['5 ok {"diff":{"0":"from inside"}}', '6 ok {"diff":{"0":""}}'])
  })

  it('is cleared by a component’s part of the page as well', async () => {
    const part = createLiveComponent({ render: () => html`<b></b>` })
    const rig = await joined(
      { render: (_, { live_component, flash }) => html`<i>${flash['info']}${live_component(part, { id: 1 })}</i>` },
      { flash: { info: 'A' } },
    )
    rig.event('5', 'lv:clear-flash', { cid: 1 })
    expect(await rig.take()).toEqual(['5 ok {"diff":{"0":""}}'])
  })
})

describe('the title', () => {
  it('goes along with a diff, once, and alone when nothing else changed', async () => {
    const rig = await joined({ handleEvent: (socket, { type }) => socket.pageTitle(type) })
    rig.event('5', 'A')
    rig.event('6', 'A')
    rig.event('7', 'B')
    expect(await rig.take()).toEqual(['5 ok {"diff":{"t":"A"}}', '6 ok {}', '7 ok {"diff":{"t":"B"}}'])
  })

  it.each([undefined, null, 7, {}])('is text: %j is refused', async (title) => {
    const rig = await joined({ handleEvent: (socket) => socket.pageTitle(title as never) })
    rig.event('5')
    expect(await rig.take()).toEqual(['phx_error'])
    expect(rig.reported.join()).toContain('pageTitle: expected text, got')
  })

  it('is that of the page’s own view: one inside it sets none', async () => {
    const callbacks: Callbacks = {
      mount: (socket) => socket.pageTitle('inside'),
      handleEvent: (socket) => socket.pageTitle('inside'),
    }
    const child = new Rig(callbacks, { parent: await joined() })
    child.session.join('1')
    child.event('5')
    expect((await child.take()).join()).not.toContain('inside')
    const sticky = await joined(callbacks, { sticky: true })
    sticky.event('5')
    expect(await sticky.take()).toEqual(['5 ok {}'])
  })

  it('set by the params goes along with a patch', async () => {
    const rig = await joined({ handleParams: (socket, _, { id }) => socket.pageTitle(`Page ${String(id)}`) })
    rig.patch('5', '/page/2')
    expect(await rig.take()).toEqual(['5 ok {"diff":{"t":"Page 2"}}'])
  })
})

describe('hooks of the mount', () => {
  const named = (calls: string[], name: string): OnMount => {
    return (_socket, session, params) => void calls.push(`${name} ${JSON.stringify([session, params])}`)
  }

  it('run in order: the live session’s, the view’s, the attached ones, then mount', async () => {
    const calls: string[] = []
    const facts = '[{"user":1},{"id":"1"}]'
    await joined(
      {
        onMount: [
          (socket) => {
            calls.push('view')
            socket.attachHook('late', 'mount', named(calls, 'attached'))
          },
        ],
        mount: () => void calls.push('mount'),
      },
      {
        onMount: [
          named(calls, 'session 1'),
          async (socket) => {
            await turn()
            calls.push('session 2')
            socket.assign({ text: 'assigned' })
          },
        ],
      },
    )
    expect(calls).toEqual([`session 1 ${facts}`, 'session 2', 'view', `attached ${facts}`, 'mount'])
  })

  it.each<{ name: string; hook: OnMount }>([
    {
      name: 'and halts',
      hook: (socket) => {
        socket.redirect('/login')
        return 'halt'
      },
    },
    { name: 'and says nothing of halting', hook: (socket) => socket.redirect('/login') },
    {
      name: 'and is async',
      hook: async (socket) => {
        await turn()
        socket.redirect('/login')
        return 'halt'
      },
    },
  ])('end the mount when one leaves $name', async ({ hook }) => {
    const calls: string[] = []
    const rig = new Rig(
      {
        onMount: [named(calls, 'view')],
        mount: () => void calls.push('mount'),
        handleParams: () => void calls.push('params'),
      },
      { onMount: [hook, named(calls, 'next')] },
    )
    rig.session.join('1')
    await turn()
    expect(await rig.take()).toEqual(['1 error {"redirect":{"to":"/login"},"events":[]}'])
    expect(calls).toEqual([])
  })

  it.each<{ name: string; hook: OnMount }>([
    { name: 'nowhere', hook: () => 'halt' },
    {
      name: 'only to another URL of the view',
      hook: (socket) => {
        socket.pushPatch('/page/2')
        return 'halt'
      },
    },
  ])('must say where to go when they halt: $name', async ({ hook }) => {
    const rig = new Rig({}, { onMount: [hook] })
    rig.session.join('1')
    expect(await rig.take()).toEqual(['1 error {"reason":"join crashed"}'])
    expect(rig.reported).toEqual([
      "mount: the hook 'hook' of onMount halted the mount and said nowhere to go: call redirect or pushNavigate in it",
    ])
  })

  it('may not give back what says nothing known', async () => {
    const wrong = (() => null) as never
    const rig = new Rig({ onMount: [wrong] })
    rig.session.join('1')
    expect(await rig.take()).toEqual(['1 error {"reason":"join crashed"}'])
    expect(rig.reported).toEqual([
      "mount: the hook 'wrong' of onMount gave back null; expected 'continue', 'halt' or nothing",
    ])
  })

  it('may patch and let the mount go on', async () => {
    const rig = new Rig(showsParams, { onMount: [(socket) => socket.pushPatch('/page/2')] })
    rig.session.join('1')
    const sent = (await rig.take()).join()
    expect(sent).toContain('"0":"2 http://localhost/page/2"')
    expect(sent).toContain('"live_patch":{"to":"/page/2","kind":"push"}')
  })

  it('that throw refuse the join', async () => {
    const rig = new Rig(
      {},
      {
        onMount: [
          () => {
            throw new Error('broken')
          },
        ],
      },
    )
    rig.session.join('1')
    expect(await rig.take()).toEqual(['1 error {"reason":"join crashed"}'])
    expect(rig.reported).toEqual(['mount: broken'])
  })
})

describe('attached hooks', () => {
  type Stage = 'handleParams' | 'handleEvent' | 'handleInfo' | 'handleAsync'

  /** Makes each stage happen once. */
  const happen: Record<Stage, (rig: Rig) => void> = {
    handleParams: (rig) => rig.patch('5', '/page/2'),
    handleEvent: (rig) => rig.event('5'),
    handleInfo: (rig) => rig.session.sendInfo('info'),
    handleAsync: (rig) => rig.socket.startAsync('work', () => Promise.resolve()),
  }
  const stages = Object.keys(happen) as Stage[]

  /** A view that writes down its callbacks, once it is mounted. */
  const recorded = async (
    attach: (socket: Socket, calls: string[]) => void,
  ): Promise<{ rig: Rig; calls: string[] }> => {
    const calls: string[] = []
    const record = (): void => void calls.push('view')
    const rig = await joined({
      handleParams: record,
      handleEvent: record,
      handleInfo: record,
      handleAsync: record,
    })
    calls.length = 0
    attach(rig.socket, calls)
    return { rig, calls }
  }

  it.each(stages)('of %s run before the view’s callback, in order', async (stage) => {
    const { rig, calls } = await recorded((socket, calls) => {
      socket.attachHook('b', stage, () => void calls.push('b'))
      socket.attachHook('a', stage, async () => {
        await turn()
        calls.push('a')
        return 'continue' as const
      })
    })
    happen[stage](rig)
    await turn()
    await rig.take()
    expect(calls).toEqual(['b', 'a', 'view'])
    expect(rig.reported).toEqual([])
  })

  it.each(stages)('of %s keep it from those behind when they halt, async or not', async (stage) => {
    for (const halt of [() => 'halt' as const, async () => 'halt' as const]) {
      const { rig, calls } = await recorded((socket, calls) => {
        socket.attachHook('a', stage, () => void calls.push('a'))
        socket.attachHook('halts', stage, halt)
        socket.attachHook('c', stage, () => void calls.push('c'))
      })
      happen[stage](rig)
      await turn()
      await rig.take()
      expect(calls).toEqual(['a'])
    }
  })

  it.each(stages)('of %s may take themselves away', async (stage) => {
    const { rig, calls } = await recorded((socket, calls) => {
      socket.attachHook('once', stage, () => {
        calls.push('once')
        socket.detachHook('once', stage)
      })
      socket.attachHook('always', stage, () => void calls.push('always'))
    })
    for (let time = 0; time < 2; time++) {
      happen[stage](rig)
      await rig.take()
      await turn()
    }
    expect(calls).toEqual(['once', 'always', 'view', 'always', 'view'])
  })

  it.each(stages)('of %s may leave for another page', async (stage) => {
    const { rig, calls } = await recorded((socket) => {
      socket.attachHook('leave', stage, (hooked: LiveViewSocket) => {
        hooked.pushNavigate('/other')
        return 'halt' as const
      })
    })
    happen[stage](rig)
    await turn()
    const sent = await rig.take()
    expect(sent.join()).toContain('"to":"/other"')
    expect(sent.at(-1)).toBe('phx_close')
    expect(calls).toEqual([])
  })

  it('of an event may answer it', async () => {
    const { rig, calls } = await recorded((socket) => {
      socket.attachHook('answers', 'handleEvent', (_, event) => {
        if (event.type === 'ask') return { halt: true, reply: { answer: 42 } }
      })
    })
    rig.event('5', 'ask')
    rig.event('6', 'other')
    expect(await rig.take()).toEqual(['5 ok {"diff":{"r":{"answer":42}}}', '6 ok {}'])
    expect(calls).toEqual(['view'])
  })

  it('are given what the callback is given', async () => {
    const seen: unknown[] = []
    const { rig } = await recorded((socket) => {
      socket.attachHook(
        'h',
        'handleParams',
        (hooked, url, params) => void seen.push(hooked === socket, url.href, params),
      )
      socket.attachHook('h', 'handleEvent', (_, { type, values }) => void seen.push(type, values))
      socket.attachHook('h', 'handleInfo', (_, info) => void seen.push(info))
      socket.attachHook('h', 'handleAsync', (_, name, outcome) => void seen.push(name, outcome))
    })
    for (const stage of stages) {
      happen[stage](rig)
      await rig.take()
    }
    expect(seen).toEqual([
      true,
      'http://localhost/page/2',
      { id: '2' },
      'go',
      {},
      'info',
      'work',
      { ok: true, value: undefined },
    ])
  })

  it('of an info or an event make up for a callback that the view does not have', async () => {
    const rig = await joined()
    rig.socket.attachHook('h', 'handleEvent', () => 'halt')
    rig.socket.attachHook('h', 'handleInfo', () => 'halt')
    rig.session.sendInfo('info')
    rig.event('5')
    expect(await rig.take()).toEqual(['5 ok {}'])
  })

  it('that throw end the view, and the stage is told', async () => {
    for (const stage of stages) {
      const { rig, calls } = await recorded((socket) => {
        socket.attachHook('throws', stage, () => {
          throw new Error('broken')
        })
      })
      happen[stage](rig)
      await turn()
      expect(await rig.take()).toEqual(['phx_error'])
      expect(rig.reported).toEqual([`${stage.slice('handle'.length).toLowerCase()}: broken`])
      expect(calls).toEqual([])
    }
  })

  it('after a render see each, also that of the join', async () => {
    const renders: string[] = []
    const rig = await joined({
      mount: (socket) => {
        socket.attachHook('h', 'afterRender', (hooked) => void renders.push(String(hooked.context['text'])))
      },
      handleEvent: (socket, { type }) => {
        if (type !== 'nothing') socket.assign({ text: type })
      },
    })
    rig.event('5', 'A')
    rig.event('6', 'nothing')
    await rig.take()
    expect(renders).toEqual(['mounted', 'A'])
  })

  it('after a render cause none with what they assign: the next one shows it', async () => {
    let renders = 0
    const rig = await joined({
      mount: (socket) => {
        socket.attachHook('count', 'afterRender', (hooked) => hooked.assign({ text: `after ${++renders}` }))
      },
      handleEvent: (socket) => socket.putFlash('info', 'F'),
    })
    expect(await rig.take()).toEqual([])
    expect(renders).toBe(1)
    rig.event('5')
    expect(await rig.take()).toEqual(['5 ok {"diff":{"0":"after 1","1":"F"}}'])
    expect(renders).toBe(2)
  })

  it('after a render may push events, which go along', async () => {
    const rig = await joined({
      mount: (socket) => {
        socket.attachHook('h', 'afterRender', (hooked) => hooked.pushEvent('rendered'))
      },
      handleEvent: (socket, { type }) => socket.assign({ text: type }),
    })
    rig.event('5', 'A')
    expect(await rig.take()).toEqual(['5 ok {"diff":{"0":"A","e":[["rendered",{}]]}}'])
  })

  it('after a render that turn out to be async and fail are reported', async () => {
    const rig = await joined({
      mount: (socket) => {
        // @ts-expect-error The mistake that is tested.
        socket.attachHook('h', 'afterRender', async () => Promise.reject(new Error('broken')))
      },
    })
    await turn()
    expect(rig.reported).toEqual(['render: broken'])
  })

  it.each<{ name: string; attach: (socket: Socket) => void; message: string }>([
    {
      name: 'an unknown stage',
      attach: (socket) => socket.attachHook('a', 'handleRender' as 'mount', () => {}),
      message: "attachHook('a'): a view has no stage 'handleRender'; it has mount, handleParams, handleConnect",
    },
    {
      name: 'what is no function',
      attach: (socket) => socket.attachHook('a', 'handleInfo', 'x' as never),
      message: "attachHook('a', 'handleInfo'): expected a function, got 'x'",
    },
    {
      name: 'a name that is taken',
      attach: (socket) => {
        socket.attachHook('a', 'handleInfo', () => {})
        socket.attachHook('a', 'handleEvent', () => {})
        socket.attachHook('a', 'handleInfo', () => {})
      },
      message: "attachHook('a', 'handleInfo'): the name is taken",
    },
  ])('are refused with $name', async ({ attach, message }) => {
    const rig = await joined()
    expect(() => attach(rig.socket)).toThrow(expect.objectContaining({ code: 'ERR_HOOK' }))
    const other = await joined()
    expect(() => attach(other.socket)).toThrow(message)
  })

  const attach =
    (stage: 'mount' | 'handleParams') =>
    (socket: Socket): void =>
      socket.attachHook('a', stage, () => {})
  const late = "attachHook('a', 'mount'): the hooks of this mount have been called; attach it in a hook of onMount"
  const nested =
    "attachHook('a'): a nested view has no stage 'handleParams'; it has mount, handleConnect, handleEvent, handleInfo, handleAsync, afterRender"

  it.each<{ name: string; callbacks: Callbacks; options?: RigOptions; message: string }>([
    { name: 'mount, in mount', callbacks: { mount: attach('mount') }, message: `mount: ${late}` },
    {
      name: 'mount, in a hook of mount',
      callbacks: { onMount: [(socket) => socket.attachHook('b', 'mount', attach('mount'))] },
      message: `mount: ${late}`,
    },
    { name: 'mount, in handleParams', callbacks: { handleParams: attach('mount') }, message: `params: ${late}` },
    {
      name: 'handleParams, in a nested view',
      callbacks: { mount: attach('handleParams') },
      options: { parent: new Rig() },
      message: `mount: ${nested}`,
    },
    {
      name: 'handleParams, in a sticky view',
      callbacks: { onMount: [attach('handleParams')] },
      options: { sticky: true },
      message: `mount: ${nested}`,
    },
  ])('are refused for a stage that does not come: $name', async ({ callbacks, options, message }) => {
    const rig = new Rig(callbacks, options)
    rig.session.join('1')
    expect(await rig.take()).toEqual(['1 error {"reason":"join crashed"}'])
    expect(rig.reported).toEqual([message])
  })

  describe.each(['mount', ...stages] as const)('of %s', (stage) => {
    const attachTo = async (result: unknown): Promise<Rig> => {
      const hook = (): never => result as never
      const rig = new Rig({
        onMount: [(socket) => socket.attachHook('wrong', stage, hook)],
        handleEvent: () => {},
        handleInfo: () => {},
        handleAsync: () => {},
      })
      rig.session.join('1')
      await turn()
      if (stage !== 'mount' && stage !== 'handleParams') happen[stage](rig)
      await turn()
      return rig
    }
    const answers = stage === 'handleEvent'

    it.each<{ result: unknown; got: string }>([
      { result: null, got: 'null' },
      { result: false, got: 'false' },
      { result: 'stop', got: "'stop'" },
      { result: Promise.resolve(7), got: '7' },
      { result: ['halt'], got: 'an array' },
      { result: { halt: false }, got: 'a plain object' },
      { result: { reply: {} }, got: 'a plain object' },
      { result: { halt: true, reply: 'x' }, got: 'a plain object' },
      { result: { halt: true, reply: [] }, got: 'a plain object' },
      ...(answers ? [] : [{ result: { halt: true }, got: 'a plain object' }]),
    ])('may not give back $result', async ({ result, got }) => {
      const rig = await attachTo(result)
      const expected = `'continue', 'halt'${answers ? ', { halt: true, reply: { … } }' : ''} or nothing`
      const message = `: the hook 'wrong' of ${stage} gave back ${got}; expected ${expected}`
      expect(rig.reported).toEqual([expect.stringContaining(message)])
    })
  })

  it('that are unknown may be taken away', async () => {
    const rig = await joined()
    expect(() => rig.socket.detachHook('nobody', 'handleInfo')).not.toThrow()
  })
})

describe('hooks of a component', () => {
  it('see its own events alone, and its renders', async () => {
    const calls: string[] = []
    const part = createLiveComponent<{ text: string }, Event>({
      mount: (socket) => {
        socket.assign({ text: '' })
        socket.attachHook('h', 'handleEvent', (_, { type }) => {
          calls.push(`hook ${type}`)
          return type === 'stop' ? 'halt' : 'continue'
        })
        socket.attachHook('h', 'afterRender', () => void calls.push('rendered'))
      },
      handleEvent: (socket, { type }) => socket.assign({ text: type }),
      render: ({ text }) => html`<b>${text}</b>`,
    })
    const rig = await joined({
      handleEvent: (_, { type }) => void calls.push(`view ${type}`),
      render: (_, { live_component }) => html`<i>${live_component(part, { id: 1 } as never)}</i>`,
    })
    rig.event('5', 'A', { cid: 1 })
    rig.event('6', 'stop', { cid: 1 })
    rig.event('7', 'B')
    await rig.take()
    expect(calls).toEqual(['rendered', 'hook A', 'rendered', 'hook stop', 'view B'])
  })

  it('see what its own work came to, and may keep it from the component', async () => {
    const calls: unknown[] = []
    let part!: LiveComponentSocket<Context>
    const component = createLiveComponent<Context>({
      mount: (socket) => {
        part = socket
        socket.assign({ text: '' })
        socket.attachHook('h', 'handleAsync', async (hooked, name, outcome) => {
          await turn()
          calls.push(hooked === socket, name, outcome)
          return name === 'kept' ? 'halt' : 'continue'
        })
      },
      handleAsync: (socket, name) => socket.assign({ text: `${name} came` }),
      render: ({ text }) => html`<b>${text}</b>`,
    })
    const rig = await joined({
      handleAsync: () => void calls.push('view'),
      render: (_, { live_component }) => html`<i>${live_component(component, { id: 1 })}</i>`,
    })
    part.startAsync('kept', () => 1)
    part.startAsync('passed', () => 2)
    for (let wait = 0; wait < 4; wait++) await turn()
    expect(await rig.take()).toEqual(['diff {"c":{"1":{"0":"passed came"}}}'])
    expect(calls).toEqual([true, 'kept', { ok: true, value: 1 }, true, 'passed', { ok: true, value: 2 }])
  })

  it.each(['mount', 'handleParams', 'handleInfo'] as const)('have no stage %s', async (stage) => {
    const part = createLiveComponent({
      mount: (socket) => socket.attachHook('h', stage as never, (() => {}) as never),
      render: () => html`<b></b>`,
    })
    const rig = new Rig({ render: (_, { live_component }) => html`<i>${live_component(part, { id: 1 })}</i>` })
    rig.session.join('1')
    expect(await rig.take()).toEqual(['1 error {"reason":"join crashed"}'])
    expect(rig.reported.join()).toContain(
      `attachHook('h'): a component has no stage '${stage}'; it has handleConnect, handleEvent, handleAsync, afterRender`,
    )
  })
})
