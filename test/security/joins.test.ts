/** What a join brings is kept as long as the view lives, so it is weighed. */
import { createLiveView, html } from 'liveloom'
import { describe, expect, it } from 'vitest'
import { readJoin } from '../../src/protocol/payloads.ts'
import { fetchPage, joinPayload, type Json, type Page, type RawClient, type Reply } from '../support/raw-client.ts'
import { type Target, withTarget } from './target.ts'

const kept: unknown[] = []
const view = createLiveView({
  mount: (socket) => void (socket.connected && kept.push(socket.connectParams)),
  render: () => html`<p></p>`,
})
const routes = { '/params': view }

async function openPage({ url, open }: Target): Promise<{ readonly page: Page; readonly client: RawClient }> {
  kept.length = 0
  const page = await fetchPage(`${url}/params`)
  return { page, client: await open(page) }
}

function join(
  { page, client }: { readonly page: Page; readonly client: RawClient },
  params: Json,
  more: Json = {},
): Promise<Reply> {
  return client.join(`lv:${page.id}`, joinPayload(page, { params: { _mounts: 0, ...params }, ...more })).reply
}

describe('the params of a join', () => {
  it.for([
    ['of few values', { zone: 'Europe/Berlin', size: [1920, 1080] }],
    ['of 60,000 characters', { text: 'x'.repeat(60_000) }],
    ['of 900 objects', { list: Array.from({ length: 900 }, () => ({})) }],
  ] as const)('%s are kept', ([, params]) =>
    withTarget({ routes }, async (target) => {
      const opened = await openPage(target)
      expect((await join(opened, params)).status).toBe('ok')
      expect(kept).toEqual([params])
    }),
  )

  it.for([
    ['of 70,000 characters', { text: 'x'.repeat(70_000) }],
    ['of 40,000 other letters', { text: 'ш'.repeat(40_000) }],
    ['of many objects', { list: Array.from({ length: 1500 }, () => ({})) }],
    ['of many names', Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`k${at}`, 1]))],
  ] as const)('%s are refused, and the page is shown an error page', ([, params]) =>
    withTarget({ routes }, async (target) => {
      const opened = await openPage(target)
      // The official client would load the page anew for ever, but for this reason: that loads the page for the status.
      const { status, response } = await join(opened, params)
      expect({ status, response }).toMatchObject({
        status: 'error',
        response: { reason: 'reload', status: 413, limit: 'maxJoinParams' },
      })
      const cookie = `${opened.page.cookie}; __phoenix_reload_status__=${String(response['token'])}`
      const shown = await fetch(opened.page.url, { headers: { cookie } })
      expect(shown.status).toBe(413)
      expect(await shown.text()).not.toContain('data-phx-main')
      expect(kept).toEqual([])
      // The same page may join with less.
      expect((await join(opened, {})).status).toBe('ok')
    }),
  )

  it('may be more, or less, by limits.maxJoinParams; whoever watches is told once', () =>
    withTarget({ routes, limits: { maxJoinParams: 1000 } }, async (target) => {
      const opened = await openPage(target)
      for (let count = 0; count < 5; count++)
        expect((await join(opened, { text: 'x'.repeat(2000) })).status).toBe('error')
      expect(target.reports).toMatchObject([
        {
          error: { code: 'ERR_JOIN_PARAMS', message: expect.stringContaining('limits.maxJoinParams (1000 bytes)') },
          context: { stage: 'connection', view: '/params' },
        },
      ])
    }))

  it('of the framework are neither kept nor weighed', () =>
    withTarget({ routes }, async (target) => {
      const opened = await openPage(target)
      const params = { _csrf_token: 'x'.repeat(100_000), liveloomState: 'x'.repeat(100_000), mine: 1 }
      expect((await join(opened, params)).status).toBe('ok')
      expect(kept).toEqual([{ mine: 1 }])
    }))

  it('of a hundred views on one socket, each as large as a frame may be, leave no memory taken', () =>
    withTarget({ routes, limits: { maxJoins: 1000 } }, async (target) => {
      const opened = await openPage(target)
      const list = Array.from({ length: 90_000 }, () => ({}))
      for (let count = 0; count < 5; count++) expect((await join(opened, { list })).status).toBe('error')
      expect(kept).toEqual([])
    }))
})

describe('the rest of a join', () => {
  it.for([
    ['an address of 20,000 characters', (page: Page) => ({ url: `${page.url}?${'a'.repeat(20_000)}` }), 'stale'],
    ['a token of 500,000 characters', () => ({ session: 'x'.repeat(500_000) }), 'stale'],
  ] as const)('%s is refused', ([, change, reason]) =>
    withTarget({ routes }, async (target) => {
      const opened = await openPage(target)
      expect(await join(opened, {}, change(opened.page))).toEqual({ status: 'error', response: { reason } })
      expect(kept).toEqual([])
    }),
  )

  it('of many tracked scripts a hundred are looked at, and none that is longer than an address', () => {
    const tracked = Array.from({ length: 20_000 }, (_, at) => `https://a.example/${at}.js`)
    const read = readJoin({ session: 'x', params: { _track_static: ['x'.repeat(100_000), ...tracked] } }, 1000)!
    expect(read.trackedStatic).toEqual(tracked.slice(0, 99))
  })
})
