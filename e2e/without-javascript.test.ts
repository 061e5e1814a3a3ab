/** A page whose client has not come yet, or never comes: what the browser sends by itself, and how the page goes on. */
import { createHash, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import {
  createLiveComponent,
  createLiveView,
  html,
  live_file_input,
  live_form_fields,
  type LiveView,
  type UploadWriter,
} from 'liveloom'
import { expect, test } from './support/own-server.ts'
import { sha256 } from './support/files.ts'

interface Note {
  readonly text: string
  readonly fault: string
}

/** Tells what is wrong with what was written, until it is long enough. */
const notes = (adopt: boolean): LiveView =>
  createLiveView<Note, { type: 'write' | 'keep'; text: string }>({
    adopt,
    mount: (socket) => socket.assign({ text: '', fault: '' }),
    handleEvent(socket, { type, text }) {
      socket.assign({ text, fault: type === 'keep' && text.length < 5 ? 'too short' : '' })
      if (type === 'keep' && text.length >= 5) socket.putFlash('info', `kept ${text}`)
    },
    render: (
      { text, fault },
      meta,
    ) => html`<form id="note" method="post" enctype="multipart/form-data" phx-change="write" phx-submit="keep">
        ${live_form_fields(meta, { submit: 'keep', change: 'write' })}
        <input name="text" aria-label="Text" value="${text}" /><button>Keep</button>
      </form>
      <p role="alert">${fault}</p>
      <p role="status">${meta.flash['info']}</p>
      <p>${meta.connected ? 'connected' : 'not connected'}</p>`,
  })

test('what is sent before the client has come is answered by the page, and an adopted view goes on with it', async ({
  page,
  start,
}) => {
  const { url, reports } = await start({ routes: { '/': notes(true) } })
  const comes = gate()
  await page.route(/client-[\w-]+\.js/, async (route) => {
    await comes.opened
    await route.continue()
  })
  await page.goto(url, { waitUntil: 'commit' })
  await page.getByLabel('Text').fill('abc')
  await page.getByRole('button').click({ noWaitAfter: true })
  await expect(page.getByRole('alert')).toHaveText('too short')
  comes.open()
  await expect(page.getByText('connected', { exact: true })).toBeVisible()
  await expect(page.getByRole('alert')).toHaveText('too short')
  await expect(page.getByLabel('Text')).toHaveValue('abc')
  // From here on by the socket.
  await page.getByLabel('Text').fill('abcdef')
  await page.getByRole('button').click()
  await expect(page.getByRole('status')).toHaveText('kept abcdef')
  expect(reports).toEqual([])
})

test('a view that is mounted anew shows the flash of the form', async ({ page, start }) => {
  const { url } = await start({ routes: { '/': notes(false) } })
  let blocked = true
  await page.route(/client-[\w-]+\.js/, (route) => (blocked ? route.abort() : route.continue()))
  await page.goto(url)
  await page.getByLabel('Text').fill('long enough')
  blocked = false
  await page.getByRole('button').click()
  await expect(page.getByText('connected', { exact: true })).toBeVisible()
  await expect(page.getByRole('status')).toHaveText('kept long enough')
})

test('a submit while the client connects waits for it, and is sent once', async ({ page, start }) => {
  const posts: string[] = []
  page.on('request', (request) => void (request.method() === 'POST' && posts.push(request.url())))
  const { url } = await start({ routes: { '/': notes(false) } })
  const asked = gate()
  const connects = gate()
  await page.routeWebSocket(/websocket/, async (socket) => {
    asked.open()
    await connects.opened
    socket.connectToServer()
  })
  await page.goto(url)
  await page.getByLabel('Text').fill('by the socket')
  await asked.opened
  await page.getByRole('button').click()
  connects.open()
  await expect(page.getByRole('status')).toHaveText('kept by the socket')
  expect(posts).toEqual([])
})

test('where no connection comes the form goes without one', async ({ page, start }) => {
  const { url } = await start({ routes: { '/': notes(false) } })
  await page.clock.install()
  await page.routeWebSocket(/websocket/, () => {})
  await page.route(/longpoll/, () => {})
  await page.goto(url)
  // The script runs, and holds the form back.
  await page.waitForFunction(() => 'liveSocket' in window)
  await page.getByLabel('Text').fill('after all')
  await page.getByRole('button').click()
  await page.clock.fastForward(11_000)
  await expect(page.getByRole('status')).toHaveText('kept after all')
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('the form of a component brings it a file of 64 MB, in pieces, through its own writer', async ({
    page,
    start,
  }) => {
    const size = 64 * 1024 * 1024
    const seen = { chunks: 0, largest: 0, hash: '', disposed: '' }
    const box = createLiveComponent<{ saved: string }, { type: string }, object, 'film'>({
      mount(socket) {
        socket.assign({ saved: '' })
        void socket.allowUpload('film', { maxFileSize: size, writer: () => hashing(seen) })
      },
      async handleEvent(socket) {
        const [saved = ''] = await socket.consumeUploadedEntries('film', (_, entry) => `${entry.clientSize} bytes`)
        socket.assign({ saved })
      },
      render: (
        { saved },
        meta,
      ) => html`<form id="box" method="post" enctype="multipart/form-data" phx-target=${meta.myself} phx-change="choose" phx-submit="save">
        ${live_form_fields(meta, { submit: 'save' })}
        ${live_file_input(meta.uploads.film, { 'aria-label': 'Film' })}<button>Save</button><output>${saved}</output>
      </form>`,
    })
    const view = createLiveView({ render: (_, { live_component }) => html`${live_component(box, { id: 'box' })}` })
    const { url, reports } = await start({ routes: { '/': view } })
    await page.goto(url)
    // Playwright takes 50 MB from memory; of more it wants the file.
    const film = test.info().outputPath('film.mp4')
    const content = randomBytes(size)
    await writeFile(film, content)
    await page.getByLabel('Film').setInputFiles(film)
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.locator('output')).toHaveText(`${size} bytes`)
    expect(seen.hash).toBe(sha256(content))
    expect(seen.largest).toBeLessThanOrEqual(1024 * 1024)
    expect(seen.chunks).toBeGreaterThanOrEqual(64)
    expect(seen.disposed).toBe('consumed')
    expect(reports).toEqual([])
  })
})

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

function hashing(seen: { chunks: number; largest: number; hash: string; disposed: string }): UploadWriter {
  const hash = createHash('sha256')
  return {
    write(chunk) {
      seen.chunks++
      seen.largest = Math.max(seen.largest, chunk.length)
      hash.update(chunk)
    },
    close() {
      seen.hash = hash.digest('hex')
    },
    dispose: (outcome) => void (seen.disposed = outcome),
    meta: () => ({}),
  }
}
