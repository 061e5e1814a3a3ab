/** Stored uploads, sent by a middleware of `serve`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLiveServer } from 'liveloom'
import { type Middleware, type NodeServer, sendUpload, serve } from 'liveloom/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const reported: string[] = []
let folder: string
let server: NodeServer

/** The files of those who are logged in, by their own name; `/broken/…` cannot be read. */
const files: Middleware = async (request, response, next) => {
  const [, place, file] = /^\/(files|broken)\/([\w.-]+)$/.exec(request.url!) ?? []
  if (file === undefined) return next()
  const { userId } = await server.sessionOf(request)
  if (userId !== 7) return next()
  const root = place === 'files' ? join(folder, 'uploads') : '/proc/self'
  return sendUpload(request, response, file, { root, name: 'Käse.png', notFound: next })
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sent-'))
  mkdirSync(join(folder, 'uploads'))
  writeFileSync(join(folder, 'uploads', 'one'), 'bytes')
  const live = createLiveServer({
    routes: {},
    secret: 's'.repeat(32),
    session: (request) => ({ userId: request.headers.get('x-user') === '7' ? 7 : 0 }),
    onError: (error, { stage }) => void reported.push(`${stage} ${(error as NodeJS.ErrnoException).code}`),
  })
  server = await serve(live, { port: 0, host: '127.0.0.1', signals: false, development: false, use: [files] })
})

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const get = (path: string, headers: Record<string, string> = { 'x-user': '7' }): Promise<Response> =>
  fetch(server.url + path, { headers })

describe('a stored upload', () => {
  it('is sent to those who may see it', async () => {
    const response = await get('/files/one')
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('bytes')
    expect(response.headers.get('content-type')).toBe('image/png')
    expect(response.headers.get('content-disposition')).toContain("filename*=UTF-8''K%C3%A4se.png")
  })

  it('is not there for others, who get the server’s page as for any address', async () => {
    const [other, none, strange] = [await get('/files/one', {}), await get('/files/two'), await get('/nowhere')]
    expect([other.status, none.status, strange.status]).toEqual([404, 404, 404])
    // Each has a nonce of its own.
    const bodyOf = async (response: Response): Promise<string> =>
      (await response.text()).replaceAll(/nonce="[^"]*"/g, '')
    const page = await bodyOf(strange)
    expect(page).toContain('Page not found')
    for (const response of [other, none]) {
      expect(await bodyOf(response)).toBe(page)
      expect(response.headers.get('content-disposition')).toBeNull()
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    }
  })

  it.skipIf(process.platform !== 'linux')('that cannot be read is answered, and reported', async () => {
    const response = await get('/broken/mem')
    expect([response.status, await response.text()]).toEqual([500, 'Something went wrong\n'])
    await expect.poll(() => reported).toEqual(['http EIO'])
    // The server goes on.
    expect((await get('/files/one')).status).toBe(200)
  })
})
