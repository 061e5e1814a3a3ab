/** Pages that lose their network, their server or their socket, and find their views as they were. In Chromium, with the official client. */
import { createLiveComponent, createLiveView, html, live_file_input, type LiveView } from 'liveloom'
import type { Page } from '@playwright/test'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Link } from './support/link.ts'
import { expect, test } from './support/own-server.ts'

const steps = createLiveComponent<{ steps: number }, { type: string }>({
  mount: (socket) => socket.assign({ steps: 0 }),
  handleEvent: (socket) => socket.assign({ steps: socket.context.steps + 1 }),
  render: ({ steps: count }, { myself }) =>
    html`<button id="step" phx-click="step" phx-target=${myself}>step ${count}</button>`,
})

const inner = createLiveView<{ n: number }, { type: string }>({
  mount: (socket) => socket.assign({ n: 0 }),
  handleEvent: (socket) => socket.assign({ n: socket.context.n + 1 }),
  render: ({ n }) => html`<button id="inner" phx-click="more">inner ${n}</button>`,
})

interface Context {
  readonly count: number
  readonly saved: string
  readonly draft: string
}

let release = (): void => {}
const log: string[] = []

const view: LiveView = createLiveView<Context, { type: string; text?: string }>({
  mount: (socket) => {
    log.push('mount')
    socket.assign({ count: 0, saved: '', draft: '' })
    void socket.subscribe('draft')
  },
  async handleEvent(socket, { type, text = '' }) {
    log.push(type === 'draft' ? `draft ${text}` : type)
    if (type === 'inc') socket.assign({ count: socket.context.count + 1 })
    if (type === 'slow') {
      await new Promise<void>((resolve) => (release = resolve))
      socket.assign({ count: socket.context.count + 100 })
    }
    if (type === 'draft') socket.assign({ draft: text })
    if (type === 'save') socket.assign({ saved: text, draft: '' })
    if (type === 'order') socket.redirect('/thanks')
  },
  handleInfo: (socket, draft) => socket.assign({ draft: String(draft) }),
  render: ({ count, saved, draft }, { live_component, live_view }) =>
    html`<p id="count">${count}</p>
      <button id="inc" phx-click="inc">inc</button><button id="slow" phx-click="slow">slow</button>
      <button id="order" phx-click="order">order</button>
      <form id="form" phx-change="draft" phx-submit="save">
        <input name="text" value="${draft}" /><button>save</button>
      </form>
      <p id="saved">${saved}</p>
      <p id="draft">${draft}</p>
      ${live_component(steps, { id: 1 })} ${live_view(inner, { id: 'inner-view' })}`,
})

const thanks = createLiveView({ render: () => html`<h1>Thanks</h1>` })

async function connected(page: Page): Promise<void> {
  await expect(page.locator('[data-phx-main].phx-connected')).toBeVisible()
}

/** Marks the page's elements: what is made anew has lost its mark. */
async function mark(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const element of document.querySelectorAll('#count, #form, #form input, #step')) {
      Object.assign(element, { marked: true })
    }
    Object.assign(window, { marked: true })
  })
}

function unmarked(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found = [...document.querySelectorAll('#count, #form, #form input, #step')]
    const lost = found.filter((element) => !('marked' in element)).map(({ id, tagName }) => id || tagName)
    return 'marked' in window ? lost : ['document']
  })
}

/** A page whose state is not what a mount makes, and the network that it is on. */
async function prepared(page: Page, url: string): Promise<Link> {
  log.length = 0
  const link = await Link.open(() => Number(new URL(url).port))
  await page.goto(link.url)
  await connected(page)
  await page.click('#inc')
  await page.click('#step')
  await page.click('#inner')
  await expect(page.locator('#inner')).toHaveText('inner 1')
  await page.fill('input[name=text]', 'before')
  await expect.poll(() => log.at(-1)).toBe('draft before')
  await mark(page)
  return link
}

async function expectAsBefore(page: Page): Promise<void> {
  await expect(page.locator('#count')).toHaveText('1')
  await expect(page.locator('#step')).toHaveText('step 1')
  await expect(page.locator('#inner')).toHaveText('inner 1')
  expect(await unmarked(page)).toEqual([])
  expect(log.filter((line) => line === 'mount')).toHaveLength(2)
  // It lives.
  await page.click('#inc')
  await expect(page.locator('#count')).toHaveText('2')
  await page.click('#step')
  await expect(page.locator('#step')).toHaveText('step 2')
  await page.click('#inner')
  await expect(page.locator('#inner')).toHaveText('inner 2')
}

test('a network that goes and comes back: everything is as it was, what was typed meanwhile too', async ({
  page,
  start,
}) => {
  const { url } = await start({ routes: { '/': view, '/thanks': thanks } })
  const link = await prepared(page, url)
  link.cut()
  await expect(page.locator('[data-phx-main].phx-error')).toBeVisible()
  await page.fill('input[name=text]', 'meanwhile')
  link.mend()
  await connected(page)
  await expect(page.locator('input[name=text]')).toHaveValue('meanwhile')
  await expect(page.locator('input[name=text]')).toBeFocused()
  await expectAsBefore(page)
  await page.click('#form button')
  await expect(page.locator('#saved')).toHaveText('meanwhile')
  await link.close()
})

test('what the server has changed in a form meanwhile is not overwritten by the recovery', async ({ page, start }) => {
  const { url, publish } = await start({ routes: { '/': view, '/thanks': thanks } })
  const link = await prepared(page, url)
  // A focused field keeps what it says, whatever the server has made of it.
  await page.focus('input[name=text]')
  await publish('draft', 'corrected')
  await expect(page.locator('#draft')).toHaveText('corrected')
  link.cut()
  await expect(page.locator('[data-phx-main].phx-error')).toBeVisible()
  const events = log.length
  link.mend()
  await connected(page)
  await page.click('#inc')
  await expect(page.locator('#count')).toHaveText('2')
  expect(log.slice(events)).toEqual(['inc'])
  await expect(page.locator('#draft')).toHaveText('corrected')
  await link.close()
})

test('an answer that was on its way when the network went comes after it is back', async ({ page, start }) => {
  const { url } = await start({ routes: { '/': view, '/thanks': thanks } })
  const link = await prepared(page, url)
  await page.click('#slow')
  await expect.poll(() => log.at(-1)).toBe('slow')
  await expect(page.locator('#slow')).toHaveClass(/phx-click-loading/)
  link.cut()
  await expect(page.locator('[data-phx-main].phx-error')).toBeVisible()
  release()
  link.mend()
  await connected(page)
  await expect(page.locator('#count')).toHaveText('101')
  await expect(page.locator('#slow')).not.toHaveClass(/phx-click-loading/)
  expect(log.filter((line) => line === 'slow')).toHaveLength(1)
  await page.click('#inc')
  await expect(page.locator('#count')).toHaveText('102')
  await link.close()
})

test('an order whose answer was lost leads on when the page is back, and the order form does not', async ({
  page,
  start,
}) => {
  const { url } = await start({ routes: { '/': view, '/thanks': thanks } })
  const link = await prepared(page, url)
  link.down.stall()
  await page.click('#order')
  await expect.poll(() => log.at(-1)).toBe('order')
  link.cut()
  link.down.resume()
  link.mend()
  await expect(page.locator('h1')).toHaveText('Thanks')
  await link.close()
})

const album: LiveView = createLiveView<{ saved: string }, { type: string; name?: string }, 'photos'>({
  mount(socket) {
    socket.assign({ saved: '' })
    void socket.allowUpload('photos', { maxEntries: 5, accept: ['.png'] })
  },
  async handleEvent(socket, { type }) {
    if (type !== 'save') return
    const names = await socket.consumeUploadedEntries('photos', (_, { clientName }) => clientName)
    socket.assign({ saved: names.join() })
  },
  render: ({ saved }, { uploads }) =>
    html`<form id="album" phx-change="choose" phx-submit="save">
        <input name="name" />${live_file_input(uploads.photos)}<button>save</button>
      </form>
      <p id="saved">${saved}</p>
      ${uploads.photos.entries.map(
        ({ clientName, errors }) => html`<i>${clientName} ${errors.map(({ code }) => code).join()}</i>`,
      )}`,
})

const file = (name: string, size = 1000): { name: string; mimeType: string; buffer: Buffer } => ({
  ...{ name, mimeType: 'image/png', buffer: Buffer.alloc(size, 1) },
})

test('files that were chosen are sent when the network is back, and so is one that was chosen meanwhile', async ({
  page,
  start,
}) => {
  const { url } = await start({ routes: { '/': album } })
  const link = await Link.open(() => Number(new URL(url).port))
  await page.goto(link.url)
  await connected(page)
  await page.setInputFiles('input[type=file]', [file('a.png'), file('b.png')])
  await expect(page.locator('i')).toHaveText([/a.png/, /b.png/])
  await page.fill('input[name=name]', 'Holiday')
  link.cut()
  await expect(page.locator('[data-phx-main].phx-error')).toBeVisible()
  await page.setInputFiles('input[type=file]', [file('c.png')])
  link.mend()
  await connected(page)
  await expect(page.locator('i')).toHaveText([/a.png/, /b.png/, /c.png/])
  await expect(page.locator('input[name=name]')).toHaveValue('Holiday')
  await page.click('#album button')
  await expect(page.locator('#saved')).toHaveText('a.png,b.png,c.png')
  await link.close()
})

test('a file that was being sent goes on, and the save that waits for it is done', async ({ page, start }) => {
  const { url } = await start({ routes: { '/': album } })
  const link = await Link.open(() => Number(new URL(url).port))
  await page.goto(link.url)
  await connected(page)
  await page.setInputFiles('input[type=file]', [file('big.png', 4_000_000)])
  await expect(page.locator('i')).toHaveText([/big.png/])
  link.limit(200_000)
  const started = new Promise<void>((resolve) => {
    const hear = (step: unknown): void => {
      if ((step as { readonly what: string }).what !== 'started') return
      unsubscribe('liveloom:upload', hear)
      resolve()
    }
    subscribe('liveloom:upload', hear)
  })
  await page.click('#album button')
  await started
  link.cut()
  await expect(page.locator('[data-phx-main].phx-error')).toBeVisible()
  link.limit(Infinity)
  link.mend()
  await connected(page)
  await expect(page.locator('#saved')).toHaveText('big.png')
  await expect(page.locator('i')).toHaveCount(0)
  await expect(page.locator('#album button')).toBeEnabled()
  await link.close()
})

test(
  'a socket that only seems to live is noticed within 15 s, and its view goes on',
  { tag: '@slow' },
  async ({ page, start }) => {
    const { url } = await start({ routes: { '/': view, '/thanks': thanks } })
    const link = await prepared(page, url)
    const before = Date.now()
    link.forsake()
    await expect(page.locator('[data-phx-main].phx-error')).toBeVisible({ timeout: 15_000 })
    console.log(`noticed after ${Date.now() - before} ms`)
    await connected(page)
    await expectAsBefore(page)
    await link.close()
  },
)
