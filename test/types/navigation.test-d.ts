import {
  createLiveServer,
  createLiveView,
  type ExternalTarget,
  type Flash,
  html,
  type LayoutPage,
  type LinkOptions,
  live_navigate,
  live_patch,
  type LiveComponentSocket,
  type LiveRequest,
  type LiveViewSocket,
  type NavigateOptions,
  type Params,
  type RedirectOptions,
  type Rendered,
} from 'liveloom'
import { describe, expectTypeOf, it } from 'vitest'

const view = createLiveView({
  handleParams: (_, url, params) => {
    expectTypeOf(url).toEqualTypeOf<URL>()
    expectTypeOf(params).toEqualTypeOf<Params>()
    // @ts-expect-error What the browser sent may be a list or a group.
    expectTypeOf(params['page']).toEqualTypeOf<string | undefined>()
  },
  render: (_, { url, flash }) => {
    expectTypeOf(url).toEqualTypeOf<URL>()
    expectTypeOf(flash).toEqualTypeOf<Flash>()
    return html``
  },
})

describe('leaving', () => {
  it('takes a path, and what the way of leaving knows', () => {
    const leave = (socket: LiveViewSocket | LiveComponentSocket): void => {
      socket.pushPatch('/photos?page=2', { replace: true })
      socket.pushNavigate('/albums')
      socket.redirect('/login', { status: 303 })
      socket.redirect({ external: 'https://example.com' }, { status: 303 })
      // @ts-expect-error A URL is given as text.
      socket.redirect({ external: new URL('https://example.com') })
      // @ts-expect-error Only another site is given by name.
      socket.redirect({ to: '/login' })
      // @ts-expect-error The status is no part of where it leads.
      socket.redirect({ external: 'https://example.com', status: 303 })
      // @ts-expect-error These stay on the site.
      socket.pushNavigate({ external: 'https://example.com' })
      // @ts-expect-error These too.
      socket.pushPatch({ external: 'https://example.com' })
      // @ts-expect-error A URL is given as text.
      socket.pushPatch(new URL('http://localhost/'))
      // @ts-expect-error There is no such status.
      socket.redirect('/', { status: 200 })
      // @ts-expect-error Only a redirect has a status.
      socket.pushNavigate('/', { status: 302 })
      // @ts-expect-error A redirect adds to the history as the browser has it.
      socket.redirect('/', { replace: true })
    }
    expectTypeOf(leave).returns.toBeVoid()
    expectTypeOf<ExternalTarget['external']>().toBeString()
    expectTypeOf<RedirectOptions['status']>().toEqualTypeOf<301 | 302 | 303 | 307 | 308 | undefined>()
    expectTypeOf<NavigateOptions['replace']>().toEqualTypeOf<boolean | undefined>()
  })
})

describe('a link', () => {
  it('takes where it leads, and attributes', () => {
    expectTypeOf(live_patch('Next', { to: '/?page=2', replace: true, class: 'next' })).toEqualTypeOf<Rendered>()
    expectTypeOf(live_navigate(html`<b>Home</b>`, { to: '/' })).toEqualTypeOf<Rendered>()
    expectTypeOf<LinkOptions['to']>().toBeString()
    // @ts-expect-error It leads nowhere.
    live_patch('Next', { class: 'next' })
    // @ts-expect-error An `href` alone is no `to`.
    live_navigate('Next', { href: '/' })
    // @ts-expect-error Whether to replace is yes or no.
    live_navigate('Next', { to: '/', replace: 'yes' })
  })
})

describe('a live session', () => {
  it('is a group of routes with a layout, a page, hooks and a session', () => {
    createLiveServer({
      routes: { '/': view },
      liveSessions: {
        admin: {
          routes: { '/admin': view },
          layout: (page) => {
            expectTypeOf(page).toEqualTypeOf<LayoutPage>()
            return html`${page.content}`
          },
          page: { titlePrefix: 'Admin · ' },
          onMount: [(socket) => socket.redirect('/')],
          session: async (request) => {
            expectTypeOf(request).toEqualTypeOf<LiveRequest>()
            return { section: 'admin' }
          },
        },
        plain: { routes: {}, session: { section: 'plain' } },
      },
    })
  })

  it('is refused where it does not fit', () => {
    createLiveServer({
      routes: {},
      liveSessions: {
        // @ts-expect-error It has no routes.
        none: {},
        // @ts-expect-error There is no such option.
        unknown: { routes: {}, titlePrefix: 'Admin · ' },
        // @ts-expect-error A layout is a template, not text.
        text: { routes: {}, layout: () => '<html></html>' },
        // @ts-expect-error A session is data by name.
        session: { routes: {}, session: 'admin' },
      },
    })
  })
})
