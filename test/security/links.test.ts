/** Texts of users where a page puts addresses and the names of events: what they may not become for another visitor. */
import { attrs, createLiveComponent, createLiveView, each, html, raw, type Stream } from 'liveloom'
import { js } from 'liveloom/js'
import { describe, expect, it } from 'vitest'
import { fetchPage } from '../support/raw-client.ts'
import { type Target, type TargetOptions, withTarget } from './target.ts'

const script = 'javascript:alert(document.cookie)'
const commands = '[["push",{"event":"delete-account"}],["navigate",{"href":"/away"}]]'

interface Post {
  readonly id: number
  readonly link: string
  readonly action: string
}

const card = createLiveComponent<{ link: string; action: string }>({
  render: ({ link, action }) => html`<div><a href="${link}">card</a> <button phx-click="${action}">card</button></div>`,
})

/** What somebody wrote, in every kind of place. */
const wall = createLiveView<
  { posts: readonly Post[]; log: Stream<Post>; who: string },
  { type: string; link?: string; action?: string; count?: number }
>({
  mount: (socket) => {
    socket.stream('log', [])
    socket.assign({ posts: [], who: 'nobody' })
  },
  handleParams: (socket, _, { link, action }) => {
    if (link !== undefined) socket.assign({ posts: [{ id: 1, link: String(link), action: String(action) }] })
  },
  handleEvent: (socket, { type, link = '', action = '', count = 1 }) => {
    if (type === 'delete-account') return socket.assign({ who: 'deleted' })
    const posts = Array.from({ length: count }, (_, id) => ({ id, link, action }))
    if (type === 'log') for (const post of posts) socket.streamInsert('log', post)
    else socket.assign({ posts })
  },
  render: ({ posts, log, who }, { live_component }) =>
    html`<main>
      <p>${who}</p>
      ${each(
        posts,
        ({ id }) => id,
        ({ link, action }) =>
          html`<p>
            <a href="${link}">quoted</a> <a href=${link}>whole</a> <a ${attrs({ href: link })}>spread</a>
            <img src="${link}" /> <button formaction="${link}" phx-click=${action}>${link}</button>
            <i phx-mounted="${action}" ${attrs({ 'phx-remove': action, 'data-close': action })}></i>
          </p>`,
      )}
      ${posts.length === 1 && live_component(card, { ...posts[0]! })}
      <ul id="log" phx-update="stream">
        ${each(log, ({ link, action }, domId) => html`<li id="${domId}"><a href="${link}" phx-click="${action}"></a></li>`)}
      </ul>
    </main>`,
})

/** What the program itself vouches for. */
const own = createLiveView({
  render: () =>
    html`<a href="${raw('javascript:void(0)')}">own</a> <button phx-click="${js.push('save')}">save</button>
      <iframe srcdoc="${raw('&lt;p>hi&lt;/p>')}"></iframe>`,
})

const document = createLiveView<{ text: string }>({
  mount: (socket, _, { text }) => socket.assign({ text: String(text) }),
  render: ({ text }) => html`<iframe srcdoc="${text}"></iframe>`,
})

const leaves = createLiveView<object>({
  mount: (socket, _, { to, external, status }) => {
    const options = { status: Number(status ?? 302) as 302 }
    socket.redirect(external === undefined ? String(to) : { external: String(external) }, options)
  },
  render: () => html``,
})

const options: TargetOptions = {
  routes: { '/wall': wall, '/own': own, '/document': document, '/leaves': leaves },
  liveSessions: {
    framed: {
      routes: { '/framed': wall },
      layout: ({ content, csrfToken, clientUrl, url }) =>
        html`<!doctype html>
          <html>
            <head>
              <meta name="csrf-token" content="${csrfToken}" />
              <script defer src="${clientUrl}"></script>
            </head>
            <body>
              <a href="${url.searchParams.get('back')}">Back</a>
              ${content}
            </body>
          </html>`,
    },
  },
}

const wallUrl = ({ url }: Target, link: string, action: string): string =>
  `${url}/wall?${new URLSearchParams({ link, action }).toString()}`

/** What a browser would follow or the client would run. */
function dangers(markup: string): readonly string[] {
  const attributes = /\s((?:xlink:)?href|src|formaction|phx-[a-z]+|data-close)="([^"]*)"/g
  return [...markup.matchAll(attributes)]
    .filter(([, , value]) => /^[\s\p{Cc}]*(?:j\s*a\s*v\s*a|vbs|data:t)|&quot;push/iu.test(value!))
    .map(([whole]) => whole)
}

describe('a text that somebody else wrote', () => {
  const links = [
    script,
    ' JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:a',
    'data:text/html,<script>',
  ]

  it.for(links)('makes no link that runs over HTTP, and the page is there: %j', (link) =>
    withTarget(options, async (target) => {
      const response = await fetch(wallUrl(target, link, commands))
      const page = await response.text()
      expect(response.status).toBe(200)
      expect(dangers(page)).toEqual([])
      expect(page).toContain('<a href="">quoted</a> <a href="">whole</a> <a href="">spread</a>')
    }),
  )

  it('makes no link and no command for one who is connected, in rows, components and streams', () =>
    withTarget(options, async (target) => {
      const { view } = await target.visit('/wall')
      for (const link of links) {
        await view.event('post', { link, action: commands })
        await view.event('log', { link, action: commands })
        expect(dangers(view.html)).toEqual([])
        expect(view.html).toContain('>quoted<')
      }
      await view.event('post', { link: '/fine', action: 'like' })
      expect(view.html).toContain('<a href="/fine">quoted</a>')
      expect(view.html).toContain('phx-click="like"')
      expect(view.html).toContain('<p>nobody</p>')
    }))

  it('is reported once for each place, with the view and the component, however often it is shown', () =>
    withTarget(options, async (target) => {
      for (let visit = 0; visit < 3; visit++) await fetch(wallUrl(target, script, commands))
      const overHttp = target.reports.length
      const { view } = await target.visit('/wall')
      await view.event('post', { link: script, action: commands, count: 500 })
      await view.event('post', { link: script, action: commands, count: 1 })
      expect(target.reports).toHaveLength(overHttp)
      await view.event('log', { link: script, action: commands, count: 500 })
      await view.event('log', { link: ' javascript:b', action: commands, count: 500 })
      expect(target.reports.slice(overHttp).map(({ context }) => context)).toEqual(
        Array.from({ length: 2 }, () => ({ stage: 'render', view: '/wall', component: undefined })),
      )
      expect(target.reports.slice(0, overHttp).map(({ context }) => context)).toEqual([
        ...Array.from({ length: 8 }, () => ({ stage: 'render', view: '/wall', component: undefined })),
        ...Array.from({ length: 2 }, () => ({ stage: 'component', view: '/wall', component: 1 })),
      ])
      for (const { error } of target.reports) {
        expect(error).toMatchObject({
          code: 'ERR_TEMPLATE_VALUE',
          message: expect.stringContaining('was printed empty') as string,
        })
      }
    }))

  it('writes no line of its own into the log', () =>
    withTarget(options, async (target) => {
      await fetch(wallUrl(target, 'javascript:\n\u001b[2J[error] all is lost', 'like'))
      expect(target.reports.length).toBeGreaterThan(0)
      // oxlint-disable-next-line no-control-regex -- It is what must not be there.
      for (const { error } of target.reports) expect((error as Error).message).not.toMatch(/[\n\u001b]/)
    }))

  it('makes no link of a layout', () =>
    withTarget(options, async (target) => {
      const page = await (await fetch(`${target.url}/framed?back=${encodeURIComponent(script)}`)).text()
      expect(page).toContain('<a href="">Back</a>')
      expect(target.reports).toMatchObject([{ context: { stage: 'http', view: '/framed' } }])
    }))

  it('is no document, whatever it says', () =>
    withTarget(options, async (target) => {
      const response = await fetch(`${target.url}/document?text=hello`)
      expect(response.status).toBe(500)
      expect(target.reports).toMatchObject([{ error: { code: 'ERR_TEMPLATE_VALUE' }, context: { stage: 'render' } }])
    }))

  it('is not what the program vouches for', () =>
    withTarget(options, async (target) => {
      const { view } = await target.visit('/own')
      expect(view.html).toContain('href="javascript:void(0)"')
      expect(view.html).toContain('phx-click="[[&quot;push&quot;')
      expect(view.html).toContain('srcdoc="&lt;p>hi&lt;/p>"')
      expect(target.reports).toEqual([])
    }))

  it('of 2,000 rows is neither sent nor reported 2,000 times', () =>
    withTarget(options, async (target) => {
      const page = await fetchPage(`${target.url}/wall`)
      const client = await target.open(page)
      const view = await client.joinView(page)
      const { response } = await view.event('post', { link: script, action: commands, count: 2000 })
      const honest = await view.event('post', { link: '/photos/1', action: 'like', count: 2000 })
      expect(JSON.stringify(response).length).toBeLessThan(2 * JSON.stringify(honest.response).length)
      expect(target.reports.length).toBeLessThan(20)
    }))
})

describe('a redirect of the first page', () => {
  const get = ({ url }: Target, query: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`${url}/leaves?${new URLSearchParams(query).toString()}`, { redirect: 'manual' })

  it.for([
    'https://evil.test/',
    'HTTPS://evil.test/',
    '//evil.test',
    '/\\evil.test',
    '/\t/evil.test',
    '/%09/evil.test',
    'javascript:alert(1)',
    'mailto:a@evil.test',
    'evil.test',
  ])('leads to no other site by a path: %j', (to) =>
    withTarget(options, async (target) => {
      const response = await get(target, { to })
      expect([response.status, response.headers.get('location')]).toEqual([500, null])
      expect(target.reports).toMatchObject([{ error: { code: 'ERR_NAVIGATION' }, context: { stage: 'mount' } }])
    }),
  )

  it.for(['javascript:alert(1)', 'data:text/html,x', '//evil.test', 'https:evil.test', 'https://a\r\nx: y'])(
    'leads to no scheme that runs, when it is external: %j',
    (external) =>
      withTarget(options, async (target) => {
        const response = await get(target, { external })
        expect([response.status, response.headers.get('location')]).toEqual([500, null])
      }),
  )

  it.for([
    { query: { to: '/wall?a=ü b', status: '303' }, status: 303, location: '/wall?a=%C3%BC%20b' },
    { query: { external: 'https://other.test/a', status: '301' }, status: 301, location: 'https://other.test/a' },
    { query: { external: 'mailto:ada@example.org' }, status: 302, location: 'mailto:ada@example.org' },
    { query: { external: '/home' }, status: 302, location: '/home' },
  ])('leads where it was told, with its status: $location', ({ query, status, location }) =>
    withTarget(options, async (target) => {
      const response = await get(target, query)
      expect([response.status, response.headers.get('location')]).toEqual([status, location])
    }),
  )
})
