/** A visitor's language: found out with the page, signed into it, and what the page says by itself is said in it. */
import { createLiveServer, createLiveView, html, type LiveRequest, live_file_input } from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fetchPage, joinPayload, RawClient } from '../support/raw-client.ts'

const told: unknown[] = []
const inner = createLiveView({ render: (_, { lang }) => html`inner ${lang}` })
const view = createLiveView<{ seen: string }>({
  mount(socket) {
    socket.assign({ seen: socket.lang })
    void socket.allowUpload('photos', { maxFileSize: 1.5 * 1024 * 1024 })
  },
  handleEvent() {},
  render: ({ seen }, { lang, uploads, live_view }) =>
    html`<p>${seen} ${lang}</p>
      <form phx-change="validate">${live_file_input(uploads['photos'])}</form>
      ${uploads['photos']!.entries.map(({ errors }) => html`<b>${errors}</b>`)}
      ${live_view(inner, { id: 'inner', sticky: false })}`,
})
const failing = createLiveView({
  mount: () => {
    throw Object.assign(new Error('no'), { status: 410 })
  },
  render: () => html``,
})

const live = createLiveServer({
  secret: 'a secret of the tests, long enough',
  routes: { '/': view, '/other': view, '/gone': failing },
  liveSessions: { arabic: { routes: { '/arabic': view, '/arabic/gone': failing }, page: { lang: 'ar' } } },
  page: { lang: (request: LiveRequest) => new URL(request.url).searchParams.get('lang') ?? 'en' },
  texts: {
    de: {
      lines: { offline: 'Keine Verbindung', tooLarge: ({ most }, say) => `Zu groß, höchstens ${say.limit(most)}` },
      pages: { 404: 'Nicht gefunden', 410: 'Nicht mehr da' },
      uploads: { too_large: ({ maxFileSize }, say) => `Größer als ${say.limit(maxFileSize)}` },
    },
    ar: { pages: { 410: 'اختفت الصفحة' } },
  },
  onError: (error) => told.push(error),
})

let server: NodeServer
beforeAll(async () => {
  server = await serve(live, { port: 0, signals: false, development: false })
})
afterAll(() => server.close())

const get = async (path: string): Promise<{ status: number; body: string }> => {
  const response = await fetch(server.url + path)
  return { status: response.status, body: await response.text() }
}

describe('a page', () => {
  it.each([
    ['/?lang=de', '<html lang="de" dir="ltr">', 'Keine Verbindung'],
    ['/?lang=DE-at', '<html lang="de-AT" dir="ltr">', 'Keine Verbindung'],
    ['/', '<html lang="en" dir="ltr">', 'You are offline'],
    ['/arabic', '<html lang="ar" dir="rtl">', 'You are offline'],
  ])('%s is in its language', async (path, root, line) => {
    const { body } = await get(path)
    expect(body).toContain(root)
    expect(body).toContain(line)
    const lang = /lang="([^"]+)"/.exec(body)![1]!
    expect(body).toContain(`<p>${lang} ${lang}</p>`)
    expect(body).toContain(`inner ${lang}`)
  })

  it.each([
    ['/nowhere?lang=de', 404, '<html lang="de" dir="ltr">', '404 · Nicht gefunden'],
    ['/gone?lang=de', 410, '<html lang="de" dir="ltr">', '410 · Nicht mehr da'],
    ['/arabic/gone', 410, '<html lang="ar" dir="rtl">', 'اختفت الصفحة'],
    ['/nowhere?lang=fr', 404, '<html lang="fr" dir="ltr">', 'Page not found'],
    ['/live/nothing?lang=de', 404, '<html lang="de" dir="ltr">', 'Nicht gefunden'],
  ])('%s of an error too', async (path, status, root, title) => {
    const page = await get(path)
    expect(page.status).toBe(status)
    expect(page.body).toContain(root)
    expect(page.body).toContain(title)
  })

  it('in what is no language fails, and says so', async () => {
    told.length = 0
    const { status, body } = await get('/?lang=*')
    expect(status).toBe(500)
    expect(body).toContain('<html lang="en"')
    expect(told).toMatchObject([
      { code: 'ERR_SERVER_OPTIONS', message: expect.stringContaining("page.lang gave '*'") },
      // Nor is there one for the page that says so.
      { code: 'ERR_SERVER_OPTIONS' },
    ])
  })
})

describe('the connected view', () => {
  it('has the language of its page, also behind a live navigation', async () => {
    const page = await fetchPage(`${server.url}/?lang=de`)
    const client = await RawClient.open(page)
    const first = await client.joinView(page)
    expect(first.html).toContain('<p>de de</p>')
    const { reply } = client.join(
      `lv:${page.id}`,
      joinPayload(page, { url: undefined, redirect: `${server.url}/other` }),
    )
    const { status, response } = await reply
    expect(status).toBe('ok')
    expect(JSON.stringify(response)).toContain('"de"')
    await client.leave()
  })

  it('says the errors of uploads in it', async () => {
    const page = await fetchPage(`${server.url}/?lang=de`)
    const client = await RawClient.open(page)
    const view = await client.joinView(page)
    await view.preflight(view.inputRef('photos'), [{ ref: '0', name: 'a', size: 2 * 1024 * 1024 }])
    expect(view.html).toContain('<b>Größer als 1,5 MB</b>')
    await client.leave()
  })

  it('tells the client what it says by itself, where that is not English', async () => {
    const note = async (path: string): Promise<unknown> => {
      const page = await fetchPage(server.url + path)
      const client = await RawClient.open(page)
      const { reply } = client.join(`lv:${page.id}`, joinPayload(page))
      const { e } = (await reply).response['rendered'] as { readonly e?: unknown }
      await client.leave()
      return e
    }
    expect(await note('/?lang=fr')).toBeUndefined()
    expect(await note('/?lang=de')).toMatchObject([
      ['liveloom:note', { lines: { tooLarge: 'Zu groß, höchstens 1 MB' } }],
    ])
  })
})

describe('the language of a server', () => {
  it.each([
    [
      { lang: 'deutsch_' },
      "page.lang must be a language such as 'de' or 'pt-BR', or a function that gives one, got 'deutsch_'",
    ],
    [{ lang: 3 as never }, 'page.lang must be a language'],
  ])('is checked: %o', (page, says) => {
    expect(() => createLiveServer({ routes: {}, page })).toThrow(says)
    expect(() => createLiveServer({ routes: {}, liveSessions: { a: { routes: {}, page } } })).toThrow(says)
  })
})
