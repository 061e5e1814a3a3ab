import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'content-disposition'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askWhole, type WholeAnswer } from '../../../test/support/whole-answer.ts'
import { sendUpload, type SendUploadOptions } from './send-upload.ts'

let folder: string
let root: string
let server: Server
let port: number
/** What the server does with the next request. */
let serveNext: (request: IncomingMessage, response: ServerResponse) => void

async function ask(headers: Record<string, string> = {}, method = 'GET'): Promise<WholeAnswer> {
  const answer = await askWhole({ port, method, headers })
  if (answer.broken) throw new Error('the answer ended before its end')
  return answer
}

interface Wish extends Partial<SendUploadOptions> {
  readonly headers?: Record<string, string>
  readonly method?: string
}

/** Asks for `path`, and waits until the helper is done as well. */
async function get(path: string, { headers, method, ...options }: Wish = {}): Promise<WholeAnswer> {
  const done = new Promise<void>((resolve, reject) => {
    serveNext = (asked, response) => void sendUpload(asked, response, path, { root, ...options }).then(resolve, reject)
  })
  const [answer] = await Promise.all([ask(headers, method), done])
  return answer
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'send-upload-'))
  root = join(folder, 'uploads')
  mkdirSync(join(root, 'deep'), { recursive: true })
  mkdirSync(join(root, '.hidden'))
  const write = (name: string, text = 'bytes'): void => writeFileSync(join(root, name), text)
  for (const name of ['a.png', 'plain', 'a.html', 'a.svg', 'a.pdf', 'deep/b.txt', '.secret', '.hidden/c.txt'])
    write(name)
  write('digits.txt', '0123456789')
  write('100%.txt')
  write('ünïcode ☃ #?&.txt')
  write('empty.txt', '')
  writeFileSync(join(folder, 'outside.txt'), 'outside')
  symlinkSync(join(folder, 'outside.txt'), join(root, 'out.txt'))
  symlinkSync(join(root, 'a.png'), join(root, 'in.png'))
  symlinkSync(join(root, '.secret'), join(root, 'secret.txt'))
  symlinkSync(folder, join(root, 'up'))
  symlinkSync('loop', join(root, 'loop'))
  symlinkSync(root, join(folder, 'linked'))
  server = createServer((asked, response) => serveNext(asked, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true, force: true })
})

describe('a file that is there', () => {
  it('is sent whole, with what keeps it apart', async () => {
    const { status, headers, body } = await get('a.png', { name: 'My cat.png' })
    expect({ status, body }).toEqual({ status: 200, body: 'bytes' })
    expect(headers).toMatchObject({
      'content-type': 'image/png',
      'content-length': '5',
      'content-disposition': 'inline; filename="My cat.png"',
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-cache',
      'accept-ranges': 'bytes',
    })
    expect(headers['etag']).toMatch(/^W?\/?".+"$/)
    expect(headers['last-modified']).toMatch(/GMT$/)
  })

  it.each([
    ['deep/b.txt', 'bytes'],
    ['./deep/../a.png', 'bytes'],
    ['100%.txt', 'bytes'],
    ['ünïcode ☃ #?&.txt', 'bytes'],
    ['in.png', 'bytes'],
    ['empty.txt', ''],
  ])('at %s', async (path, text) => {
    expect(await get(path)).toMatchObject({ status: 200, body: text })
  })

  it('is found by its whole path, and in a root that is a link', async () => {
    expect(await get(join(root, 'a.png'))).toMatchObject({ status: 200 })
    expect(await get('a.png', { root: join(folder, 'linked') })).toMatchObject({ status: 200 })
  })

  it('may be in a root below a hidden folder', async () => {
    expect(await get('c.txt', { root: join(root, '.hidden') })).toMatchObject({ status: 200, body: 'bytes' })
  })

  it('is only told of to HEAD', async () => {
    const { status, headers, body } = await get('a.png', { method: 'HEAD' })
    expect({ status, body, length: headers['content-length'] }).toEqual({ status: 200, body: '', length: '5' })
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('is not sent to %s', async (method) => {
    const { status, headers, body } = await get('a.png', { method })
    expect({ status, body, allow: headers['allow'] }).toEqual({
      status: 405,
      body: 'Method not allowed\n',
      allow: 'GET, HEAD',
    })
  })
})

describe('what is not to be seen is not there', () => {
  it.each([
    ['nothing', 'none.png'],
    ['the root', ''],
    ['the root by a dot', '.'],
    ['a folder', 'deep'],
    ['a folder with a slash', 'deep/'],
    ['a file with a slash', 'a.png/'],
    ['a file taken for a folder', 'a.png/b'],
    ['above the root', '../outside.txt'],
    ['above the root, further in', 'deep/../../outside.txt'],
    ['above the root, as Windows has it', '..\\outside.txt'],
    ['above the root, encoded', '..%2foutside.txt'],
    ['above the root, encoded twice', '%252e%252e%252foutside.txt'],
    ['a whole path', '/etc/passwd'],
    ['a path with a host', '//etc/passwd'],
    ['a folder beside that begins alike', '../uploads2/a'],
    ['a byte of zero', 'a.png\0'],
    ['a byte of zero before an extension', 'a.html\0.png'],
    ['a hidden file', '.secret'],
    ['a file in a hidden folder', '.hidden/c.txt'],
    ['a link out of the root', 'out.txt'],
    ['a linked folder out of the root', 'up/outside.txt'],
    ['back into the root by a linked folder', 'up/uploads/.secret'],
    ['a link to a hidden file', 'secret.txt'],
    ['a link to itself', 'loop'],
    ['a name too long for any system', 'x'.repeat(5000)],
  ])('%s', async (_, path) => {
    const { status, headers, body } = await get(path, { name: 'a.png' })
    expect({ status, body }).toEqual({ status: 404, body: 'Not found\n' })
    expect(headers['content-disposition']).toBeUndefined()
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  it('whatever path comes', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('..', '.', '/', '\\', 'up', 'deep', 'outside.txt', '%2e', '\0', 'a', '.hidden')),
        async (parts) => {
          expect((await get(parts.join('/'))).body).not.toBe('outside')
        },
      ),
    ))

  it('nor in a root that is not there', async () => {
    expect(await get('a.png', { root: join(folder, 'none') })).toMatchObject({ status: 404 })
  })

  it('and may be answered by whoever comes next', async () => {
    const answer = new Promise<WholeAnswer>((resolve, reject) => {
      serveNext = (asked, response) => {
        const notFound = (): void => void response.writeHead(404, { 'x-mine': 'yes' }).end('mine')
        sendUpload(asked, response, 'none', { root, notFound }).catch(reject)
      }
      ask().then(resolve, reject)
    })
    expect(await answer).toMatchObject({ status: 404, body: 'mine', headers: { 'x-mine': 'yes' } })
  })
})

describe('a part of a file', () => {
  it.each([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=4-', '456789', 'bytes 4-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=8-100', '89', 'bytes 8-9/10'],
  ])('%s', async (range, body, sent) => {
    const answer = await get('digits.txt', { headers: { range } })
    expect(answer).toMatchObject({
      status: 206,
      body,
      headers: { 'content-range': sent, 'content-length': String(body.length), 'x-content-type-options': 'nosniff' },
    })
  })

  it.each(['bytes=10-', 'bytes=20-30'])('that is not in it: %s', async (range) => {
    const { status, headers, body } = await get('digits.txt', { headers: { range } })
    expect({ status, body, range: headers['content-range'] }).toEqual({
      status: 416,
      body: 'Range not satisfiable\n',
      range: 'bytes */10',
    })
  })

  it.each(['bytes=0-1,4-5', 'bytes=x', 'lines=1-2', 'bytes=5-2'])(
    'that nobody has to understand: %s',
    async (range) => {
      expect(await get('digits.txt', { headers: { range } })).toMatchObject({ status: expect.any(Number) as number })
      expect([200, 416]).toContain((await get('digits.txt', { headers: { range } })).status)
    },
  )

  it('is sent only of the same file (If-Range)', async () => {
    const { headers } = await get('digits.txt')
    const range = 'bytes=0-3'
    expect(await get('digits.txt', { headers: { range, 'if-range': headers['etag']! } })).toMatchObject({ status: 206 })
    expect(await get('digits.txt', { headers: { range, 'if-range': '"another"' } })).toMatchObject({
      status: 200,
      body: '0123456789',
    })
  })

  it('is told to HEAD without a byte', async () => {
    const answer = await get('digits.txt', { method: 'HEAD', headers: { range: 'bytes=0-3' } })
    expect(answer).toMatchObject({ status: 206, body: '', headers: { 'content-length': '4' } })
  })
})

describe('a file that the browser has already', () => {
  it('is not sent again', async () => {
    const { headers } = await get('a.png')
    for (const condition of [
      { 'if-none-match': headers['etag']! },
      { 'if-none-match': '*' },
      { 'if-modified-since': headers['last-modified']! },
    ]) {
      const again = await get('a.png', { headers: condition })
      expect(again).toMatchObject({ status: 304, body: '', headers: { 'cache-control': 'private, no-cache' } })
      expect(again.headers['content-type']).toBeUndefined()
    }
  })

  it('is sent when it is another', async () => {
    expect(await get('a.png', { headers: { 'if-none-match': '"another"' } })).toMatchObject({ status: 200 })
    const past = 'Thu, 01 Jan 1970 00:00:00 GMT'
    expect(await get('a.png', { headers: { 'if-modified-since': past } })).toMatchObject({ status: 200 })
  })

  it('is not sent to whoever wants another', async () => {
    const { status, headers, body } = await get('a.png', { headers: { 'if-match': '"another"' } })
    expect({ status, body }).toEqual({ status: 412, body: 'Precondition failed\n' })
    expect(headers['content-type']).toBe('text/plain; charset=utf-8')
  })
})

describe('what a file is served as', () => {
  const sandboxed = /^sandbox; default-src 'none'/

  it.each([
    ['a.png', {}, 'image/png', 'inline', undefined],
    ['digits.txt', {}, 'text/plain; charset=utf-8', 'inline', undefined],
    ['plain', {}, 'application/octet-stream', 'attachment', sandboxed],
    ['plain', { name: 'a.jfif' }, 'image/jpeg', 'inline', undefined],
    ['plain', { name: 'A.MP4' }, 'video/mp4', 'inline', undefined],
    ['plain', { name: 'a.m4a' }, 'audio/mp4', 'inline', undefined],
    ['plain', { name: 'a.html' }, 'text/html; charset=utf-8', 'attachment', sandboxed],
    ['plain', { name: 'a.xhtml' }, 'application/xhtml+xml', 'attachment', sandboxed],
    ['plain', { name: 'a.xml' }, 'application/xml', 'attachment', sandboxed],
    ['plain', { name: 'a.js' }, 'text/javascript; charset=utf-8', 'attachment', sandboxed],
    ['plain', { name: 'a.css' }, 'text/css; charset=utf-8', 'attachment', sandboxed],
    ['plain', { name: 'a.svgz' }, 'image/svg+xml', 'attachment', sandboxed],
    ['plain', { name: 'a.unheard' }, 'application/octet-stream', 'attachment', sandboxed],
    ['a.html', { name: 'cat.png' }, 'text/html; charset=utf-8', 'attachment', sandboxed],
    ['a.svg', {}, 'image/svg+xml', 'attachment', sandboxed],
    ['a.pdf', {}, 'application/pdf', 'attachment', undefined],
    ['a.pdf', { disposition: 'inline' }, 'application/pdf', 'inline', undefined],
    ['a.svg', { disposition: 'inline' }, 'image/svg+xml', 'inline', sandboxed],
    ['a.html', { disposition: 'inline' }, 'text/html; charset=utf-8', 'inline', sandboxed],
    ['a.png', { disposition: 'attachment' }, 'image/png', 'attachment', undefined],
    ['a.png', { type: 'text/html' }, 'text/html', 'attachment', sandboxed],
    ['a.html', { type: 'text/plain; charset=latin1' }, 'text/plain; charset=latin1', 'inline', undefined],
    ['a.png', { type: 'TEXT/HTML' }, 'TEXT/HTML', 'attachment', sandboxed],
  ] as const)('%s with %o: %s, %s', async (path, options, type, disposition, policy) => {
    const { headers } = await get(path, options)
    expect(headers['content-type']).toBe(type)
    expect(parse(headers['content-disposition']!).type).toBe(disposition)
    if (policy === undefined) expect(headers['content-security-policy']).toBeUndefined()
    else expect(headers['content-security-policy']).toMatch(policy)
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  it('may be kept by others', async () => {
    const { headers } = await get('a.png', { cacheControl: 'public, max-age=60, immutable' })
    expect(headers['cache-control']).toBe('public, max-age=60, immutable')
  })
})

describe('the name of a file', () => {
  it.each([
    ['My cat.png', 'My cat.png'],
    ['Käse ☃.png', 'Käse ☃.png'],
    ['a"b\\c.png', 'c.png'],
    ['semi;colon, and "quotes".png', 'semi;colon, and "quotes".png'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\temp\\a.png', 'a.png'],
    ['a\r\nSet-Cookie: x=1.png', 'aSet-Cookie: x=1.png'],
    ['photo\u202Egnp.exe', 'photognp.exe'],
    ['\uD800lone.png', 'lone.png'],
    ['100%41.png', '100%41.png'],
    ['', 'a.png'],
    ['   ', 'a.png'],
    ['dir/', 'a.png'],
  ])('%j is saved as %j', async (name, saved) => {
    const { status, headers } = await get('a.png', { name })
    expect(status).toBe(200)
    expect(parse(headers['content-disposition']!).parameters['filename']).toBe(saved)
    expect(headers['set-cookie']).toBeUndefined()
  })

  it('keeps its extension when it is cut', async () => {
    const { headers } = await get('a.png', { name: `${'😀'.repeat(500)}.jpeg` })
    const { filename } = parse(headers['content-disposition']!).parameters
    expect(filename).toMatch(/^😀+\.jpeg$/u)
    expect(headers['content-disposition']!.length).toBeLessThan(3000)
  })

  it('is text of a header, whatever it was', () =>
    fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })), async (name) => {
        const { status, headers } = await get('a.png', { name })
        expect(status).toBe(200)
        const { filename } = parse(headers['content-disposition']!).parameters
        expect(filename).not.toMatch(/[\p{Cc}/\\]/u)
      }),
      { numRuns: 50 },
    ))
})

describe('a client that goes away', () => {
  it('ends the sending, and the file is closed', async () => {
    const size = 200 * 1024 * 1024
    writeFileSync(join(root, 'big.bin'), '')
    truncateSync(join(root, 'big.bin'), size)
    let answered: ServerResponse | undefined
    const done = new Promise<void>((resolve, reject) => {
      serveNext = (asked, response) => {
        answered = response
        sendUpload(asked, response, 'big.bin', { root }).then(resolve, reject)
      }
    })
    const asked = request({ port, agent: false }, (response) => response.once('data', () => asked.destroy()))
    asked.on('error', () => {}).end()
    await done
    expect(answered!.closed).toBe(true)
    expect(answered!.writableFinished).toBe(false)
  })

  it('before the file was found costs nothing', async () => {
    const done = new Promise<void>((resolve, reject) => {
      serveNext = (asked, response) => {
        asked.socket.destroy()
        sendUpload(asked, response, 'a.png', { root }).then(resolve, reject)
      }
    })
    await expect(ask()).rejects.toThrow('socket hang up')
    await done
  })
})

// The memory of a process is a file whose first byte cannot be read: as a disk that is broken.
describe.skipIf(process.platform !== 'linux')('a file that cannot be read', () => {
  const broken = { root: '/proc/self' }

  it('is answered, and the reason told to whoever waits', async () => {
    const reason = new Promise<unknown>((resolve) => {
      serveNext = (asked, response) => void sendUpload(asked, response, 'mem', broken).catch(resolve)
    })
    const { status, headers, body } = await ask()
    expect({ status, body }).toEqual({ status: 500, body: 'Something went wrong\n' })
    expect(headers['content-disposition']).toBeUndefined()
    expect(await reason).toMatchObject({ code: 'EIO' })
  })

  it('ends no process when nobody waits', async () => {
    serveNext = (asked, response) => void sendUpload(asked, response, 'mem', broken)
    expect(await ask()).toMatchObject({ status: 500 })
    expect(await get('a.png')).toMatchObject({ status: 200 })
  })
})

it('an answer that was sent already is the program’s mistake', async () => {
  const reason = new Promise<unknown>((resolve) => {
    serveNext = (asked, response) => {
      response.writeHead(200).write('mine')
      sendUpload(asked, response, 'a.png', { root }).catch((error: unknown) => response.end(() => resolve(error)))
    }
  })
  expect(await ask()).toMatchObject({ status: 200, body: 'mine' })
  expect(await reason).toMatchObject({ code: 'ERR_HTTP_HEADERS_SENT' })
})

describe('a wrong option is told at once', () => {
  const send = (path: unknown, options: unknown) => () =>
    sendUpload({} as IncomingMessage, {} as ServerResponse, path as string, options as SendUploadOptions)

  it.each([
    [5, { root: 'x' }, 'the path must be text, got 5'],
    ['a', undefined, 'the options must be an object, got undefined'],
    ['a', {}, 'root must be the path of a folder, got undefined'],
    ['a', { root: '' }, "root must be the path of a folder, got ''"],
    [
      'a',
      { root: 'x', nmae: 'y' },
      "unknown option 'nmae'; known are root, name, type, disposition, cacheControl, notFound",
    ],
    ['a', { root: 'x', name: 7 }, 'name must be text, got 7'],
    ['a', { root: 'x', type: 'png' }, "type must be like 'image/png', got 'png'"],
    ['a', { root: 'x', type: 'a/b\r\nx: y' }, "type must be like 'image/png', got "],
    ['a', { root: 'x', disposition: 'show' }, "disposition must be 'inline' or 'attachment', got 'show'"],
    ['a', { root: 'x', cacheControl: 60 }, 'cacheControl must be the text of a header, got 60'],
    ['a', { root: 'x', cacheControl: 'a\nb' }, 'cacheControl must be the text of a header, got '],
    ['a', { root: 'x', notFound: true }, 'notFound must be a function, got true'],
  ])('%j %j', (path, options, message) => {
    expect(send(path, options)).toThrow(`sendUpload: ${message}`)
    expect(send(path, options)).toThrow(expect.objectContaining({ code: 'ERR_UPLOAD_OPTIONS' }) as Error)
  })
})
