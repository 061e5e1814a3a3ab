/** Files that the browser sends elsewhere, whose server ends, or whose page is loaded anew: the next view goes on with them by what was noted. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { buildProgram } from '../support/build-program.ts'
import { fetchPage, type Page, RawClient, type RawView } from '../support/raw-client.ts'
import { RestartedServer } from '../support/restarted-server.ts'

let program: string
let home: string
let server: RestartedServer

beforeAll(async () => {
  program = await buildProgram(fileURLToPath(new URL('../support/keeping-server.ts', import.meta.url)))
})

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'elsewhere-'))
  await mkdir(join(home, 'tmp'))
  server = await RestartedServer.start(program, { TMPDIR: join(home, 'tmp'), DEST: home })
})
afterEach(async () => {
  await server.end('SIGKILL')
  await rm(home, { recursive: true, force: true })
})

const params = { params: { _mounts: 0, liveloomHttpUploads: [] } }
const file = (ref: string, name = 'a.png') => ({ ref, name, size: 1000, last_modified: 1 })

interface Opened {
  readonly page: Page
  readonly view: RawView
}

async function open(cookie?: string): Promise<Opened> {
  const page = await fetchPage(`${server.url}/elsewhere`, cookie)
  return { page, view: await (await RawClient.open(page)).joinView(page, params) }
}

/** Asks for leave to send a file; resolves to what its uploader is given. */
async function ask(view: RawView, upload: string, of: ReturnType<typeof file>): Promise<unknown> {
  const ref = view.inputRef(upload)
  await view.choose({ [ref]: [of] })
  return (await view.preflight(ref, [of])).entries[of.ref]
}

const question = async (view: RawView, ref: string, asked: unknown): Promise<unknown> =>
  (await view.request('liveloom:external', { ref: null, entry_ref: ref, question: asked })).response

/** What the application was asked since the last look. */
async function calls(): Promise<readonly string[]> {
  const text = await readFile(join(home, 'calls'), 'utf8').catch(() => '')
  const all = text.split('\n').filter((line) => line !== '')
  return all.slice(seen, (seen = all.length))
}
let seen = 0
beforeEach(() => {
  seen = 0
})

const said = (expected: readonly string[]): Promise<void> =>
  vi.waitFor(async () => {
    const before = seen
    try {
      expect(await calls()).toEqual(expected)
    } catch (error) {
      seen = before
      throw error
    }
  })

const shows = (view: RawView, text: string): Promise<void> =>
  vi.waitFor(async () => {
    await view.event('look')
    expect(view.html).toContain(text)
  })

/** `npm run test:slow` ends it in both ways. */
const signals = process.env['SLOW_TESTS'] === 'yes' ? (['SIGKILL', 'SIGTERM'] as const) : (['SIGKILL'] as const)

describe.each(signals)('a server that ends by %s is followed by one', (signal) => {
  const restart = async (): Promise<void> => {
    await server.end(signal)
    await server.start()
  }

  it('that goes on with a file on its way', async () => {
    const { page, view } = await open()
    const { key } = (await ask(view, 'photos', file('0'))) as { readonly key: string }
    await view.progress(null, '0', 40)
    await said(['external new a.png'])
    await restart()
    const back = await server.comeBack(page, ['0'])
    await shows(back, '<i>0 30 queued </i>')
    expect(await question(back, '0', { sign: 1 })).toEqual({ answer: { question: { sign: 1 }, key } })
    await back.progress(null, '0', 100)
    await back.submit('save')
    expect(back.html).toContain(`saved ${key}`)
    await said(['external noted a.png', 'confirm a.png', 'consumed a.png'])
  })

  it('that has what is done, and asks about it when it is consumed', async () => {
    const { page, view } = await open()
    const { key } = (await ask(view, 'photos', file('0'))) as { readonly key: string }
    await view.progress(null, '0', 100)
    await said(['external new a.png', 'confirm a.png'])
    await restart()
    const back = await server.comeBack(page, [])
    expect(back.html).toContain('<i>0 100 done </i>')
    await said([])
    await back.submit('save')
    expect(back.html).toContain(`saved ${key}`)
    await said(['external noted a.png', 'confirm a.png', 'consumed a.png'])
  })

  it('that says once more where it goes, when the page asks for leave again', async () => {
    const { page, view } = await open()
    const meta = await ask(view, 'photos', file('0'))
    await restart()
    const back = await server.comeBack(page, [])
    expect(back.html).toContain('<i>0 0 waiting </i>')
    expect(await ask(back, 'photos', file('0'))).toEqual(meta)
  })

  it.each([
    ['is on its way', ['0'], 0],
    ['waits', [], 0],
    ['is done', [], 100],
  ] as const)('that lets go of a file that is cancelled when it %s', async (_, sending, percent) => {
    const { page, view } = await open()
    await ask(view, 'photos', file('0'))
    if (percent > 0) await view.progress(null, '0', percent)
    await restart()
    const back = await server.comeBack(page, sending)
    seen = (await calls()).length
    await back.event('cancel', { ref: '0' })
    await vi.waitFor(async () => {
      seen = 0
      expect((await calls()).filter((call) => /dropped|consumed/.test(call))).toEqual(['dropped a.png'])
    })
  })

  it('that has nothing of a file of which nothing was noted', async () => {
    const { page, view } = await open()
    await ask(view, 'photos', file('0', 'forgotten.png'))
    await restart()
    const back = await server.comeBack(page, ['0'])
    expect(back.html).not.toContain('<i>0')
    expect(await question(back, '0', 1)).toEqual({ error: 'gone' })
  })

  it('that fails what nobody can say any more, tells why, and has it begin anew', async () => {
    const { page, view } = await open()
    await ask(view, 'photos', file('0', 'breaks.png'))
    await restart()
    const back = await server.comeBack(page, ['0'])
    await shows(back, '<i>0 0 failed external_metadata_failure</i>')
    expect(server.output).toContain('the store is away')
  })
})

describe('the next page of the visitor', () => {
  it('lists what is not whole, and has it when it is chosen again: the application is told', async () => {
    const { page, view } = await open()
    const { key } = (await ask(view, 'kept', file('0'))) as { readonly key: string }
    await said(['external new a.png'])
    await view.request('phx_leave', {})
    const next = await open(page.cookie)
    await shows(next.view, 'a.png 30</b>')
    await said(['external noted again a.png'])
    expect(await ask(next.view, 'kept', file('7'))).toEqual({ uploader: 'Ours', key })
    expect(next.view.html).not.toContain('<b')
    await next.view.progress(null, '7', 100)
    await next.view.submit('save kept')
    expect(next.view.html).toContain(`saved ${key}`)
    await said(['external noted again a.png', 'confirm a.png', 'consumed a.png'])
  })

  it('lets go of what it does not want', async () => {
    const { page, view } = await open()
    await ask(view, 'kept', file('0'))
    await view.request('phx_leave', {})
    const next = await open(page.cookie)
    await shows(next.view, 'a.png 30</b>')
    await next.view.event('forget', { ref: /data-ref="([^"]+)"/.exec(next.view.html)![1] })
    await said(['external new a.png', 'external noted again a.png', 'external noted a.png', 'dropped a.png'])
  })

  it('has what is done, under a name of its own', async () => {
    const { page, view } = await open()
    const { key } = (await ask(view, 'kept', file('0'))) as { readonly key: string }
    await view.progress(null, '0', 100)
    await view.request('phx_leave', {})
    const next = await open(page.cookie)
    await shows(next.view, ' 100 done </i>')
    await next.view.submit('save kept')
    expect(next.view.html).toContain(`saved ${key}`)
  })

  it('waits no longer for what the application cannot say, and asks again when it is chosen', async () => {
    const { page, view } = await open()
    await ask(view, 'kept', file('0', 'breaks.png'))
    await view.request('phx_leave', {})
    const next = await open(page.cookie)
    await shows(next.view, 'breaks.png 0</b>')
    const ref = next.view.inputRef('kept')
    await next.view.choose({ [ref]: [file('7', 'breaks.png')] })
    expect((await next.view.preflight(ref, [file('7', 'breaks.png')])).error).toEqual([
      ['7', 'external_metadata_failure'],
    ])
    await said(['external new breaks.png', 'external noted again breaks.png', 'external noted again breaks.png'])
  })
})

describe('a file that has failed', () => {
  it('begins anew when that is asked for: once it was let go of, the page hears where it goes now', async () => {
    const { view } = await open()
    await ask(view, 'photos', file('0'))
    await view.progress(null, '0', { error: 'status 500' })
    await shows(view, 'failed external_client_failure')
    await view.event('retry', { ref: '0' })
    expect(view.html).toContain('<i>0 0 queued </i>')
    expect(view.html).toContain('data-liveloom-retries="0:1"')
    const where = (await question(view, '0', 'liveloom:where')) as { readonly answer: { readonly key: string } }
    expect(where).toEqual({ answer: { uploader: 'Ours', key: expect.stringMatching(/^key-/) } })
    await view.progress(null, '0', 100)
    await view.submit('save')
    expect(view.html).toContain(`saved ${where.answer.key}`)
    await said([...['external new a.png', 'dropped a.png', 'external new a.png', 'confirm a.png', 'consumed a.png']])
  })
})
