import {
  type ComponentHooks,
  createLiveComponent,
  createLiveServer,
  createLiveView,
  type Hooks,
  html,
  type LiveComponentSocket,
  type LiveSocket,
  type LiveViewSocket,
  type OnMount,
  type Params,
  type SessionData,
} from 'liveloom'
import { describe, expectTypeOf, it } from 'vitest'

interface Context {
  readonly count: number
  readonly user: { readonly name: string }
}
type User = Pick<Context, 'user'>

describe('the hooks of a view', () => {
  it('know its context and what only a view has', () => {
    createLiveView<Context, { type: 'inc' }, 'photo'>({
      mount: (socket) => {
        socket.attachHook('a', 'handleEvent', (hooked, event) => {
          expectTypeOf(hooked).toEqualTypeOf<LiveViewSocket<Context, 'photo'>>()
          expectTypeOf(hooked.context.count).toBeNumber()
          expectTypeOf(event.type).toBeString()
          expectTypeOf(event['anything']).toBeUnknown()
          hooked.pageTitle('x')
          hooked.assign({ count: 1 })
          // @ts-expect-error The context has no such field.
          hooked.assign({ cuont: 1 })
          // @ts-expect-error The view has no such upload.
          void hooked.allowUpload('video')
          return { halt: true, reply: { answer: 1 } }
        })
        socket.attachHook('a', 'mount', (_, session, params) => {
          expectTypeOf(session).toEqualTypeOf<SessionData>()
          expectTypeOf(params).toEqualTypeOf<Params>()
        })
        socket.attachHook('a', 'handleParams', async (_, url) => {
          expectTypeOf(url).toEqualTypeOf<URL>()
          if (url.hash !== '') return 'halt'
        })
        socket.attachHook('a', 'handleConnect', (hooked) => {
          expectTypeOf(hooked.connectParams).toEqualTypeOf<Readonly<Record<string, unknown>>>()
          return 'halt'
        })
        socket.attachHook('a', 'handleInfo', (_, info) => void expectTypeOf(info).toBeUnknown())
        socket.attachHook('a', 'handleAsync', (_, name, outcome) => {
          expectTypeOf(name).toBeString()
          if (outcome.ok) expectTypeOf(outcome.value).toBeUnknown()
        })
        socket.attachHook('a', 'afterRender', (hooked) => hooked.pushEvent('rendered'))
      },
      render: () => html``,
    })
  })

  it('are refused where they do not fit', () => {
    const { attachHook, detachHook } = {} as LiveViewSocket<Context>
    // @ts-expect-error There is no such stage.
    attachHook('a', 'handleRender', () => {})
    // @ts-expect-error There is no such stage.
    detachHook('a', 'handleRender')
    // @ts-expect-error Only an event can be answered.
    attachHook('a', 'handleInfo', () => ({ halt: true, reply: {} }))
    // @ts-expect-error An answer is an object.
    attachHook('a', 'handleEvent', () => ({ halt: true, reply: 'x' }))
    // @ts-expect-error What goes on is not answered.
    attachHook('a', 'handleEvent', () => ({ halt: false }))
    // @ts-expect-error A hook goes on or halts.
    attachHook('a', 'handleEvent', () => 'stop')
    // @ts-expect-error A hook says nothing, not null.
    attachHook('a', 'handleEvent', () => null)
    // @ts-expect-error A render cannot wait.
    attachHook('a', 'afterRender', async () => {})
  })
})

describe('the hooks of a component', () => {
  it('know its context and what only a component has', () => {
    createLiveComponent<Context, { type: 'inc' }, object, 'photo'>({
      mount: (socket) => {
        socket.attachHook('a', 'handleEvent', (hooked) => {
          expectTypeOf(hooked).toEqualTypeOf<LiveComponentSocket<Context, 'photo'>>()
          expectTypeOf(hooked.context.count).toBeNumber()
          // @ts-expect-error Only a view subscribes.
          hooked.subscribe('x')
          // @ts-expect-error Only a view has a title.
          hooked.pageTitle('x')
        })
        socket.attachHook('a', 'handleAsync', async (_, name) => (name === 'a' ? 'halt' : 'continue'))
        socket.attachHook('a', 'afterRender', () => {})
        // @ts-expect-error A component cannot wait with a render either.
        socket.attachHook('a', 'afterRender', async () => {})
        // @ts-expect-error Its mount is its own.
        socket.attachHook('a', 'mount', () => {})
        // @ts-expect-error It has no URL.
        socket.attachHook('a', 'handleParams', () => {})
        // @ts-expect-error It gets no infos.
        socket.attachHook('a', 'handleInfo', () => {})
        // @ts-expect-error It has no such stage.
        socket.detachHook('a', 'handleInfo')
      },
      render: () => html`<p></p>`,
    })
  })
})

describe('hooks for many views', () => {
  const anyView: OnMount = (socket, session, params) => {
    expectTypeOf(socket).toEqualTypeOf<LiveViewSocket>()
    expectTypeOf(session).toEqualTypeOf<SessionData>()
    expectTypeOf(params).toEqualTypeOf<Params>()
    socket.assign({ user: { name: 'Ada' } })
    socket.attachHook('a', 'handleEvent', (hooked) => hooked.pageTitle(String(hooked.context['user'])))
    socket.attachHook('a', 'handleParams', () => 'continue')
    // @ts-expect-error Any view means that nothing is known of its context.
    expectTypeOf(socket.context['count']).toBeNumber()
  }
  const withUser: OnMount<User> = (socket) => {
    socket.assign({ user: { name: 'Ada' } })
    socket.attachHook('a', 'handleEvent', (hooked) => void expectTypeOf(hooked.context.user.name).toBeString())
    // @ts-expect-error Not a field that it needs.
    socket.assign({ count: 1 })
  }
  const view = createLiveView<Context>({
    onMount: [
      anyView,
      withUser,
      (socket) => {
        socket.assign({ count: 1 })
        // @ts-expect-error The context has no such field.
        socket.assign({ cuont: 1 })
      },
    ],
    render: () => html``,
  })

  it('are given to a view or to a live session', () => {
    createLiveServer({ routes: {}, liveSessions: { users: { routes: { '/': view }, onMount: [anyView, withUser] } } })
    // @ts-expect-error A hook that needs a number called user does not fit the view.
    createLiveView<Context>({ onMount: [{} as OnMount<{ user: number }>], render: () => html`` })
  })

  it('do not decide what the context of a view is', () => {
    createLiveView({
      onMount: [withUser],
      render: (context) => {
        expectTypeOf(context).toEqualTypeOf<Readonly<Record<string, unknown>>>()
        return html``
      },
    })
  })

  it('are attached to any view, or to any part of a page', () => {
    const countEvents: Hooks['handleEvent'] = (socket) => socket.assign({ count: Number(socket.context['count']) + 1 })
    const logEvents: ComponentHooks<LiveSocket>['handleEvent'] = (_, { type }) => void type
    const withLog = (socket: LiveSocket): void => socket.attachHook('log', 'handleEvent', logEvents)
    const withTitle = (socket: LiveViewSocket): void => {
      socket.attachHook('title', 'handleInfo', (hooked, info) => hooked.pageTitle(String(info)))
    }
    const inView = {} as LiveViewSocket<Context>
    const inComponent = {} as LiveComponentSocket<Context>
    inView.attachHook('count', 'handleEvent', countEvents)
    inView.attachHook('log', 'handleEvent', logEvents)
    inComponent.attachHook('log', 'handleEvent', logEvents)
    // @ts-expect-error It is for views.
    inComponent.attachHook('count', 'handleEvent', countEvents)
    withLog({} as LiveViewSocket)
    withLog({} as LiveComponentSocket)
    withTitle({} as LiveViewSocket)
    // @ts-expect-error It is for views.
    withTitle({} as LiveComponentSocket)
  })
})
