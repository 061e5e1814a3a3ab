/** A server to attack, and what must hold of it afterwards: no exception in the process, no file left, and honest clients served. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createLiveServer,
  createLiveView,
  type ErrorContext,
  html,
  live_file_input,
  type LiveServerOptions,
  type LiveView,
  type ServerLimits,
  type UploadConfigOptions,
  type UploadEntry,
} from 'liveloom'
import { type Middleware, type NodeServer, serve } from 'liveloom/node'
import { expect, vi } from 'vitest'
import { createSigner, type Signer } from '../../src/token/signer.ts'
import { fetchPage, type OpenOptions, type Page, RawClient, type RawView } from '../support/raw-client.ts'

const secret = 'an attacker knows everything but this'

export interface TargetOptions {
  readonly limits?: Partial<ServerLimits>
  /** The options of the upload `photos`. */
  readonly upload?: UploadConfigOptions
  /** More views by path. */
  readonly routes?: Readonly<Record<string, LiveView>>
  readonly liveSessions?: LiveServerOptions['liveSessions']
  readonly cookie?: LiveServerOptions['cookie']
  readonly uploads?: LiveServerOptions['uploads']
  /** How long views outlive their connections, in ms. */
  readonly resumeWindow?: number
  /** Behind a proxy: what it says of protocol and host is believed. */
  readonly trustProxy?: boolean
  /** Routes beside the views. */
  readonly use?: (server: () => NodeServer) => Middleware
}

/** What the view tells of an entry. */
export interface SeenEntry {
  readonly ref: string
  readonly name: string
  readonly progress: number
  readonly done: boolean
  readonly failed: boolean
  readonly valid: boolean
  readonly errors: readonly string[]
  readonly sha256?: string | undefined
  readonly state: string
  readonly place?: number | undefined
  /** How much of what the browser claimed is kept, as characters of JSON. */
  readonly kept: number
}

export interface Target {
  readonly server: NodeServer
  readonly url: string
  /** The upgraded connections that the server has. */
  readonly sockets: ReadonlySet<unknown>
  /** What the server would sign, at the time `now`. */
  signer(now?: number): Signer
  /** What was reported to `onError`. */
  readonly reports: readonly { readonly error: unknown; readonly context: ErrorContext }[]
  /** How often the album's `handleEvent` was called. */
  readonly handled: readonly { readonly type: string; readonly values: unknown }[]
  /** Opens a socket of a page; it is gone when the test ends. */
  open(page: Page, options?: OpenOptions): Promise<RawClient>
  /** A visitor with the album joined. */
  visit(path?: string): Promise<{ readonly page: Page; readonly client: RawClient; readonly view: RawView }>
  /** Something that has to come about when the server closes, at the latest. */
  endsWithServer(end: Promise<unknown>): void
  /** Lets the handlers of the event `slow` go on. */
  release(): void
  /** The files that uploads have in the temporary folder. */
  temporaryFiles(): Promise<readonly string[]>
  readonly savedFolder: string
  /** What the event `save` stored there, by file name. */
  saved(): Promise<readonly string[]>
}

/** The entries of the upload `photos`, as the server has them after all that was sent before. */
export async function entriesOf(view: RawView): Promise<readonly SeenEntry[]> {
  await view.event('look')
  return [...view.html.matchAll(/data-entry="([^"]*)"/g)].map(
    ([, encoded]) => JSON.parse(Buffer.from(encoded!, 'base64').toString()) as SeenEntry,
  )
}

function tell(entry: UploadEntry): SeenEntry {
  const { ref, clientName: name, progress, done, failed, valid, errors, sha256, state, place } = entry
  return {
    ref,
    name,
    progress,
    done,
    failed,
    valid,
    errors: errors.map(({ code }) => code),
    sha256,
    state,
    place,
    kept: JSON.stringify(entry).length,
  }
}

/** What a name may hold is no matter of the template here. */
function encode(entry: SeenEntry): string {
  return Buffer.from(JSON.stringify(entry)).toString('base64')
}

/** Another visitor uploads a file, saves it, and finds its bytes whole. */
async function serveHonestClient({ visit, saved, savedFolder }: Target): Promise<void> {
  const bytes = randomBytes(100_000)
  const before = await saved()
  const { client, view } = await visit()
  expect(await client.heartbeat()).toEqual({ status: 'ok', response: {} })
  await view.upload('papers', { ref: '0', name: 'honest.png', size: bytes.length, type: 'image/png' }, bytes)
  expect((await view.submit('file')).status).toBe('ok')
  const added = (await saved()).filter((name) => !before.includes(name))
  expect(added).toHaveLength(1)
  expect(bytes.equals(await readFile(join(savedFolder, added[0]!)))).toBe(true)
  await client.leave()
}

/** Runs an attack, then asserts that nothing of it is left. */
export async function withTarget(options: TargetOptions, attack: (target: Target) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'hostile-'))
  const temporary = await mkdtemp(join(root, 'tmp-'))
  const savedFolder = await mkdtemp(join(root, 'saved-'))
  const before = await readdir(root)
  const exceptions: unknown[] = []
  const onException = (error: unknown): void => void exceptions.push(error)
  process.on('uncaughtException', onException)
  process.on('unhandledRejection', onException)
  const clients: RawClient[] = []
  const ends: Promise<unknown>[] = []
  const target = await startTarget(options, { temporary, savedFolder, clients, ends })
  try {
    await attack(target)
    await serveHonestClient(target)
    target.release()
    await Promise.all(clients.map((client) => client.leave()))
    await vi.waitFor(async () => expect(await target.temporaryFiles()).toEqual([]))
    await target.server.close()
    await Promise.all(ends)
    expect(await readdir(temporary)).toEqual([])
    // Nothing was written beside the folders that were meant.
    expect(await readdir(root)).toEqual(before)
    expect(exceptions).toEqual([])
  } finally {
    target.release()
    for (const client of clients) client.socket.terminate()
    await target.server.close()
    process.removeListener('uncaughtException', onException)
    process.removeListener('unhandledRejection', onException)
    await rm(root, { recursive: true, force: true })
  }
}

/** What is kept of an attack until it is over. */
interface Kept {
  readonly temporary: string
  readonly savedFolder: string
  readonly clients: RawClient[]
  readonly ends: Promise<unknown>[]
}

async function startTarget(
  { limits, upload, uploads, routes, liveSessions, cookie, resumeWindow, trustProxy, use }: TargetOptions,
  { temporary, savedFolder, clients, ends }: Kept,
): Promise<Target> {
  const reports: { error: unknown; context: ErrorContext }[] = []
  const handled: { type: string; values: unknown }[] = []
  let release = (): void => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const album = createAlbum({ upload, savedFolder, handled, gate })
  const live = createLiveServer({
    secret,
    limits,
    routes: { '/': album, ...routes },
    liveSessions,
    cookie,
    uploads,
    resumeWindow,
    onError: (error, context) => reports.push({ error, context }),
  })
  const server: NodeServer = await inTemporaryFolder(temporary, () =>
    serve(live, {
      port: 0,
      signals: false,
      closeTimeout: 2000,
      development: false,
      trustProxy,
      use: use === undefined ? [] : [use(() => server)],
    }),
  )
  const { url } = server
  const sockets = new Set<unknown>()
  server.server.prependListener('upgrade', (_, socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const open = async (page: Page, options?: OpenOptions): Promise<RawClient> => {
    const client = await RawClient.open(page, options)
    clients.push(client)
    return client
  }
  return {
    server,
    url,
    sockets,
    reports,
    handled,
    open,
    signer: (now = Date.now()) => createSigner(secret, () => now),
    endsWithServer: (end) => void ends.push(end),
    release: () => release(),
    savedFolder,
    async visit(path = '/') {
      const page = await fetchPage(url + path)
      const client = await open(page)
      return { page, client, view: await client.joinView(page) }
    },
    temporaryFiles: () => filesBelow(temporary),
    saved: () => readdir(savedFolder),
  }
}

/** The server asks for the temporary folder when it is made, which happens before anything is awaited. */
function inTemporaryFolder<T>(folder: string, start: () => T): T {
  const { TMPDIR } = process.env
  process.env['TMPDIR'] = folder
  try {
    return start()
  } finally {
    if (TMPDIR === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = TMPDIR
  }
}

/** But for the lease, which lives as long as the process. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => !entry.isDirectory() && entry.name !== 'lease')
    .map((entry) => join(entry.parentPath, entry.name))
}

interface AlbumOptions {
  readonly upload: UploadConfigOptions | undefined
  readonly savedFolder: string
  readonly handled: { type: string; values: unknown }[]
  readonly gate: Promise<void>
}

function createAlbum({ upload, savedFolder, handled, gate }: AlbumOptions): LiveView {
  return createLiveView<{ text: string }, { type: string; ref?: unknown; length?: unknown }, 'photos' | 'papers'>({
    mount(socket) {
      socket.assign({ text: '' })
      void socket.allowUpload('photos', { maxEntries: 3, ...upload })
      void socket.allowUpload('papers', { maxEntries: 3 })
    },
    async handleEvent(socket, event) {
      handled.push({ type: event.type, values: event.values })
      if (event.type === 'save' || event.type === 'file') {
        const name = event.type === 'save' ? 'photos' : 'papers'
        await socket.consumeUploadedEntries(name, async ({ path, fileSystem }, entry) => {
          await fileSystem.createOrAppendFile(join(savedFolder, entry.uuid), path)
        })
      } else if (event.type === 'look') socket.assign({})
      else if (event.type === 'cancel') await socket.cancelUpload('photos', String(event.ref))
      else if (event.type === 'pause') await socket.pauseUpload('photos', String(event.ref))
      else if (event.type === 'resume') await socket.resumeUpload('photos', String(event.ref))
      else if (event.type === 'retry') await socket.retryUpload('photos', String(event.ref))
      else if (event.type === 'slow') await gate
      else if (event.type === 'grow') socket.assign({ text: 'x'.repeat(Number(event.length)) + handled.length })
    },
    render: ({ text }, { uploads }) => html`<form phx-change="validate" phx-submit="save">
        ${live_file_input(uploads.photos)} ${live_file_input(uploads.papers)}
      </form>
      <p>${text}</p>
      <ul>${uploads.photos.entries.map((entry) => html`<li data-entry="${encode(tell(entry))}"></li>`)}</ul>`,
  })
}
