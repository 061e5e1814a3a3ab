/** Turns to send, in browsers of two visitors: one file at once, and whoever sends least goes first. */
import type { Page } from '@playwright/test'
import { createLiveView, html, live_file_input, type LiveServerOptions } from 'liveloom'
import { photo } from './support/files.ts'
import { withOfficialClient } from './support/official-client.ts'
import { expect, test } from './support/own-server.ts'

/** A view whose files are stored when the test says so. */
function gate() {
  const order: string[] = []
  const open = new Map<string, () => void>()
  const view = createLiveView({
    mount: (socket) => {
      void socket.allowUpload('files', {
        maxEntries: 10,
        autoUpload: true,
        writer: (_, { clientName }) => {
          order.push(clientName)
          const opened = new Promise<void>((letGo) => open.set(clientName, letGo))
          return { write: () => opened, close: () => {}, dispose: () => {}, meta: () => ({}) }
        },
      })
    },
    handleEvent: () => {},
    render: (_, { uploads }) => html`<form id="files" phx-change="validate" phx-submit="save">
      ${live_file_input(uploads['files'])}
      <ul>
        ${uploads['files']!.entries.map(
          ({ clientName, state, place }) => html`<li data-name="${clientName}">${state} ${place ?? ''}</li>`,
        )}
      </ul>
    </form>`,
  })
  return { view, order, letThrough: (name: string) => open.get(name)!() }
}

const oneAtOnce: LiveServerOptions['uploads'] = { maxSending: { all: 1 } }
const entry = (page: Page, name: string) => page.locator(`[data-name="${name}"]`)

async function choose(page: Page, ...names: readonly string[]): Promise<void> {
  await page.locator('.phx-connected').waitFor({ state: 'attached' })
  await page.locator('input[type=file]').setInputFiles(names.map((name) => photo(name, 5000)))
}

test('the one file of a visitor goes before the second of another, and the page says which place each has', async ({
  start,
  browser,
}) => {
  const { view, order, letThrough } = gate()
  const { url } = await start({ routes: { '/': view }, uploads: oneAtOnce })
  const [one, other] = await Promise.all([browser.newPage(), browser.newPage()])
  await one.goto(url)
  await other.goto(url)
  await choose(one, 'a1.png', 'a2.png')
  await expect(entry(one, 'a2.png')).toHaveText('queued 1')
  await choose(other, 'b.png')
  await expect(entry(other, 'b.png')).toHaveText('queued 1')
  await expect(entry(one, 'a2.png')).toHaveText('queued 2')
  letThrough('a1.png')
  await expect.poll(() => order).toEqual(['a1.png', 'b.png'])
  await expect(entry(one, 'a2.png')).toHaveText('queued 1')
  letThrough('b.png')
  await expect.poll(() => order).toEqual(['a1.png', 'b.png', 'a2.png'])
  letThrough('a2.png')
  await expect(entry(one, 'a2.png')).toHaveText('done ')
  await expect(entry(other, 'b.png')).toHaveText('done ')
  for (const page of [one, other]) await page.close()
})

test(
  'a page that is refused at first waits on without its bytes, and goes on when its turn has come',
  { tag: '@slow' },
  async ({ start, browser }) => {
    const { view, letThrough } = gate()
    const { url } = await start({ routes: { '/': view }, uploads: oneAtOnce })
    const [one, other] = await Promise.all([browser.newPage(), browser.newPage()])
    await one.goto(url)
    await other.goto(url)
    await choose(one, 'a.png')
    await expect(entry(one, 'a.png')).toHaveText(/^(queued|sending)/)
    const asks: string[] = []
    other.on('request', (request) => void (request.url().includes('/uploads/') && asks.push(request.method())))
    await choose(other, 'b.png')
    // It was told once to come again, and has done so.
    await expect.poll(() => asks, { timeout: 20_000 }).toEqual(['PATCH', 'HEAD'])
    letThrough('a.png')
    await expect.poll(() => asks).toEqual(['PATCH', 'HEAD', 'PATCH'])
    letThrough('b.png')
    await expect(entry(other, 'b.png')).toHaveText('done ')
    for (const page of [one, other]) await page.close()
  },
)

test(
  'the official client alone waits as well, longer than for any join, and fails at nothing',
  { tag: '@slow' },
  async ({ start, browser }) => {
    const { view, order, letThrough } = gate()
    const { url } = await start({ routes: { '/': view }, uploads: oneAtOnce })
    const [one, plain] = await Promise.all([browser.newPage(), browser.newPage()])
    await withOfficialClient(plain)
    let joins = 0
    plain.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        if (typeof payload === 'string' && payload.includes('"lvu:') && payload.includes('"phx_join"')) joins++
      }),
    )
    await one.goto(url)
    await plain.goto(url)
    await choose(one, 'a1.png', 'a2.png')
    await expect(entry(one, 'a2.png')).toHaveText('queued 1')
    await choose(plain, 'b.png')
    await expect(entry(plain, 'b.png')).toHaveText('queued 1')
    await expect(entry(one, 'a2.png')).toHaveText('queued 2')
    // Its first join was not answered in time.
    await expect.poll(() => joins, { timeout: 20_000 }).toBe(2)
    await expect(entry(plain, 'b.png')).toHaveText('queued 1')
    letThrough('a1.png')
    await expect.poll(() => order).toEqual(['a1.png', 'b.png'])
    letThrough('b.png')
    await expect(entry(plain, 'b.png')).toHaveText('done ')
    await expect.poll(() => order).toEqual(['a1.png', 'b.png', 'a2.png'])
    letThrough('a2.png')
    await expect(entry(one, 'a2.png')).toHaveText('done ')
    for (const page of [one, plain]) await page.close()
  },
)
