/** Tokens and addresses of navigation that an attacker made up, changed, kept or borrowed. */
import { createLiveView, html, live_navigate, live_patch } from 'liveloom'
import { describe, expect, it } from 'vitest'
import { fetchPage, joinPayload } from '../support/raw-client.ts'
import { type Target, type TargetOptions, withTarget } from './target.ts'

const day = 24 * 60 * 60 * 1000
const refused = (reason: string) => ({ status: 'error', response: { reason } })

const shows = createLiveView({ render: (_, { flash }) => html`<p>flash ${JSON.stringify(flash)}</p>` })

/** Goes wherever the page says. */
const open = createLiveView<object, { type: string; by?: string; to?: unknown }>({
  handleEvent: (socket, { by, to }) => {
    try {
      if (by === 'redirect') socket.redirect(to as string)
      else if (by === 'patch') socket.pushPatch(to as string)
      else socket.pushNavigate(to as string)
    } catch (error) {
      return { refused: (error as { code: string }).code }
    }
  },
  render: () => html`<p>open</p>`,
})

const links = createLiveView<{ to: string }>({
  mount: (socket, _, { to = '/' }) => socket.assign({ to: String(to) }),
  render: ({ to }) => html`${live_patch('a', { to })} ${live_navigate('b', { to })}`,
})

const options: TargetOptions = {
  routes: { '/shows': shows, '/open': open, '/links': links },
  liveSessions: { secret: { routes: { '/secret': shows }, session: { admin: true } } },
}

describe('a flash that is not the server’s', () => {
  const tokens: readonly (readonly [name: string, make: (target: Target) => string])[] = [
    ['made up', () => Buffer.from('{"info":"evil"}').toString('base64url')],
    ['signed by nobody', () => `${Buffer.from('{"info":"evil"}').toString('base64url')}.`],
    ['signed for another purpose', ({ signer }) => signer().sign('view', { info: 'evil' })],
    ['with another end', ({ signer }) => `${signer().sign('flash', { info: 'evil' }).slice(0, -3)}AAA`],
    ['expired', ({ signer }) => signer(Date.now() - 15 * day).sign('flash', { info: 'evil' })],
    ['empty', () => ''],
    ['of 3 kB', () => 'e'.repeat(3000)],
  ]

  it.for(tokens)('is no flash, and no error: %s', ([, make]) =>
    withTarget(options, async (target) => {
      const token = make(target)
      const response = await fetch(`${target.url}/shows`, { headers: { cookie: `__phoenix_flash__=${token}` } })
      expect(response.status).toBe(200)
      expect(await response.text()).toContain('<p>flash {}</p>')
      const page = await fetchPage(`${target.url}/shows`)
      const client = await target.open(page)
      expect((await client.joinView(page, { flash: token })).html).toContain('<p>flash {}</p>')
      expect(target.reports).toEqual([])
    }),
  )

  it('is escaped like everything else when it is the server’s', () =>
    withTarget(options, async (target) => {
      const token = target.signer().sign('flash', { info: '<script>alert(1)</script>', n: 7 })
      const response = await fetch(`${target.url}/shows`, { headers: { cookie: `__phoenix_flash__=${token}` } })
      expect(await response.text()).toContain('{&quot;info&quot;:&quot;&lt;script&gt;alert(1)&lt;/script&gt;&quot;}')
    }))
})

describe('an address that leaves the site', () => {
  const hostile = [
    '//evil.test',
    'https://evil.test',
    { external: 'javascript:alert(1)' },
    '/\\evil.test',
    '/\t/evil.test',
    'javascript:alert(1)',
    '/\r\nset-cookie: a=b',
    7,
    null,
  ]

  it.for(['navigate', 'patch', 'redirect'])('is refused by %s, and the view goes on', (by) =>
    withTarget(options, async (target) => {
      const { view } = await target.visit('/open')
      for (const to of hostile) {
        const { response } = await view.request('event', { type: 'hook', event: 'go', value: { by, to } })
        expect([to, response]).toEqual([to, { diff: { r: { refused: 'ERR_NAVIGATION' } } }])
      }
      expect(target.reports).toEqual([])
    }),
  )

  it.for(['//evil.test', '/\\evil.test', 'javascript:alert(1)', '/\n/evil.test'])('makes no link: %j', (to) =>
    withTarget(options, async (target) => {
      const response = await fetch(`${target.url}/links?to=${encodeURIComponent(to)}`)
      expect(response.status).toBe(500)
      expect(await response.text()).not.toContain('href="/\\')
      expect(target.reports).toEqual([
        { error: expect.objectContaining({ code: 'ERR_NAVIGATION' }), context: { stage: 'render', view: '/links' } },
      ])
    }),
  )
})

describe('a container’s token', () => {
  it('of the default routes does not open a live session', () =>
    withTarget(options, async (target) => {
      const page = await fetchPage(target.url)
      const client = await target.open(page)
      for (const key of ['url', 'redirect']) {
        const payload = joinPayload(page, { url: undefined, [key]: `${target.url}/secret` })
        expect(await client.join(`lv:${page.id}`, payload).reply).toEqual(refused('unauthorized'))
      }
    }))

  it.for([
    ['a live navigation to no address', { url: undefined, redirect: 'javascript:alert(1)' }],
    ['a live navigation to a path', { url: undefined, redirect: '/shows' }],
    ['a live navigation to a number', { url: undefined, redirect: 7 }],
    ['no address', { url: undefined }],
  ] as const)('is outdated with %s', ([, changes]) =>
    withTarget(options, async (target) => {
      const page = await fetchPage(target.url)
      const client = await target.open(page)
      expect(await client.join(`lv:${page.id}`, joinPayload(page, changes)).reply).toEqual(refused('stale'))
    }),
  )
})

describe('patches of the page', () => {
  it('by the thousand, to everywhere, are each answered once', () =>
    withTarget({ ...options, limits: { maxMailbox: 5000 } }, async (target) => {
      const { page, view } = await target.visit('/shows')
      const paths = ['/shows?a=', '/secret?a=', '/nowhere?a=', '//shows?a=', '/shows?a=%&b=']
      const answers = await Promise.all(
        Array.from({ length: 2000 }, (_, at) =>
          view.request('live_patch', { url: new URL(page.url).origin + paths[at % paths.length]! + at }),
        ),
      )
      expect(answers.every(({ status }) => status === 'ok')).toBe(true)
      expect(answers[0]!.response).toEqual({})
      expect(answers.slice(1, 5).map(({ response }) => response)).toEqual(
        Array.from({ length: 4 }, () => ({ link_redirect: true })),
      )
      expect(target.reports).toEqual([])
    }))
})
