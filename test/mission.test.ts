/** The snippets of the upload page, line by line as they stand there, compiled and run with real uploads over a real socket. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLiveServer } from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cancelling, consuming } from './fixtures/mission-views.ts'
import { fetchPage, RawClient, RawUpload, type RawView } from './support/raw-client.ts'

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')

/** The two slips of the page, mended. Both handlers read alike on the page; the one that consumes needs `async`. */
function mend(line: string, snippet: string): string {
  if (line === 'render: (context, meta) {') return 'render: (context, meta) => {'
  const consumes = snippet.includes('await socket.consumeUploadedEntries')
  return consumes && line === 'handleEvent: (socket, event) => {' ? 'handleEvent: async (socket, event) => {' : line
}

const snippets = [...fixture('liveviewsocket-api-uploads.md').matchAll(/^```(?:ts|html)\n([\s\S]*?)^```$/gm)].map(
  ([, snippet]) => snippet!,
)

describe('the snippets of the upload page', () => {
  // The page's pieces are cut out of their object, without its commas.
  const source = fixture('mission-views.ts')
    .split('\n')
    .map((line) => line.trim().replace(/^\},$/, '}'))

  it('are five', () => {
    expect(snippets).toHaveLength(5)
  })

  it.each(snippets.map((snippet, at) => ({ number: at + 1, snippet })))(
    'stand in the views as they stand on the page: number $number',
    ({ snippet }) => {
      const lines = snippet
        .split('\n')
        .map((line) => mend(line.trim(), snippet))
        .filter((line) => line !== '' && line !== '...')
      // Somewhere in the source the lines follow one another, with the page's `...` filled in between.
      const stands = source.some((line, start) => {
        if (line !== lines[0]) return false
        let at = start
        return lines.every((wanted) => (at = source.indexOf(wanted, at) + 1) > 0)
      })
      expect(stands, lines.join('\n')).toBe(true)
    },
  )
})

describe('the snippets run', () => {
  const home = process.cwd()
  const reported: unknown[] = []
  let folder: string
  let server: NodeServer
  let client: RawClient

  beforeAll(async () => {
    server = await serve(
      createLiveServer({
        routes: { '/consuming': consuming, '/cancelling': cancelling },
        secret: 's'.repeat(32),
        onError: (error) => reported.push(error),
      }),
      { port: 0, host: '127.0.0.1', signals: false, development: false },
    )
  })
  afterAll(() => server.close())

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mission-'))
    // The page saves to `./public`.
    process.chdir(folder)
  })
  afterEach(async () => {
    process.chdir(home)
    await client.leave()
    await rm(folder, { recursive: true, force: true })
    expect(reported.splice(0)).toEqual([])
  })

  async function open(path: string): Promise<RawView> {
    const page = await fetchPage(`${server.url}${path}`)
    client = await RawClient.open(page)
    return client.joinView(page)
  }

  const bytes = (size: number, seed: number) => new Uint8Array(size).map((_, at) => (at * seed) % 251)
  const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')
  const image = (ref: string, size: number) => ({ ref, name: `../../${ref}.png`, size, type: 'image/png' })
  const shown = (view: RawView, id: string) => new RegExp(`<p id="${id}">([^<]*)</p>`).exec(view.html)?.[1]

  it('allowUpload is not awaited, and the same mount renders it', async () => {
    const view = await open('/consuming')
    expect(view.html).toContain('accept=".png,.jpg,.jpeg,.gif"')
    expect(view.html).toContain('multiple')
    const ref = view.inputRef('photos')
    const { error } = await view.preflight(ref, [image('0', 10 * 1024 * 1024 + 1)])
    expect(error).toEqual([['0', 'too_large']])
  })

  it('createOrAppendFile is not awaited, and the files are whole when save is answered', async () => {
    const view = await open('/consuming')
    const files = [bytes(300_000, 7), bytes(1_500_000, 11), bytes(1, 13)]
    for (const [at, file] of files.entries()) await view.upload('photos', image(String(at), file.length), file)
    expect((await view.event('look')).status).toBe('ok')
    const { status } = await view.submit('save')
    // Read at once: nothing may still be on its way.
    const saved = readdirSync('public').map((name) => sha256(readFileSync(join('public', name))))
    expect(status).toBe('ok')
    expect(saved.toSorted()).toEqual(files.map(sha256).toSorted())
    const [first, ...names] = shown(view, 'names')!.split(' ')
    expect(first).toBe('saved')
    expect(names.map((name) => sha256(readFileSync(join('public', name))))).toEqual(files.map(sha256))
    expect(view.html).toContain('data-phx-active-refs=""')
    expect(readdirSync(folder)).toEqual(['public'])
  })

  it('a save that fails fails the handler, though it was not awaited', async () => {
    const view = await open('/consuming')
    await view.upload('photos', image('0', 10), bytes(10, 3))
    await rm(folder, { recursive: true })
    view.push('event', { type: 'form', event: 'save', value: '', meta: {} })
    const { event } = await client.next(({ topic, event }) => topic === view.topic && event !== 'phx_reply')
    expect(event).toBe('phx_error')
    expect(reported.splice(0)).toMatchObject([{ code: 'ENOENT' }])
  })

  it('uploadedEntries tells what is there and what is on its way', async () => {
    const view = await open('/consuming')
    await view.upload('photos', image('0', 10), bytes(10, 3))
    await view.choose({ [view.inputRef('photos')]: [image('1', 20)] })
    await view.event('look')
    expect(shown(view, 'looked')).toMatch(/^[\w-]+\.png\|\.\.\/\.\.\/1\.png$/)
  })

  it('cancelUpload is not awaited, and the answer shows the entry gone', async () => {
    const view = await open('/cancelling')
    const { token, chunkSize } = await view.prepare('photos', image('0', 1_000_000))
    const upload = await RawUpload.join(client, '0', token)
    await upload.chunk(bytes(chunkSize, 3))
    expect(view.html).toContain('phx-value-config_name="photos" phx-value-ref="0">🗑</a>')
    const { status, response } = await view.event('cancel', { config_name: 'photos', ref: '0' })
    expect(status).toBe('ok')
    expect(response).toHaveProperty('diff')
    expect(view.html).not.toContain('🗑')
    expect(view.html).toContain('data-phx-active-refs=""')
    expect(await upload.ended()).toBe('phx_close')
    expect(existsSync('public')).toBe(false)
  })

  it('cancelUpload of a wrong ref is reported, and the view goes on', async () => {
    const view = await open('/cancelling')
    await view.prepare('photos', image('0', 10))
    expect((await view.event('cancel', { config_name: 'photos', ref: '9' })).status).toBe('ok')
    expect((await view.event('cancel', { config_name: 'nothing', ref: '0' })).status).toBe('ok')
    expect(view.html).toContain('phx-value-ref="0"')
    expect(reported.splice(0)).toMatchObject([{ code: 'ERR_UPLOAD_ENTRY' }, { code: 'ERR_UPLOAD_ENTRY' }])
  })
})
