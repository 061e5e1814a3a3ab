/** Files that a view leaves on the ledger: what the next one finds, and that nothing stays that nobody can find. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLiveView, html, live_file_input, type UploadLedger } from 'liveloom'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDiskLedger } from '../../src/adapters/node/disk-ledger.ts'
import { grantUpload, type HttpUpload } from '../support/http-upload.ts'
import type { Page, RawView } from '../support/raw-client.ts'
import { Gates, type Survival, survive } from './cases.ts'

const bytes = new Uint8Array(1000).map((_, at) => at)
const file = { ref: '0', name: 'a.png', size: bytes.length, last_modified: 7 }

let folder: string
let world: Survival | undefined
const ends: (() => unknown)[] = []
const doors: (() => void)[] = []

beforeEach(async () => {
  const parent = await mkdtemp(join(tmpdir(), 'left-behind-'))
  ends.push(() => rm(parent, { recursive: true, force: true }))
  folder = join(parent, 'uploads')
})

afterEach(async () => {
  // A server waits for what its views are still doing.
  for (const end of doors.splice(0)) end()
  await world?.close()
  world = undefined
  for (const end of ends.splice(0).toReversed()) await end()
})

/** What lies in the folder, by what it is. */
async function lying(): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return names.filter((entry) => !entry.isDirectory() && entry.name !== 'lease').map(({ name }) => name)
}

const held = async (): Promise<readonly string[]> =>
  (await lying()).filter((name) => /^[0-9a-f-]{36}\./.test(name) && name.split('.')[2] !== '0')

type Allow = (socket: Parameters<NonNullable<Parameters<typeof createLiveView>[0]['mount']>>[0]) => void

const saved: string[] = []
const calls: string[] = []
let endings = 0
const album = (gates: Gates, { keep, params }: { keep?: 'visitor' | undefined; params?: Allow } = {}) =>
  createLiveView<object, { type: string; ref?: string }, 'photos'>({
    mount: (socket) => void socket.allowUpload('photos', { maxEntries: 9, keep }),
    handleParams: (socket) => params?.(socket as never),
    shutdown: () => void endings++,
    async handleEvent(socket, { type, ref }) {
      if (type === 'patch') socket.pushPatch('/two')
      if (type === 'cancel') await socket.cancelUpload('photos', ref!)
      if (type !== 'save') return
      await socket.consumeUploadedEntries('photos', async (_, { clientName }) => {
        calls.push(clientName)
        await gates.wait('consume')
        saved.push(clientName)
      })
    },
    render: (_, { uploads }) =>
      html`<form phx-change="choose" phx-submit="save">${live_file_input(uploads.photos)}</form>
        ${uploads.photos.entries.map(({ ref, state, progress, errors }) => html`<i>${ref} ${state} ${progress} ${errors}</i>`)}
        ${uploads.photos.waiting.map(({ clientName, progress }) => html`<b>${clientName} ${progress}</b>`)}`,
  })

async function begin(view: ReturnType<typeof album>, more: object = {}): Promise<HttpUpload> {
  saved.length = calls.length = endings = 0
  world = await survive({ routes: { '/': view, '/two': view }, resumeWindow: 0, uploads: { folder }, ...more })
  const upload = await grantUpload(world, file)
  // That of the first page.
  endings = 0
  return upload
}

/** The network goes, and the view ends. */
async function cut({ client }: HttpUpload): Promise<void> {
  await client.cut()
  await vi.waitFor(() => expect(endings).toBe(1))
}

async function comeBack(page: Page, sending: readonly string[] = []): Promise<RawView> {
  const params = { liveloomFilesBack: true, liveloomHttpUploads: sending }
  return (await world!.open(page)).rejoinView(page, params)
}

async function reload(cookie: string, path = '/'): Promise<RawView> {
  const { page, client } = await world!.visit(path, cookie).then(async ({ page, client }) => {
    await client.leave()
    return { page, client: await world!.open(page) }
  })
  return client.joinView(page, { params: { _mounts: 0, liveloomHttpUploads: [] } })
}

describe('a consume that runs when its view ends', () => {
  it.each([undefined, 'visitor'] as const)('and succeeds is not done once more: %s', async (keep) => {
    const gates = new Gates()
    doors.push(() => gates.open('consume'))
    const upload = await begin(album(gates, { keep }))
    await upload.patch(0, bytes, true)
    upload.view.push('event', { type: 'form', event: 'save', value: '' })
    await vi.waitFor(() => expect(calls).toEqual(['a.png']))
    await cut(upload)
    gates.open('consume')
    await vi.waitFor(() => expect(saved).toEqual(['a.png']))
    const view = await comeBack(upload.page)
    expect(view.html).not.toContain('<i>')
    expect(await lying()).toEqual([])
  })
})

describe('a page that is closed', () => {
  it('before it was answered whether it may send leaves nothing', async () => {
    const gates = new Gates()
    const disk = createDiskLedger({
      folder,
      keepFor: { page: 1e6, visitor: 1e6 },
      maxStored: { visitor: 1e9, all: 1e9 },
      maxFiles: 1000,
      report: (error) => {
        throw error
      },
    })
    ends.push(() => disk.close())
    const ledger: UploadLedger = {
      list: (shelf, takesOver) => disk.list(shelf, takesOver),
      async grant(...args) {
        const answer = await disk.grant(...args)
        await gates.wait('grant')
        return answer
      },
    }
    endings = 0
    world = await survive({ routes: { '/': album(gates) }, uploads: { ledger } })
    const { page, client } = await world.visit()
    const view = await client.joinView(page, { params: { _mounts: 0, liveloomHttpUploads: [] } })
    const ref = view.inputRef('photos')
    const files = Array.from({ length: 9 }, (_, at) => ({ ...file, ref: String(at) }))
    await view.choose({ [ref]: files })
    view.push('allow_upload', { ref, entries: files })
    await vi.waitFor(async () => expect((await lying()).some((name) => name.endsWith('.record'))).toBe(true))
    endings = 0
    await client.leave()
    await vi.waitFor(() => expect(endings).toBe(1))
    gates.open('grant')
    await vi.waitFor(async () => expect(await lying()).toEqual([]))
  })
})

describe('allowUpload for a second time', () => {
  const again: Allow = (socket) => void socket.allowUpload('photos', { maxEntries: 9, maxFileSize: 2000 })

  it('when a view was mounted anew has what it had restored', async () => {
    const upload = await begin(album(new Gates(), { params: again }))
    await upload.patch(0, bytes.subarray(0, 300))
    await cut(upload)
    const view = await comeBack(upload.page, ['0'])
    expect(view.html).toContain('<i>0 queued 30 </i>')
    expect((await upload.patch(300, bytes.subarray(300), true)).status).toBe(200)
  })

  it('holds what was restored to the limits of now', async () => {
    const stricter: Allow = (socket) => void socket.allowUpload('photos', { maxEntries: 9, maxFileSize: 999 })
    let params: Allow | undefined
    const upload = await begin(album(new Gates(), { params: (socket) => params?.(socket) }))
    await upload.patch(0, bytes.subarray(0, 300))
    await cut(upload)
    params = stricter
    const view = await comeBack(upload.page, ['0'])
    expect(view.html).toMatch(/<i>0 refused /)
    expect((await upload.send('HEAD')).status).toBe(404)
    await vi.waitFor(async () => expect(await lying()).toEqual([]))
  })

  it('keeps what waits for its file', async () => {
    let params: Allow | undefined
    const upload = await begin(album(new Gates(), { keep: 'visitor', params: (socket) => params?.(socket) }))
    await upload.patch(0, bytes.subarray(0, 300))
    await upload.client.leave()
    params = (socket) => void socket.allowUpload('photos', { maxEntries: 9, keep: 'visitor' })
    const view = await reload(upload.page.cookie)
    expect(view.html).toContain('<b>a.png 30</b>')
    await view.client.leave()
    await vi.waitFor(async () => expect(await held()).toEqual([]))
  })

  it('that does not keep them any more leaves them to whom they are kept for', async () => {
    let params: Allow | undefined
    const upload = await begin(album(new Gates(), { keep: 'visitor', params: (socket) => params?.(socket) }))
    await upload.patch(0, bytes.subarray(0, 300))
    await upload.client.leave()
    params = (socket) => void socket.allowUpload('photos', { maxEntries: 9 })
    const view = await reload(upload.page.cookie)
    expect(view.html).not.toContain('<b>')
    params = undefined
    await view.client.leave()
    expect((await reload(upload.page.cookie)).html).toContain('<b>a.png 30</b>')
  })
})

describe('where a visitor’s files are', () => {
  it('is where the page was when they were chosen, also after a patch', async () => {
    const upload = await begin(album(new Gates(), { keep: 'visitor' }))
    await upload.view.event('patch')
    const ref = upload.view.inputRef('photos')
    const other = { ...file, ref: '1', name: 'b.png' }
    await upload.view.choose({ [ref]: [file, other] })
    await upload.view.preflight(ref, [other])
    await upload.client.leave()
    expect((await reload(upload.page.cookie, '/two')).html).toContain('<b>b.png 0</b>')
    expect((await reload(upload.page.cookie, '/')).html).toContain('<b>a.png 0</b>')
  })
})

describe('a ledger whose files are not what was granted', () => {
  it.each([
    { what: 'longer', received: 1001, done: false },
    { what: 'done, and shorter', received: 999, done: true },
    { what: 'done, and longer', received: 1001, done: true },
  ])('$what: has nothing restored', async ({ received, done }) => {
    let text = ''
    let uuid = ''
    let lists = false
    const unused = (): Promise<never> => Promise.reject(new Error(randomUUID()))
    const ledger: UploadLedger = {
      async grant(_, said, files) {
        text = said
        uuid = files[0]!.uuid
        return []
      },
      async list() {
        if (!lists) return []
        const one = { uuid, received, done, tries: 0, take: () => true, open: unused, peek: unused }
        return [{ text, files: [{ ...one, leave: async () => {}, remove: async () => {} }] }]
      },
    }
    const upload = await begin(album(new Gates()), { uploads: { ledger } })
    lists = true
    await cut(upload)
    expect((await comeBack(upload.page, ['0'])).html).not.toContain('<i>')
  })
})
