/** What is typed on a slow line, before the page's view is there, stays; and the view learns of it. */
import type { Page } from '@playwright/test'
import { attrs, createLiveView, html, live_file_input, type LiveView } from 'liveloom'
import { expect, test } from './support/own-server.ts'

interface Seen {
  readonly type: string
  readonly values: Readonly<Record<string, unknown>>
}

let seen: Seen[] = []
test.beforeEach(() => void (seen = []))

/** A view that writes down its events and is rendered anew at each. */
function noting(attributes: Readonly<Record<string, string>>, id = 'person'): LiveView {
  return createLiveView<{ count: number }, Seen, 'file'>({
    mount: (socket) => {
      socket.assign({ count: 0 })
      void socket.allowUpload('file', { accept: ['.txt'] })
    },
    handleEvent: (socket, { type, values }) => {
      seen.push({ type, values })
      socket.assign({ count: socket.context.count + 1 })
    },
    render: ({ count }, { uploads, connected }) => html`<form phx-submit="save" ${attrs({ ...attributes, id })}>
        <input name="mail" phx-debounce="blur" value="${connected ? 'later@example.org' : ''}" />
        <input name="word" type="password" />
        <input name="untouched" value="${connected ? 'connected' : 'first'}" />
        <textarea name="text"></textarea>
        <select name="land">
          <option value="a">A</option>
          <option value="b">B</option>
        </select>
        <select name="many" multiple>
          <option>1</option>
          <option>2</option>
          <option>3</option>
        </select>
        <input type="checkbox" name="box" />
        <input type="checkbox" name="was" checked />
        <input type="radio" name="size" value="s" checked /><input type="radio" name="size" value="l" />
        ${live_file_input(uploads.file)}
        <button id="save-${id}">Save</button>
      </form>
      <p id="files">${uploads.file.entries.map((entry) => entry.clientName)}</p>
      <p id="count-${id}">${count}</p>`,
  })
}

/** Loads the page without its script, which comes when the returned function is called. */
async function openSlowly(page: Page, url: string): Promise<() => void> {
  let arrive = (): void => {}
  const held = new Promise<void>((resolve) => (arrive = resolve))
  await page.route(/client-.*\.js/, async (route) => {
    await held
    await route.continue()
  })
  await page.goto(url, { waitUntil: 'commit' })
  await page.locator('#save-person').waitFor()
  return arrive
}

/** Loads the page with its script, whose socket opens when the returned function is called. */
async function openWithoutSocket(page: Page, url: string): Promise<() => void> {
  let open = (): void => {}
  const held = new Promise<void>((resolve) => (open = resolve))
  await page.routeWebSocket(/websocket/, async (socket) => {
    await held
    socket.connectToServer()
  })
  await page.addInitScript(() => void Object.assign(window, { liveloom: { longPollFallbackMs: false } }))
  await page.goto(url)
  return open
}

async function fill(page: Page): Promise<void> {
  await page.locator('[name=mail]').fill('ada@example.org')
  await page.locator('[name=word]').fill('secret')
  await page.locator('[name=text]').fill('two\nlines')
  await page.locator('[name=land]').selectOption('b')
  await page.locator('[name=many]').selectOption(['1', '3'])
  await page.locator('[name=box]').check()
  await page.locator('[name=was]').uncheck()
  await page.locator('[name=size][value=l]').check()
}

const filled = {
  mail: 'ada@example.org',
  word: 'secret',
  untouched: 'connected',
  text: 'two\nlines',
  land: 'b',
  many: ['1', '3'],
  size: 'l',
}

async function fieldsOf(page: Page): Promise<Record<string, unknown>> {
  return page.locator('#person').evaluate((form) => {
    const data = new FormData(form as HTMLFormElement)
    const entries = [...new Set(data.keys())].filter((name) => name !== 'file')
    return Object.fromEntries(entries.map((name) => [name, name === 'many' ? data.getAll(name) : data.get(name)]))
  })
}

const connected = (page: Page) => page.locator('[data-phx-main].phx-connected').waitFor()

test('stays in every kind of field, and is told in one event', async ({ page, start }) => {
  const { url } = await start({ routes: { '/': noting({ 'phx-change': 'typed' }) } })
  const arrive = await openSlowly(page, url)
  await fill(page)
  await page.locator('[name=text]').focus()
  arrive()
  await expect(page.locator('#count-person')).toHaveText('1')
  expect(await fieldsOf(page)).toEqual({ ...filled, box: 'on' })
  await expect(page.locator('[name=was]')).not.toBeChecked()
  await expect(page.locator('[name=text]')).toBeFocused()
  expect(seen).toHaveLength(1)
  expect(seen[0]).toMatchObject({ type: 'typed', values: { ...filled, many: '3', box: 'on' } })
  // Used fields show their errors; what was not touched does not.
  expect(Object.keys(seen[0]!.values).filter((name) => name.startsWith('_unused_'))).toEqual(['_unused_untouched'])
})

test('between the script and the join, too', async ({ page, start }) => {
  const { url } = await start({ routes: { '/': noting({ 'phx-change': 'typed' }) } })
  const open = await openWithoutSocket(page, url)
  await page.locator('[name=mail]').fill('ada@example.org')
  open()
  await expect(page.locator('#count-person')).toHaveText('1')
  await expect(page.locator('[name=mail]')).toHaveValue('ada@example.org')
})

/** Each of these has another value than the one that was rendered, before anybody has touched it. */
const odd = createLiveView<{ count: number }, Seen>({
  mount: (socket) => socket.assign({ count: 0 }),
  handleEvent: (socket, { type, values }) => {
    seen.push({ type, values })
    socket.assign({ count: socket.context.count + 1 })
  },
  render: ({ count }) => html`<form id="odd" phx-change="typed">
      <input type="range" name="a" /><input type="range" name="b" min="10" max="20" value="99" />
      <input type="color" name="c" /><input type="number" name="d" value="x" /><input type="date" name="e" value="never" />
      <input type="email" name="f" value=" a@b.c " /><input type="text" name="g" value="one\nline" />
      <textarea name="h">${'a\r\nb'}</textarea>
      <input type="hidden" name="i" value="x" /><select name="j"></select>
      <button type="button" id="ask" phx-click="asked">Ask</button>
    </form>
    <p id="count">${count}</p>`,
})

test('a field whose value the browser makes by itself is not taken for typed', async ({ page, start }) => {
  const { url } = await start({ routes: { '/': odd } })
  await page.goto(url)
  await connected(page)
  await page.locator('#ask').click()
  await expect(page.locator('#count')).toHaveText('1')
  expect(seen.map(({ type }) => type)).toEqual(['asked'])
})

test('a page that nobody typed into sends nothing', async ({ page, start }) => {
  const { url } = await start({ routes: { '/': noting({ 'phx-change': 'typed' }) } })
  const sent: string[] = []
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => void sent.push(payload.toString())))
  await page.goto(url)
  await connected(page)
  await page.locator('#save-person').click()
  await expect(page.locator('#count-person')).toHaveText('1')
  expect(seen.map(({ type }) => type)).toEqual(['save'])
  expect(sent.filter((frame) => frame.includes('"event"'))).toHaveLength(1)
})

test('is told by the event that recovers the form, where it has one', async ({ page, start }) => {
  const { url } = await start({ routes: { '/': noting({ 'phx-change': 'typed', 'phx-auto-recover': 'recovered' }) } })
  const arrive = await openSlowly(page, url)
  await fill(page)
  arrive()
  await expect(page.locator('#count-person')).toHaveText('1')
  expect(seen.map(({ type }) => type)).toEqual(['recovered'])
  // From then on it is an ordinary form.
  await page.locator('[name=text]').fill('more')
  await expect.poll(() => seen.at(-1)).toMatchObject({ type: 'typed', values: { text: 'more' } })
})

for (const [what, attributes, id] of [
  ['that is not to be recovered', { 'phx-change': 'typed', 'phx-auto-recover': 'ignore' }, 'person'],
  ['that tells no changes', {}, 'person'],
] as const) {
  test(`stays in a form ${what}, and nothing is told`, async ({ page, start }) => {
    const { url } = await start({ routes: { '/': noting(attributes, id) } })
    const arrive = await openSlowly(page, url)
    await fill(page)
    arrive()
    await connected(page)
    expect(await fieldsOf(page)).toEqual({ ...filled, box: 'on' })
    await page.locator('#save-person').click()
    await expect(page.locator('#count-person')).toHaveText('1')
    expect(seen.map(({ type }) => type)).toEqual(['save'])
  })
}

test('stays in a nested view as well', async ({ page, start }) => {
  const inner = noting({ 'phx-change': 'typed' })
  const outer = createLiveView({
    render: (_context, { live_view }) => html`<main>${live_view(inner, { id: 'inner' })}</main>`,
  })
  const { url } = await start({ routes: { '/': outer } })
  const arrive = await openSlowly(page, url)
  await fill(page)
  arrive()
  await expect(page.locator('#count-person')).toHaveText('1')
  expect(await fieldsOf(page)).toEqual({ ...filled, box: 'on' })
  expect(seen).toHaveLength(1)
})

test('a file that was chosen is listed, and sent with the form', async ({ page, start }) => {
  const { url } = await start({ routes: { '/': noting({ 'phx-change': 'typed' }) } })
  const arrive = await openSlowly(page, url)
  const text = { name: 'early.txt', mimeType: 'text/plain', buffer: Buffer.from('early') }
  await page.locator('input[type=file]').setInputFiles(text)
  await page.locator('[name=mail]').fill('ada@example.org')
  arrive()
  await expect(page.locator('#files')).toHaveText('early.txt')
  await page.locator('#save-person').click()
  await expect.poll(() => seen.at(-1)?.type).toBe('save')
  expect(seen.at(-1)?.values).toMatchObject({ mail: 'ada@example.org' })
})

test('a form that is submitted meanwhile is submitted when its view is there', async ({ page, start }) => {
  const { url } = await start({ routes: { '/': noting({ 'phx-change': 'typed' }) } })
  const open = await openWithoutSocket(page, url)
  await page.locator('[name=mail]').fill('ada@example.org')
  await page.locator('#save-person').click()
  open()
  await expect.poll(() => seen.map(({ type }) => type)).toEqual(['typed', 'save'])
  expect(seen.at(-1)?.values).toMatchObject({ mail: 'ada@example.org' })
  expect(new URL(page.url()).search).toBe('')
})
