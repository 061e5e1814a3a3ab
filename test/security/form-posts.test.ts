/** Forms of views that come over HTTP, from strangers and from visitors who try more than their page offers. */
import type { Socket } from 'node:net'
import { createLiveView, html, live_file_input, live_form_fields, type LiveView } from 'liveloom'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { FormClient } from '../support/form-client.ts'
import { openSocket, readAnswer } from '../support/raw-http.ts'
import { type Target, type TargetOptions, withTarget } from './target.ts'

let handled: { readonly type: string; readonly values: unknown }[] = []
let names: string[] = []
const opened: Socket[] = []

beforeEach(() => {
  handled = []
  names = []
})
afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy()
})

const viewWithForm = (): LiveView =>
  createLiveView<object, { type: string; values: unknown }, 'photos'>({
    mount: (socket) => void socket.allowUpload('photos', { maxEntries: 2, maxFileSize: 100_000 }),
    async handleEvent(socket, event) {
      handled.push({ type: event.type, values: event.values })
      names.push(...(await socket.consumeUploadedEntries('photos', (_, { clientName }) => clientName)))
    },
    render: (_, meta) => html`<form id="f" method="post" enctype="multipart/form-data" phx-change="v" phx-submit="save">
        ${live_form_fields(meta, { submit: 'save' })}${live_file_input(meta.uploads.photos)}
      </form>
      ${meta.uploads.photos.entries.map(({ errors }) => html`<b>${errors.map(({ code }) => code)}</b>`)}`,
  })

async function attack(
  run: (client: FormClient, target: Target) => Promise<void>,
  options: TargetOptions = {},
): Promise<void> {
  await withTarget({ ...options, routes: { '/form': viewWithForm(), '/other': viewWithForm() } }, async (target) => {
    await run(await FormClient.open(`${target.url}/form`), target)
  })
}

const photo = (size: number): Blob => new Blob([new Uint8Array(size)], { type: 'image/png' })

it('nothing is taken of a form without the token of a page of this visitor, for this view', () =>
  attack(async (client, target) => {
    const [other, stranger] = await Promise.all([
      FormClient.open(`${target.url}/other`),
      FormClient.open(`${target.url}/form`),
    ])
    const page = /<meta name="csrf-token" content="([^"]+)"/.exec(client.html)![1]!
    const session = /data-phx-session="([^"]+)"/.exec(client.html)![1]!
    const good = client.token()
    const old = target.signer(Date.now() - 15 * 24 * 60 * 60 * 1000)
    const tokens = [
      '',
      'x',
      '.',
      page,
      session,
      good.slice(0, -1),
      `${good}x`,
      stranger.token(),
      other.token(),
      old.sign('form', {}),
    ]
    for (const token of tokens) {
      const form = new FormData()
      form.append('_live_form', token)
      form.append('photos', photo(50_000), 'a.png')
      expect((await client.send(form)).status, token).toBe(403)
      expect((await client.send(new URLSearchParams({ _live_form: token }))).status, token).toBe(403)
    }
    for (const form of [new FormData(), new URLSearchParams()]) expect((await client.send(form)).status).toBe(403)
    expect(handled).toEqual([])
  }))

it('the page of another site sends none', () =>
  attack(async (client) => {
    const form = client.form()
    for (const origin of ['https://evil.example', 'null', 'file://'])
      expect((await client.send(form, { headers: { origin } })).status, origin).toBe(403)
    const own = new URL(client.url).origin
    expect((await client.send(form, { headers: { origin: own } })).status).toBe(200)
    expect(handled).toHaveLength(1)
  }))

it('a file before the token is not kept', () =>
  attack(async (client, target) => {
    const form = new FormData()
    form.append('photos', photo(90_000), 'a.png')
    form.append('_live_form', client.token())
    expect((await client.send(form)).status).toBe(403)
    expect(await target.temporaryFiles()).toEqual([])
  }))

it.each([
  [
    'too many parts',
    413,
    (form: FormData) => {
      for (let n = 0; n < 30; n++) form.append('a', '1')
    },
  ],
  [
    'too many files',
    413,
    (form: FormData) => {
      for (let n = 0; n < 30; n++) form.append('x', photo(1), 'a')
    },
  ],
  [
    'fields that are too large together',
    413,
    (form: FormData) => {
      for (let n = 0; n < 5; n++) form.append('a', 'x'.repeat(900))
    },
  ],
  ['one field that is too large', 413, (form: FormData) => form.append('a', 'x'.repeat(5000))],
  ['names that are nested too deep', 413, (form: FormData) => form.append(`a${'[b]'.repeat(40)}`, '1')],
] as [string, number, (form: FormData) => void][])('a form with %s is answered %i', (_, status, fill) =>
  attack(
    async (client) => {
      const form = client.form()
      fill(form)
      expect((await client.send(form)).status).toBe(status)
      expect(handled).toEqual([])
    },
    { limits: { maxPostSize: 4000, maxFormFields: 20 } },
  ),
)

it('what is no form of several parts is answered 400', () =>
  attack(async (client) => {
    const token = client.token()
    const head = `--b\r\nContent-Disposition: form-data; name="_live_form"\r\n\r\n${token}\r\n`
    const file = '--b\r\nContent-Disposition: form-data; name="photos"; filename="a.png"\r\n\r\nbytes'
    for (const body of ['', 'x', head, head + file, `${head}${file}\r\n--c--\r\n`]) {
      const headers = { 'content-type': 'multipart/form-data; boundary=b' }
      expect((await client.send(body, { headers })).status, body).toBe(400)
    }
    expect(handled).toEqual([])
  }))

it('names of files and inputs are names, wherever they point', () =>
  attack(async (client) => {
    const form = client.form()
    form.append('photos', photo(1), '../../../etc/passwd')
    form.append('photos', photo(1), 'C:\\Windows\\win.ini')
    for (const name of ['__proto__', 'constructor', 'toString', '']) form.append(name, photo(1), 'a.png')
    form.append('__proto__[polluted]', 'yes')
    form.append('constructor[prototype][polluted]', 'yes')
    expect((await client.send(form)).status).toBe(200)
    expect(names).toEqual(['passwd', 'win.ini'])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  }))

it('of a file that is too large no more is kept than it may have, and it is not read without end', () =>
  attack(async (client, target) => {
    let sent = 0
    let most = 0
    const boundary = 'b'
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="_live_form"\r\n\r\n${client.token()}\r\n`
    const file = `--${boundary}\r\nContent-Disposition: form-data; name="photos"; filename="a.png"\r\n\r\n`
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(head + file)),
      async pull(controller) {
        sent += 64 * 1024
        controller.enqueue(new Uint8Array(64 * 1024))
        most = Math.max(most, (await target.temporaryFiles()).length)
      },
    })
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
    const response = await client.send(body, { headers, duplex: 'half' } as RequestInit)
    expect(response.status).toBe(422)
    expect(client.html).toContain('too_large')
    expect(sent).toBeLessThan(64 * 1024 * 1024)
    expect(handled).toEqual([])
    expect(await target.temporaryFiles()).toEqual([])
  }))

/** A form whose file has begun to come, and does not go on. */
async function begin(client: FormClient): Promise<Socket> {
  const socket = await openSocket(client.url)
  opened.push(socket)
  const head = [
    'POST /form HTTP/1.1',
    'Host: localhost',
    `Cookie: ${client.jar.header(client.url)}`,
    'Content-Type: multipart/form-data; boundary=b',
    'Content-Length: 90000',
  ]
  const part = `--b\r\nContent-Disposition: form-data; name="_live_form"\r\n\r\n${client.token()}\r\n`
  const file = '--b\r\nContent-Disposition: form-data; name="photos"; filename="a.png"\r\n\r\n'
  socket.write(`${head.join('\r\n')}\r\n\r\n${part}${file}${'x'.repeat(30_000)}`)
  return socket
}

it('one visitor cannot keep more than six forms open, and what they had is gone with them', () =>
  attack(async (client, target) => {
    const sockets: Socket[] = []
    for (let count = 1; count <= 6; count++) {
      sockets.push(await begin(client))
      await vi.waitFor(async () => expect(await target.temporaryFiles()).toHaveLength(count))
    }
    expect((await readAnswer(await begin(client))).status).toBe(503)
    expect(target.reports.map(({ context }) => context.limit)).toEqual(['maxFormPosts'])
    // Others are served.
    const other = await FormClient.open(client.url)
    expect((await other.send(other.form())).status).toBe(200)
    for (const socket of sockets) socket.destroy()
    await vi.waitFor(async () => expect(await target.temporaryFiles()).toEqual([]))
    const form = client.form()
    form.append('photos', photo(10), 'a.png')
    expect((await client.send(form)).status).toBe(200)
  }))
