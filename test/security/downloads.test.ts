/** Downloads: an address is good for its visitor, and once; and what visitors say chooses no file, no header and no page. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createLiveView, html } from 'liveloom'
import { describe, expect, it } from 'vitest'
import { download, start } from '../support/downloads.ts'
import { type Target, withTarget } from './target.ts'

/** Gives what the browser names, as a careless program does, and as a careful one. */
const files = (root: () => string) =>
  createLiveView<object, { type: 'bytes' | 'careless' | 'careful'; name: string }>({
    handleEvent: (socket, { type, name }) => {
      if (type === 'bytes') socket.download(() => new Blob(['<script>']), { name })
      if (type === 'careless') socket.download(`${root()}/${name}`)
      if (type === 'careful') socket.download({ path: name, root: root() })
    },
    render: () => html``,
  })

function withFiles(attack: (target: Target, visit: Awaited<ReturnType<Target['visit']>>) => Promise<void>) {
  let root = ''
  return withTarget({ routes: { '/files': files(() => root) } }, async (target) => {
    root = join(target.savedFolder, 'files')
    await mkdir(root)
    await writeFile(join(root, 'a.txt'), '0123456789')
    await writeFile(join(root, '.env'), 'secret')
    await writeFile(join(target.savedFolder, 'outside.txt'), 'outside')
    const visit = await target.visit('/files')
    await attack(target, visit)
  })
}

describe('a request that is not of the page’s visitor finds nothing, and uses nothing up', () => {
  const strangers: readonly (readonly [string, (target: Target, cookie: string) => Promise<string>])[] = [
    ['without a cookie', async () => ''],
    ['with the cookie of another visitor', async ({ visit }) => (await visit()).page.cookie],
    ['with a forged cookie', async (_, cookie) => `${cookie.slice(0, -2)}AA`],
  ]
  it.for(strangers)('%s', ([, cookieOf]) =>
    withFiles(async (target, { page, view }) => {
      const [url] = await start(view, 'bytes', { name: 'a.txt' })
      const cookie = await cookieOf(target, page.cookie)
      for (const method of ['HEAD', 'GET']) {
        expect((await download(page, url!, { method, headers: { cookie } })).status).toBe(404)
      }
      expect(await download(page, url!)).toMatchObject({ status: 200, body: '<script>' })
    }),
  )

  it('at whatever other address', () =>
    withFiles(async (target, { page, view }) => {
      const [url] = await start(view, 'bytes', { name: 'a.txt' })
      const at = '/live/downloads/'
      const forged = target.signer().sign('upload', 'x')
      for (const token of ['', '%00', '..', '.', 'a'.repeat(10_000), `${url!.slice(at.length)}x`, forged]) {
        const { status, body } = await download(page, at + token)
        expect(status, token.slice(0, 20)).toBeGreaterThanOrEqual(400)
        expect(body).not.toContain('<script>')
      }
      expect((await download(page, url!)).status).toBe(200)
    }))
})

it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('an address takes no %s', (method) =>
  withFiles(async (_, { page, view }) => {
    const [url] = await start(view, 'bytes', { name: 'a.txt' })
    expect((await download(page, url!, { method })).status).toBe(405)
    expect((await download(page, url!)).status).toBe(200)
  }),
)

it('of many requests at once for what is there once one is served', () =>
  withFiles(async (_, { page, view }) => {
    const [url] = await start(view, 'bytes', { name: 'a.txt' })
    const answers = await Promise.all(Array.from({ length: 20 }, () => download(page, url!)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(19)
  }))

it.each([
  'a.html',
  '../../etc/passwd',
  'a.txt"; filename=b.exe; x="',
  'a\r\nSet-Cookie: evil=1\r\n\r\n<script>',
  'a\0.html',
  '\u202Elmth.a',
  '..',
  '🦊'.repeat(1000),
])('the name %j becomes no header and no page', (name) =>
  withFiles(async (_, { page, view }) => {
    const [url] = await start(view, 'bytes', { name })
    const { status, headers } = await download(page, url!)
    expect(status).toBe(200)
    expect(headers['content-disposition']).toMatch(/^attachment; filename=/)
    expect(headers['content-disposition']).not.toMatch(/[/\\](?!")|\.\.;/)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/^sandbox; default-src 'none'/),
      'cache-control': 'private, no-store, no-transform',
    })
    expect(headers['set-cookie']).toBeUndefined()
  }),
)

describe('a path that a visitor has a word in', () => {
  const climbing = ['../outside.txt', 'a/../../outside.txt', '..\\outside.txt', 'a\0']
  it.each(climbing)('%j begins no download without a root', (name) =>
    withFiles(async ({ reports }, { client, view }) => {
      view.push('event', { type: 'click', event: 'careless', value: { name } })
      await client.next(({ event, topic }) => event === 'phx_error' && topic === view.topic)
      expect(reports).toMatchObject([{ error: { code: 'ERR_DOWNLOAD' } }])
    }),
  )

  it.each([...climbing, '.env', '', '.', '/etc/passwd', 'https://evil.example/a', 'file:///etc/passwd'])(
    '%j leads out of no root',
    (name) =>
      withFiles(async (_, { page, view }) => {
        const [url] = await start(view, 'careful', { name })
        expect((await download(page, url!)).status).toBe(404)
        const [own] = await start(view, 'careful', { name: 'a.txt' })
        expect((await download(page, own!)).body).toBe('0123456789')
      }),
  )
})

it('a visitor that starts many has the newest of them', () =>
  withFiles(async ({ reports }, { page, view }) => {
    const urls: string[] = []
    for (let count = 0; count < 150; count++) urls.push(...(await start(view, 'careful', { name: 'a.txt' })))
    const statuses = await Promise.all(urls.map(async (url) => (await download(page, url)).status))
    expect(statuses.slice(0, 50).every((status) => status === 404)).toBe(true)
    expect(statuses.slice(50).every((status) => status === 200)).toBe(true)
    expect(reports).toMatchObject([{ error: { code: 'ERR_LIMIT' }, context: { limit: 'maxDownloads' } }])
  }))

it('so many ranges at once are sent of a file', () =>
  withFiles(async (_, { page, view }) => {
    const [url] = await start(view, 'careful', { name: 'a.txt' })
    const ranges = 'bytes=0-0,2-2,4-4,6-6'
    // Several in one are none.
    expect(await download(page, url!, { headers: { range: ranges } })).toMatchObject({
      status: 200,
      body: '0123456789',
    })
    expect(await download(page, url!, { headers: { range: 'bytes=9-' } })).toMatchObject({ status: 206, body: '9' })
    expect(await download(page, url!, { headers: { range: 'bytes=0-' } })).toMatchObject({ status: 404 })
  }))
