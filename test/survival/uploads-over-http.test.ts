/** Files that travel over HTTP while the line of their page is lost: they go on, and the view that goes on has them. */
import { createLiveView, html, live_file_input } from 'liveloom'
import { afterEach, expect, it, vi } from 'vitest'
import { grantUpload, type HttpUpload } from '../support/http-upload.ts'
import { RawUpload, type RawView } from '../support/raw-client.ts'
import { once, type Survival, survive } from './cases.ts'

let world: Survival
afterEach(() => world.close())

const bytes = new Uint8Array(1000).map((_, at) => at)
const file = { ref: '0', name: 'a.png', size: bytes.length }

const progress: number[] = []
const album = createLiveView<{ saved: string }, { type: string }, 'photos'>({
  mount(socket) {
    socket.assign({ saved: '' })
    void socket.allowUpload('photos', { progress: (_, entry) => void progress.push(entry.progress) })
  },
  async handleEvent(socket, { type }) {
    if (type !== 'save') return
    const sizes = await socket.consumeUploadedEntries('photos', (_, { clientSize }) => clientSize)
    socket.assign({ saved: sizes.join() })
  },
  render: ({ saved }, { uploads }) =>
    html`<form phx-change="choose" phx-submit="save">${live_file_input(uploads.photos)}</form>
      <p>saved ${saved}</p>
      ${uploads.photos.entries.map(
        ({ ref, progress: percent, preflighted, done, errors }) =>
          html`<i>${ref} ${percent} ${preflighted ? 'asked' : ''} ${done ? 'done' : ''} ${errors}</i>`,
      )}`,
})

async function begin(): Promise<HttpUpload> {
  progress.length = 0
  world = await survive({ routes: { '/': album } })
  return grantUpload(world, file)
}

async function comeBack({ page }: HttpUpload, sending: readonly string[]): Promise<RawView> {
  const params = { liveloomFilesBack: true, liveloomHttpUploads: sending }
  return (await world.open(page)).rejoinView(page, params)
}

it('a file goes on and is complete while the line is lost, and is saved when the page is back', async () => {
  const upload = await begin()
  await upload.patch(0, bytes.subarray(0, 400))
  await world.lose(upload.client)
  expect((await upload.patch(400, bytes.subarray(400), true)).status).toBe(200)
  const view = await comeBack(upload, ['0'])
  expect(view.html).toContain('<i>0 100 asked done </i>')
  // What the page told while it had no line is told again.
  expect(await view.progress(view.inputRef('photos'), '0', 100)).toMatchObject({ status: 'ok' })
  await view.submit('save')
  expect(view.html).toContain('saved 1000')
  expect(progress.filter((percent) => percent === 100)).toHaveLength(1)
})

it('a request that runs is not cut with the line, and its entry goes on behind it', async () => {
  const upload = await begin()
  const running = upload.open(0)
  running.write(bytes.subarray(0, 400))
  await vi.waitFor(() => expect(progress).toContain(40))
  await world.lose(upload.client)
  running.write(bytes.subarray(400, 700))
  const view = await comeBack(upload, ['0'])
  expect(view.html).toMatch(/<i>0 \d+ asked {2}<\/i>/)
  running.write(bytes.subarray(700))
  running.end()
  expect((await running.answer).status).toBe(200)
  await view.submit('save')
  expect(view.html).toContain('saved 1000')
})

it('one that the page never learned it may send is asked for anew', async () => {
  const upload = await begin()
  await world.lose(upload.client)
  const view = await comeBack(upload, [])
  expect(view.html).toContain('<i>0 0   </i>')
  expect((await upload.send('HEAD')).status).toBe(404)
  const { entries } = await view.preflight(view.inputRef('photos'), [file])
  const { token } = entries['0'] as unknown as { readonly token: string }
  const channel = await RawUpload.join(view.client, '0', token)
  await channel.chunk(bytes)
  await view.submit('save')
  expect(view.html).toContain('saved 1000')
})

it('is let go of with its view, when nobody comes back for it', async () => {
  progress.length = 0
  world = await survive({ routes: { '/': album }, resumeWindow: 50 })
  const upload = await grantUpload(world, file)
  await upload.patch(0, bytes.subarray(0, 400))
  const expired = once('expire')
  await upload.client.cut()
  await expired
  expect((await upload.send('HEAD')).status).toBe(404)
})

it('is let go of with a page that is closed', async () => {
  const upload = await begin()
  await upload.patch(0, bytes.subarray(0, 400))
  await upload.client.leave()
  await vi.waitFor(async () => expect((await upload.send('HEAD')).status).toBe(404), 10_000)
})
