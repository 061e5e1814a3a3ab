/** An entry that may travel over HTTP, and requests to its resource, as any client of resumable uploads sends them. */
import { request as httpRequest } from 'node:http'
import { expect } from 'vitest'
import type { FileClaim, Page, RawClient, RawView } from './raw-client.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

export interface HttpUpload {
  readonly page: Page
  readonly client: RawClient
  readonly view: RawView
  /** Its absolute URL. */
  readonly url: string
  /** Admits its channel. */
  readonly token: string
  readonly chunkSize: number
  /** A request of the page's visitor. */
  send(method: string, headers?: Headers, body?: Uint8Array): Promise<Answer>
  /** The draft's way to append. */
  patch(offset: number, body: Uint8Array, ends?: boolean, more?: Headers): Promise<Answer>
  /** Begins a request whose body comes piece by piece. */
  open(offset: number, more?: Headers): Stream
}

export interface Stream {
  write(bytes: Uint8Array): void
  end(): void
  /** Cuts the line. */
  cut(): void
  readonly answer: Promise<Answer>
}

type Headers = Readonly<Record<string, string>>

/** A server, and how a page of it is opened. */
export interface Place {
  readonly url: string
  visit(path?: string): Promise<{ readonly page: Page; readonly client: RawClient }>
}

/** A visitor whose page has our client module, with a file of the upload `photos` that may be sent. */
export async function grantUpload(target: Place, file: FileClaim, path = '/'): Promise<HttpUpload> {
  const { page, client } = await target.visit(path)
  const view = await client.joinView(page, { params: { _mounts: 0, liveloomHttpUploads: [] } })
  const ref = view.inputRef('photos')
  await view.choose({ [ref]: [file] })
  const { entries, chunkSize, error } = await view.preflight(ref, [file])
  const granted = entries[file.ref] as unknown as { uploader: string; url: string; token: string } | undefined
  expect(granted, JSON.stringify(error)).toMatchObject({ uploader: 'Liveloom' })
  const url = new URL(granted!.url, target.url).href
  const send = (method: string, headers: Headers = {}, body?: Uint8Array): Promise<Answer> =>
    askFor(url, method, { cookie: page.cookie, ...headers }, body)
  return {
    ...{ page, client, view, url, chunkSize, send },
    token: granted!.token,
    patch: (offset, body, ends = false, more = {}) => send('PATCH', { ...appending(offset, ends), ...more }, body),
    open: (offset, more = {}) => openRequest(url, { cookie: page.cookie, ...appending(offset, true), ...more }),
  }
}

export function appending(offset: number, ends: boolean): Headers {
  return {
    'content-type': 'application/partial-upload',
    'upload-offset': String(offset),
    'upload-complete': ends ? '?1' : '?0',
  }
}

export function askFor(url: string, method: string, headers: Headers, body?: Uint8Array): Promise<Answer> {
  const length = body === undefined ? {} : { 'content-length': String(body.length) }
  const stream = start(url, method, { ...length, ...headers })
  if (body !== undefined) stream.write(body)
  stream.end()
  return stream.answer
}

function openRequest(url: string, headers: Headers): Stream {
  const stream = start(url, 'PATCH', { 'transfer-encoding': 'chunked', ...headers })
  return stream
}

function start(url: string, method: string, headers: Headers): Stream {
  const request = httpRequest(url, { method, headers, agent: false })
  const answer = new Promise<Answer>((resolve, reject) => {
    request.on('error', reject)
    request.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (data: string) => (text += data))
      response.on('error', reject)
      response.on('end', () => {
        resolve({ status: response.statusCode!, headers: response.headers as Answer['headers'], body: text })
      })
    })
  })
  // Who cuts the line does not ask for the answer.
  answer.catch(() => {})
  request.flushHeaders()
  return {
    answer,
    write: (bytes) => void request.write(bytes),
    end: () => void request.end(),
    cut: () => void request.destroy(),
  }
}
