import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { parse } from 'content-disposition'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { askWhole, type WholeAnswer } from '../../../test/support/whole-answer.ts'
import { type DownloadOptions, resolveDownload } from '../../live/download.ts'
import type { Handover, HandoverEnd } from '../../server/http.ts'
import { sendDownload } from './send-download.ts'

let folder: string
let server: Server
let port: number
/** What the server does with the next request. */
let serveNext: (request: IncomingMessage, response: ServerResponse) => void

const ask = (headers: Record<string, string> = {}, method = 'GET'): Promise<WholeAnswer> =>
  askWhole({ port, method, headers })

/** A download as it is handed over, and the promise of its end. */
function handing(source: unknown, options?: DownloadOptions): { handover: Handover; end: Promise<HandoverEnd> } {
  const { content, ...others } = resolveDownload(source, options)
  if (content.kind === 'url') throw new Error('nobody hands over an address')
  let ended!: (end: HandoverEnd) => void
  const end = new Promise<HandoverEnd>((resolve) => (ended = resolve))
  return { handover: { ...others, content, ended }, end }
}

interface Wish extends DownloadOptions {
  readonly headers?: Record<string, string>
  readonly method?: string
  readonly defaults?: Record<string, string>
}

async function get(source: unknown, { headers, method, defaults, ...options }: Wish = {}) {
  const { handover, end } = handing(source, options)
  serveNext = (asked, response) => void sendDownload(asked, response, handover, defaults)
  const answer = await ask(headers, method)
  return { ...answer, end: await end }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'send-download-'))
  mkdirSync(join(folder, 'files'))
  writeFileSync(join(folder, 'files', 'digits.txt'), '0123456789')
  writeFileSync(join(folder, 'files', 'page.html'), '<script>alert(1)</script>')
  writeFileSync(join(folder, 'files', 'a.pdf'), '%PDF')
  writeFileSync(join(folder, 'files', 'empty.txt'), '')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  symlinkSync(join(folder, 'secret.txt'), join(folder, 'files', 'linked.txt'))
  server = createServer((asked, response) => serveNext(asked, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true, force: true })
})

const at = (name: string): string => join(folder, 'files', name)

describe('a file', () => {
  it('is sent whole, to be saved', async () => {
    const { status, headers, body, end } = await get(at('digits.txt'), { name: 'Ziffern „neu“.txt' })
    expect({ status, body }).toEqual({ status: 200, body: '0123456789' })
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '10',
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store, no-transform',
      'accept-ranges': 'bytes',
    })
    expect(parse(headers['content-disposition']!)).toMatchObject({
      type: 'attachment',
      parameters: { filename: 'Ziffern „neu“.txt' },
    })
    expect(headers['etag']).toMatch(/^"[\da-z]+-[\da-z]+"$/)
    expect(headers['last-modified']).toMatch(/GMT$/)
    expect(end).toEqual({ what: 'whole', bytes: 10, from: 0 })
  })

  it('is called as it is, where no other name is given or none is left of it', async () => {
    for (const options of [{}, { name: '..' }]) {
      const { headers } = await get(at('digits.txt'), options)
      expect(headers['content-disposition']).toBe('attachment; filename=digits.txt')
    }
  })

  it.each([
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10', { what: 'part', bytes: 4 }],
    ['bytes=4-', 206, '456789', 'bytes 4-9/10', { what: 'whole', bytes: 6 }],
    ['bytes=-2', 206, '89', 'bytes 8-9/10', { what: 'whole', bytes: 2 }],
    ['bytes=4-99', 206, '456789', 'bytes 4-9/10', { what: 'whole', bytes: 6 }],
    ['bytes=10-', 416, 'Range not satisfiable\n', 'bytes */10', { what: 'part', bytes: 0 }],
    ['bytes=0-1,4-5', 200, '0123456789', undefined, { what: 'whole', bytes: 10 }],
    ['lines=1', 200, '0123456789', undefined, { what: 'whole', bytes: 10 }],
  ])('is asked for by %s', async (range, status, body, contentRange, end) => {
    const answer = await get(at('digits.txt'), { headers: { range } })
    expect({ ...answer, range: answer.headers['content-range'] }).toMatchObject({ status, body, end })
    expect(answer.headers['content-range']).toBe(contentRange)
  })

  it('is resumed while it is the same, and else begins anew', async () => {
    const { headers } = await get(at('digits.txt'))
    const range = 'bytes=4-'
    for (const same of [headers['etag']!, headers['last-modified']!]) {
      expect(await get(at('digits.txt'), { headers: { range, 'if-range': same } })).toMatchObject({ status: 206 })
    }
    for (const other of ['"other"', 'Thu, 01 Jan 1970 00:00:00 GMT']) {
      expect(await get(at('digits.txt'), { headers: { range, 'if-range': other } })).toMatchObject({
        status: 200,
        body: '0123456789',
      })
    }
  })

  it('is only told of to HEAD', async () => {
    const { status, headers, body, end } = await get(at('digits.txt'), { method: 'HEAD' })
    expect({ status, body, length: headers['content-length'] }).toEqual({ status: 200, body: '', length: '10' })
    expect(end).toEqual({ what: 'part', bytes: 0, from: 0 })
  })

  it('without a byte is a file', async () => {
    expect(await get(at('empty.txt'))).toMatchObject({ status: 200, body: '', end: { what: 'whole', bytes: 0 } })
  })

  it.each([
    ['what is not there', 'none.txt'],
    ['a folder', ''],
    ['a file as a folder', 'digits.txt/'],
    ['what is below a file', 'digits.txt/a'],
  ])('is missing: %s', async (_, name) => {
    const { status, headers, body, end } = await get(at(name))
    expect({ status, body, end }).toEqual({ status: 404, body: 'Not found\n', end: { what: 'missing', bytes: 0 } })
    expect(headers['content-disposition']).toBeUndefined()
    expect(headers['etag']).toBeUndefined()
  })

  it('of a path of the program is found behind links', async () => {
    expect(await get(at('linked.txt'))).toMatchObject({ status: 200, body: 'secret' })
  })

  it('of a root is found in it alone', async () => {
    const root = join(folder, 'files')
    expect(await get({ path: 'digits.txt', root })).toMatchObject({ status: 200 })
    for (const path of ['../secret.txt', join(folder, 'secret.txt'), 'linked.txt', '.', '', 'a\0']) {
      expect(await get({ path, root }), path).toMatchObject({ status: 404, end: { what: 'missing' } })
    }
  })

  it('that is cut short meanwhile is not taken for whole', async () => {
    const path = at('large.bin')
    const size = 32 * 1024 * 1024
    writeFileSync(path, '')
    truncateSync(path, size)
    const { handover, end } = handing(path)
    serveNext = (asked, response) => void sendDownload(asked, response, handover)
    const asked = request({ port, agent: false }).end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    response.on('error', () => {})
    truncateSync(path, 1024)
    response.resume()
    await new Promise((resolve) => response.once('close', resolve))
    expect(response.complete).toBe(false)
    expect(await end).toMatchObject({ what: 'failed', error: { message: `${path} was cut short` } })
  })
})

describe('what is shown', () => {
  it('runs nothing', async () => {
    const { headers } = await get(at('page.html'), { inline: true })
    expect(headers['content-disposition']).toBe('inline; filename=page.html')
    expect(headers['content-security-policy']).toMatch(/^sandbox;/)
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  it('keeps the type that it was given', async () => {
    const { headers } = await get(at('page.html'), { type: 'text/plain; charset=utf-8', inline: true })
    expect(headers['content-type']).toBe('text/plain; charset=utf-8')
  })

  it('has the headers of the server, but for those that are its own', async () => {
    const defaults = { 'content-security-policy': `frame-ancestors 'self'`, 'x-own': 'yes' }
    const pdf = await get(at('a.pdf'), { inline: true, defaults })
    expect(pdf.headers).toMatchObject(defaults)
    const page = await get(at('page.html'), { defaults })
    expect(page.headers).toMatchObject({
      'x-own': 'yes',
      'content-security-policy': expect.stringMatching(/^sandbox;/),
    })
  })
})

const name = 'a.csv'

function later<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((done) => (resolve = done))
  return { promise, resolve }
}

describe('bytes', () => {
  it.each([
    ['a piece of memory', new TextEncoder().encode('a,ß'), 4],
    ['a view of a piece of memory', Buffer.from('xxa,ßxx').subarray(2, 6), 4],
    ['a blob', new Blob(['a,', 'ß']), 4],
    ['a stream of Node', Readable.from(['a,', Buffer.from('ß')]), undefined],
    ['a stream of the Web', new Blob(['a,ß']).stream(), undefined],
    ['a function', () => new Blob(['a,ß']), undefined],
    ['a function that waits', async () => Readable.from(['a,ß']), undefined],
    [
      'a generator',
      async function* () {
        yield 'a,'
        yield 'ß'
      },
      undefined,
    ],
  ])('%s', async (_, source, size) => {
    const { status, headers, body, end } = await get(source, { name })
    expect({ status, body, end }).toEqual({ status: 200, body: 'a,ß', end: { what: 'whole', bytes: 4 } })
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename=a.csv',
      'accept-ranges': 'none',
    })
    expect(headers['content-length']).toBe(size === undefined ? undefined : String(size))
  })

  it('are not opened for HEAD', async () => {
    const open = vi.fn<() => Uint8Array>()
    const { status, headers, end } = await get(open, { name, size: 7, method: 'HEAD' })
    expect({ status, length: headers['content-length'] }).toEqual({ status: 200, length: '7' })
    expect(end).toEqual({ what: 'part', bytes: 0 })
    expect(open).not.toHaveBeenCalled()
  })

  it('are sent from their beginning, whatever part is asked for', async () => {
    const { status, body } = await get(new Blob(['a,ß']), { name, headers: { range: 'bytes=2-' } })
    expect({ status, body }).toEqual({ status: 200, body: 'a,ß' })
  })

  it('that cannot be opened are told of', async () => {
    const open = async (): Promise<never> => {
      throw new Error('no disk')
    }
    const { status, headers, end } = await get(open, { name })
    expect({ status, disposition: headers['content-disposition'] }).toEqual({ status: 500, disposition: undefined })
    expect(end).toMatchObject({ what: 'failed', error: { message: 'no disk' } })
  })

  it('that have failed before somebody came do not look whole', async () => {
    const source = new Readable({ read: () => {} })
    const { handover, end } = handing(source, { name })
    source.destroy(new Error('no disk'))
    serveNext = (asked, response) => void sendDownload(asked, response, handover)
    const answer = await ask().catch(() => 'broken')
    if (answer !== 'broken') expect(answer).toMatchObject({ broken: true })
    expect(await end).toMatchObject({ what: 'failed', error: { message: 'no disk' } })
  })

  it.each([
    [
      'fails in the middle',
      async function* () {
        yield 'a,'
        throw new Error('no disk')
      },
      {},
      'no disk',
    ],
    [
      'gives fewer than it said',
      async function* () {
        yield 'a,'
      },
      { size: 3 },
      'download: the stream was to give 3 bytes, and gave 2',
    ],
    [
      'gives more than it said',
      async function* () {
        yield 'a,'
        yield ''
        yield 'b'
      },
      { size: 2 },
      'download: the stream was to give 2 bytes, and gave more',
    ],
    [
      'gives what is no bytes',
      async function* () {
        yield 'a,'
        yield 1 as never
      },
      {},
      'download: a stream must give bytes or text, got 1',
    ],
  ])('a stream that %s is not taken for whole', async (_, source, options, message) => {
    const { status, broken, end } = await get(source, { name, ...options })
    expect({ status, broken }).toEqual({ status: 200, broken: true })
    expect(end).toMatchObject({ what: 'failed', error: { message } })
  })

  it('a function that gives neither bytes nor a stream is told of', async () => {
    expect(await get(() => 'text' as never, { name })).toMatchObject({
      status: 500,
      end: { what: 'failed', error: { code: 'ERR_DOWNLOAD' } },
    })
  })
})

describe('who goes away', () => {
  it('ends the stream, and aborts what was given to its function', async () => {
    let signal!: AbortSignal
    let source!: Readable
    const { handover, end } = handing(
      (given: AbortSignal) => {
        signal = given
        return (source = new Readable({ read: () => {} }))
      },
      { name },
    )
    serveNext = (asked, response) => void sendDownload(asked, response, handover)
    const asked = request({ port, agent: false }).end()
    asked.on('error', () => {})
    // It has begun, though no byte came yet.
    await once(asked, 'response')
    expect(signal.aborted).toBe(false)
    asked.destroy()
    expect(await end).toEqual({ what: 'part', bytes: 0 })
    expect({ aborted: signal.aborted, destroyed: source.destroyed }).toEqual({ aborted: true, destroyed: true })
  })

  it('ends a generator behind what it waits for', async () => {
    let ended = false
    const { handover, end } = handing(
      async function* (gone: AbortSignal) {
        try {
          yield 'a,'
          await once(gone, 'abort')
          yield 'b'
        } finally {
          ended = true
        }
      },
      { name },
    )
    serveNext = (asked, response) => void sendDownload(asked, response, handover)
    const asked = request({ port, agent: false }).end()
    asked.on('error', () => {})
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    response.on('error', () => {})
    await once(response, 'data')
    asked.destroy()
    expect(await end).toMatchObject({ what: 'part' })
    await vi.waitFor(() => expect(ended).toBe(true))
  })

  it('is no failure of what was being opened for it', async () => {
    const called = later<AbortSignal>()
    const { handover, end } = handing(
      async (gone: AbortSignal) => {
        called.resolve(gone)
        await once(gone, 'abort')
        throw gone.reason
      },
      { name },
    )
    serveNext = (asked, response) => void sendDownload(asked, response, handover)
    const asked = request({ port, agent: false }).end()
    asked.on('error', () => {})
    await called.promise
    asked.destroy()
    expect(await end).toEqual({ what: 'part', bytes: 0 })
  })

  it('is not who has all of it', async () => {
    const called = later<AbortSignal>()
    const closed = later<undefined>()
    const open = (gone: AbortSignal): Blob => {
      called.resolve(gone)
      return new Blob(['a,'])
    }
    const { handover } = handing(open, { name })
    serveNext = (asked, response) => {
      void sendDownload(asked, response, handover)
      response.once('close', () => closed.resolve(undefined))
    }
    expect((await ask()).body).toBe('a,')
    await closed.promise
    expect((await called.promise).aborted).toBe(false)
  })

  it('closes a stream that is opened too late', async () => {
    const opened = later<Readable>()
    const called = later<undefined>()
    const { handover, end } = handing(
      () => {
        called.resolve(undefined)
        return opened.promise
      },
      { name },
    )
    const closed = later<undefined>()
    serveNext = (asked, response) => {
      response.once('close', () => closed.resolve(undefined))
      void sendDownload(asked, response, handover)
    }
    const asked = request({ port, agent: false }).end()
    asked.on('error', () => {})
    await called.promise
    asked.destroy()
    await closed.promise
    const source = new Readable({ read: () => {} })
    opened.resolve(source)
    expect(await end).toEqual({ what: 'part', bytes: 0 })
    expect(source.destroyed).toBe(true)
  })
})

it('a stream is read as fast as the browser reads, and never far ahead', async () => {
  const piece = Buffer.alloc(64 * 1024, 'x')
  const pieces = 3200
  let given = 0
  const { handover, end } = handing(
    async function* () {
      for (; given < pieces; given++) yield piece
    },
    { name, size: pieces * piece.length },
  )
  serveNext = (asked, response) => void sendDownload(asked, response, handover)
  const asked = request({ port, agent: false }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  let received = 0
  let furthest = 0
  for await (const chunk of response) {
    received += (chunk as Buffer).length
    furthest = Math.max(furthest, given * piece.length - received)
  }
  expect(received).toBe(200 * 1024 * 1024)
  expect(await end).toEqual({ what: 'whole', bytes: received })
  // What systems keep of a connection, on both sides, is some MB.
  expect(furthest).toBeLessThan(32 * 1024 * 1024)
})
