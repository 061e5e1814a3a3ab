/** The application that each door serves, with all that the suite of the doors looks at, and what its own routes say of it. */
import { createLiveServer, createLiveView, html, live_file_input, type LiveServer, type UploadWriter } from 'liveloom'

/** How an application is to be started. */
export interface DoorOptions {
  /** Where the framework mounts it; '' for the root. */
  readonly basePath: string
  /** Whether the framework is to trust a proxy. */
  readonly proxy: boolean
}

/** An application that listens. */
export interface Door {
  /** Like `http://127.0.0.1:4000`. */
  readonly url: string
  /** Tells the pages to come back, as a server that is restarted does. */
  drain(): Promise<void>
  close(): Promise<void>
}

/** The option `session` of a door. */
export type FrameworkSession<Source> = (request: Source) => Readonly<Record<string, unknown>>

export type StartDoor = (options: DoorOptions) => Promise<Door>

/** Who is logged in, by the application's own cookie; `'banned'` may come to no page and no socket. */
export function userOf(cookie: string | null | undefined): string {
  return /(?:^|; )app_user=(\w+)/.exec(cookie ?? '')?.[1] ?? 'nobody'
}

/** A header of the application's own, which stands before the default one of the server. */
export const policy = "frame-ancestors 'none'"

/** What a route of the application tells of its bytes: those that a writer was given, and those that were read of a download. */
export interface Bytes {
  written: number
  read: number
  /** What the server has said of its limits. */
  readonly limits: string[]
}

export interface DoorApp {
  readonly server: LiveServer
  readonly bytes: Bytes
  /** Lets the writer of the upload go on. */
  release(): void
}

const mebibyte = 1024 * 1024
/** So large that no buffer on the way holds it. */
export const downloadSize: number = 64 * mebibyte

export function createDoorApp(basePath: string): DoorApp {
  const bytes: Bytes = { written: 0, read: 0, limits: [] }
  let release = (): void => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  const slowWriter = (): UploadWriter<number> => ({
    async write(chunk) {
      bytes.written += chunk.length
      await released
    },
    close() {},
    dispose() {},
    meta: () => bytes.written,
  })
  const home = createLiveView<
    { count: number; user: string; saved: string },
    { type: 'inc' | 'fill' | 'get' | 'break' | 'form' },
    'photos'
  >({
    mount(socket, { user }) {
      socket.assign({ count: 0, user: String(user), saved: '' })
      void socket.allowUpload('photos', {
        autoUpload: true,
        async progress(_, { done }) {
          if (!done) return
          const [sum] = await socket.consumeUploadedEntries('photos', async ({ path }) => sumOf(path))
          socket.assign({ saved: `saved ${sum}` })
        },
      })
    },
    handleEvent(socket, { type }) {
      if (type === 'inc') socket.assign({ count: socket.context.count + 1 })
      // Another each time, or nothing would be sent.
      if (type === 'fill') {
        const count = socket.context.count + 1
        socket.assign({ count, saved: `${count % 10}`.repeat(mebibyte) })
      }
      if (type === 'break')
        socket.download(breakOff, { name: 'half.bin', onEnd: ({ outcome }) => socket.assign({ saved: outcome }) })
      if (type === 'get') socket.download(() => readSlowly(bytes), { name: 'zeros.bin', size: downloadSize })
    },
    render: ({ count, user, saved }, { uploads, csrfToken, path }) => html`
      <p>${user} ${saved}</p>
      <button phx-click="inc">${count}</button>
      <form id="files" phx-change="form">${live_file_input(uploads.photos)}</form>
      <form action="${path('/greet')}" method="post">
        <input type="hidden" name="_csrf_token" value="${csrfToken}" />
      </form>
    `,
  })
  const slow = createLiveView<object, { type: 'form' }, 'photos'>({
    mount(socket) {
      void socket.allowUpload('photos', { autoUpload: true, maxFileSize: 100 * mebibyte, writer: slowWriter })
    },
    handleEvent() {},
    render: (_, { uploads }) => html`<form id="files" phx-change="form">${live_file_input(uploads.photos)}</form>`,
  })
  const server = createLiveServer({
    basePath,
    routes: { '/': home, '/slow': slow },
    secret: 'a secret of the tests, long enough',
    limits: { maxPostSize: 10_000, maxUnsentBytes: 4 * mebibyte, maxVisitorJoins: 60 },
    // What is refused, or fails on purpose, is looked at from outside.
    onError(error) {
      if (String(error).includes('was reached')) bytes.limits.push(String(error))
      else if (!String(error).includes('on purpose')) console.error(error)
    },
  })
  server.post('/greet', ({ name }) => ({ redirect: `/?name=${String(name)}` }))
  return { server, bytes, release }
}

async function sumOf(path: string): Promise<number> {
  const { readFile } = await import('node:fs/promises')
  return (await readFile(path)).reduce((sum, byte) => sum + byte, 0)
}

async function* readSlowly(bytes: Bytes): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(64 * 1024)
  for (let sent = 0; sent < downloadSize; sent += piece.length) {
    bytes.read += piece.length
    yield piece
  }
}

async function* breakOff(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(100_000)
  throw new Error('on purpose: the source of a download fails')
}
