/** What a browser is told to keep others from doing with what the server sends. */
import { createLiveServer, createLiveView, html, type LiveServerOptions, strictContentSecurityPolicy } from 'liveloom'
import { type Middleware, serve } from 'liveloom/node'
import { describe, expect, it } from 'vitest'

const routes: LiveServerOptions['routes'] = {
  '/': createLiveView({ render: (_, { nonce }) => html`<p data-nonce="${nonce}">home</p>` }),
  '/old': createLiveView({ mount: (socket) => socket.redirect('/'), render: () => html`` }),
  '/broken': createLiveView({
    mount() {
      throw new Error('broken')
    },
    render: () => html``,
  }),
}

const statuses = {
  '/': 200,
  '/old': 302,
  '/broken': 500,
  '/nothing': 404,
  '/?a=%': 400,
  '/live/client.js': 200,
} as const
const longPoll = '/live/longpoll?vsn=2.0.0'
const names = ['x-content-type-options', 'referrer-policy', 'content-security-policy'] as const

async function withServer(
  options: Partial<LiveServerOptions>,
  look: (get: (path: string) => Promise<Response>) => Promise<void>,
  use: readonly Middleware[] = [],
): Promise<void> {
  const live = createLiveServer({ secret: 'an attacker knows everything but this', routes, onError() {}, ...options })
  const { url, close } = await serve(live, { port: 0, signals: false, development: false, use })
  try {
    await look((path) => fetch(url + path, { redirect: 'manual' }))
  } finally {
    await close()
  }
}

const found = ({ headers }: Response): readonly (string | null)[] => names.map((name) => headers.get(name))

describe('every answer', () => {
  it('may not be sniffed, framed by another site, or told whole to one', () =>
    withServer({}, async (get) => {
      for (const [path, status] of [...Object.entries(statuses), [longPoll, 200] as const]) {
        const response = await get(path)
        expect([path, response.status]).toEqual([path, status])
        expect([path, ...found(response)]).toEqual([
          path,
          'nosniff',
          'strict-origin-when-cross-origin',
          "frame-ancestors 'self'",
        ])
      }
    }))

  it('has the headers that the server was given instead', () =>
    withServer(
      { headers: { 'Referrer-Policy': 'no-referrer', 'content-security-policy': null, 'x-mine': 'yes' } },
      async (get) => {
        for (const path of Object.keys(statuses)) {
          const response = await get(path)
          expect([path, ...found(response), response.headers.get('x-mine')]).toEqual([
            path,
            'nosniff',
            'no-referrer',
            null,
            'yes',
          ])
        }
      },
    ))

  it('keeps what a middleware has set', () =>
    withServer(
      {},
      async (get) => {
        for (const path of Object.keys(statuses)) {
          expect([path, ...found(await get(path))]).toEqual([path, 'nosniff', 'same-origin', "default-src 'self'"])
        }
      },
      [
        (_, response, next) => {
          response.setHeader('Referrer-Policy', 'same-origin')
          response.setHeader('Content-Security-Policy', "default-src 'self'")
          next()
        },
      ],
    ))
})

describe('a policy of the server', () => {
  it('is that of pages and of error pages, each with its nonce, and keeps frames out', () =>
    withServer({ contentSecurityPolicy: (nonce) => `script-src 'nonce-${nonce}'` }, async (get) => {
      const nonces = new Set<string>()
      for (const path of ['/', '/broken', '/nothing'] as const) {
        const response = await get(path)
        const policy = response.headers.get('content-security-policy')!
        const [, nonce] = /^script-src 'nonce-([\w=-]+)'; frame-ancestors 'self'$/.exec(policy)!
        expect(await response.text()).toContain(`nonce="${nonce}"`)
        nonces.add(nonce!)
      }
      expect(nonces.size).toBe(3)
      expect((await get('/live/client.js')).headers.get('content-security-policy')).toBe("frame-ancestors 'self'")
    }))

  it('that allows frames is left as it is', () =>
    withServer({ contentSecurityPolicy: () => 'frame-ancestors https://friend.example' }, async (get) => {
      expect((await get('/')).headers.get('content-security-policy')).toBe('frame-ancestors https://friend.example')
    }))

  it('that throws is a plain error page', () =>
    withServer(
      {
        contentSecurityPolicy() {
          throw new Error('no policy')
        },
      },
      async (get) => {
        const response = await get('/')
        expect([response.status, await response.text(), ...found(response).slice(0, 1)]).toEqual([
          500,
          'Error 500',
          'nosniff',
        ])
      },
    ))

  it('that is written over several lines is one header', () =>
    withServer(
      { contentSecurityPolicy: (nonce) => `\n  default-src 'self';\n  script-src 'nonce-${nonce}'\n` },
      async (get) => {
        for (const path of ['/', '/nothing'] as const) {
          const response = await get(path)
          expect(response.status).toBe(statuses[path])
          expect(response.headers.get('content-security-policy')).toMatch(
            /^default-src 'self'; script-src 'nonce-[\w=-]+'; frame-ancestors 'self'$/,
          )
        }
      },
    ))

  it.each([
    ['no header can hold', 'script-src \u{1f600}'],
    ['is no text', 7],
  ])('that %s is a plain error page, and ends no process', (_, policy) =>
    withServer({ contentSecurityPolicy: () => policy as string }, async (get) => {
      for (const path of ['/', '/nothing']) {
        const response = await get(path)
        expect([path, response.status, await response.text()]).toEqual([
          path,
          path === '/' ? 500 : 404,
          `Error ${path === '/' ? 500 : 404}`,
        ])
      }
    }),
  )

  it('that is strict allows no script but those with its nonce', () =>
    withServer({ contentSecurityPolicy: strictContentSecurityPolicy }, async (get) => {
      const policy = (await get('/')).headers.get('content-security-policy')!
      expect(policy).toMatch(/(?:^|; )script-src 'nonce-[\w=-]+'(?:;|$)/)
      expect(policy).not.toContain('unsafe')
    }))
})
