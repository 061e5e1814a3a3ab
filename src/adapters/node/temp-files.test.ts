import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { uploadWriterContract } from '../../../test/contracts/upload-writer.ts'
import { endedOwner } from '../../../test/support/ended-owner.ts'
import { createTempFolder, type TempFolder } from './temp-files.ts'

/** Nothing is to be reported. */
const unexpected = (error: unknown): never => {
  throw error
}

type Writer = Awaited<ReturnType<TempFolder['openWriter']>>

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

let parent: string
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'parent-'))
})
afterAll(() => rm(parent, { recursive: true }))

describe('a folder that somebody cleaned away', () => {
  const reported: unknown[] = []
  /** A folder whose minutes pass when the test says so. */
  async function inMinutes(test: (folder: TempFolder, minute: () => Promise<void>) => Promise<void>): Promise<void> {
    reported.length = 0
    const own = await mkdtemp(join(parent, 'minutes-'))
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const folder = createTempFolder((error) => reported.push(error), own)
    try {
      await test(folder, async () => {
        vi.advanceTimersByTime(60_000)
        // Each round ends with a look at the other folders: this one is gone with that.
        const sign = await mkdtemp(join(own, 'liveloom-'))
        await writeFile(join(sign, 'lease'), JSON.stringify({ owner: endedOwner() }))
        await vi.waitFor(async () => {
          vi.advanceTimersByTime(60_000)
          expect(await exists(sign)).toBe(false)
        })
      })
    } finally {
      await folder.close()
      vi.useRealTimers()
    }
  }

  it('while nothing was in it is no matter, and made anew for the next file', async () => {
    await inMinutes(async (folder, minute) => {
      const first = await folder.openWriter()
      await first.close('cancel')
      await first.dispose('dropped')
      await rm(dirname(first.meta().path), { recursive: true })
      for (let count = 0; count < 3; count++) await minute()
      expect(reported).toEqual([])
      const second = await folder.openWriter()
      await second.write(new Uint8Array([1]))
      await second.close('done')
      expect(await readFile(second.meta().path)).toEqual(Buffer.from([1]))
    })
  })

  it('is reported once when uploads were in it, which fail', async () => {
    await inMinutes(async (folder, minute) => {
      const running = await folder.openWriter()
      await running.write(new Uint8Array([1]))
      const written = await folder.openWriter()
      await rm(dirname(running.meta().path), { recursive: true })
      // Before the next minute nobody knows; but nothing is done that is gone.
      await expect(written.close('done')).rejects.toThrow('ENOENT')
      for (let count = 0; count < 3; count++) await minute()
      expect(reported).toMatchObject([{ code: 'ERR_UPLOAD_FOLDER' }])
      expect(String(reported[0])).toContain('is gone, with 2 uploads in it')
      await expect(running.write(new Uint8Array([2]))).rejects.toThrow(
        expect.objectContaining({ code: 'ERR_UPLOAD_FOLDER' }),
      )
      await running.close('cancel')
      for (const writer of [running, written]) await writer.dispose('dropped')
      const next = await folder.openWriter()
      await next.write(new Uint8Array([3]))
      await next.close('done')
      expect([...(await readFile(next.meta().path))]).toEqual([3])
    })
  })

  it('of its lease alone gets it again', async () => {
    await inMinutes(async (folder, minute) => {
      const writer = await folder.openWriter()
      const lease = join(dirname(writer.meta().path), 'lease')
      await rm(lease)
      await minute()
      expect(await exists(lease)).toBe(true)
      await writer.write(new Uint8Array([1]))
      await writer.close('done')
      expect(reported).toEqual([])
    })
  })

  it('is made anew for the next file', async () => {
    const folder = createTempFolder((error) => reported.push(error), parent)
    reported.length = 0
    const first = await folder.openWriter()
    await first.close('done')
    await rm(dirname(first.meta().path), { recursive: true })
    const second = await folder.openWriter()
    await second.write(new Uint8Array([1]))
    await second.close('done')
    expect(await readFile(second.meta().path)).toEqual(Buffer.from([1]))
    await folder.close()
    expect(await exists(dirname(second.meta().path))).toBe(false)
    expect(reported).toMatchObject([{ code: 'ERR_UPLOAD_FOLDER' }])
  })
})

describe('the contract', () => {
  let folder: TempFolder
  beforeAll(() => {
    folder = createTempFolder(unexpected, parent)
  })
  afterAll(() => folder.close())

  uploadWriterContract('of temporary files', () => ({
    open: () => folder.openWriter(),
    read: ({ path }) => readFile(path),
    exists: ({ path }) => exists(path),
  }))
})

describe('the folder of temporary files', () => {
  let own: string
  const reported: unknown[] = []
  let folder: TempFolder
  const writers: Writer[] = []
  beforeEach(async () => {
    reported.length = 0
    own = await mkdtemp(join(parent, 'own-'))
    folder = createTempFolder((error) => reported.push(error), own)
  })
  afterEach(async () => {
    for (const writer of writers.splice(0)) await writer.close('cancel')
    await folder.close()
  })

  /** A writer that is closed behind the test. */
  async function open(from = folder): Promise<Writer> {
    const writer = await from.openWriter()
    writers.push(writer)
    return writer
  }

  const mode = async (path: string) => (await stat(path)).mode & 0o777

  it('is made with the first file, private like the file', async () => {
    expect(await readdir(own)).toEqual([])
    const { path } = (await open()).meta()
    expect(await mode(dirname(path))).toBe(0o700)
    expect(await mode(path)).toBe(0o600)
    expect(dirname(dirname(path))).toBe(own)
  })

  it('is private whatever the umask', async () => {
    const umask = process.umask(0)
    try {
      const { path } = (await open()).meta()
      expect(await mode(dirname(path))).toBe(0o700)
      expect(await mode(path)).toBe(0o600)
    } finally {
      process.umask(umask)
    }
  })

  it('is one for all files of the process, which are named by us', async () => {
    const opened = await Promise.all(Array.from({ length: 5 }, () => open()))
    const paths = opened.map((writer) => writer.meta().path)
    expect(new Set(paths.map((path) => dirname(path))).size).toBe(1)
    expect(new Set(paths).size).toBe(5)
    for (const path of paths) expect(path).toMatch(/\/liveloom-[^/]+\/[0-9a-f]{24}$/)
  })

  it('goes with whatever is left in it', async () => {
    await (await open()).write(new Uint8Array(10))
    await folder.close()
    expect(await readdir(own)).toEqual([])
  })

  it('is not made again for who comes while it goes, or later', async () => {
    await open()
    const late = Array.from({ length: 50 }, () => folder.openWriter())
    const ends = Promise.allSettled(late.map(async (opening) => (await opening).close('cancel')))
    await folder.close()
    await ends
    await expect(folder.openWriter()).rejects.toThrow(expect.objectContaining({ code: 'ERR_UPLOAD_FOLDER' }))
    expect(await readdir(own)).toEqual([])
    expect(reported).toEqual([])
  })

  it('lets a view move a file away before it is consumed', async () => {
    const writer = await folder.openWriter()
    await writer.write(new Uint8Array([1]))
    await writer.close('done')
    await rename(writer.meta().path, join(own, 'moved'))
    await writer.dispose('consumed')
    expect([...(await readFile(join(own, 'moved')))]).toEqual([1])
  })

  it('says something new in its lease each minute while it lives', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const kept = createTempFolder(unexpected, own)
      const lease = join(dirname((await open(kept)).meta().path), 'lease')
      const said = new Set([await readFile(lease, 'utf8')])
      for (let minute = 1; minute < 4; minute++) {
        vi.advanceTimersByTime(60_000)
        await vi.waitFor(async () => expect(said.has(await readFile(lease, 'utf8'))).toBe(false), { interval: 5 })
        said.add(await readFile(lease, 'utf8'))
      }
      await kept.close()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('is no reason for one: a process without uploads sweeps what others left, at its start and each minute', async () => {
    const abandon = async (name: string): Promise<void> => {
      await mkdir(join(own, name), { mode: 0o700 })
      await writeFile(join(own, name, 'lease'), JSON.stringify({ owner: endedOwner() }))
    }
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    await abandon('liveloom-first')
    const sweeping = createTempFolder(unexpected, own)
    try {
      await vi.waitFor(async () => expect(await readdir(own)).toEqual([]))
      await abandon('liveloom-later')
      await vi.waitFor(async () => {
        vi.advanceTimersByTime(60_000)
        expect(await readdir(own)).toEqual([])
      })
    } finally {
      await sweeping.close()
      vi.useRealTimers()
    }
  })

  it.runIf(process.platform === 'linux')(
    'on a full disk lets saves go on without a note, and says so once',
    async () => {
      // Nothing larger than nothing may be written by this process, as on a disk that is full.
      const program = fileURLToPath(new URL('../../../test/support/noting-process.ts', import.meta.url))
      const limited = `ulimit -f 0 && exec "$0" --import tsx "$1"`
      const { stdout, stderr } = spawnSync('sh', ['-c', limited, process.execPath, program], {
        encoding: 'utf8',
        env: { ...process.env, HOME_OF: own, TSX_DISABLE_CACHE: '1' },
      })
      expect(stderr).toBe('')
      expect(JSON.parse(stdout)).toEqual({ reported: ['EFBIG', 'EFBIG'], left: ['lease'] })
    },
  )

  it('is tried again when it could not be made', async () => {
    const missing = join(own, 'later')
    const late = createTempFolder((error) => reported.push(error), missing)
    await expect(late.openWriter()).rejects.toThrow('ENOENT')
    await mkdir(missing)
    const writer = await late.openWriter()
    await writer.close('cancel')
    await late.close()
    expect(reported).toHaveLength(1)
  })
})
