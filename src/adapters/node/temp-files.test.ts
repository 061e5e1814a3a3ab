import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { uploadWriterContract } from '../../../test/contracts/upload-writer.ts'
import { createTempFolder, sweepAbandoned, type TempFolder } from './temp-files.ts'

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
  it('is made anew for the next file', async () => {
    const folder = createTempFolder(unexpected, parent)
    const first = await folder.openWriter()
    await first.close('done')
    await rm(dirname(first.meta().path), { recursive: true })
    const second = await folder.openWriter()
    await second.write(new Uint8Array([1]))
    await second.close('done')
    expect(await readFile(second.meta().path)).toEqual(Buffer.from([1]))
    await folder.close()
    expect(await exists(dirname(second.meta().path))).toBe(false)
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

  it('lets a view move a file away before it is consumed', async () => {
    const writer = await folder.openWriter()
    await writer.write(new Uint8Array([1]))
    await writer.close('done')
    await rename(writer.meta().path, join(own, 'moved'))
    await writer.dispose('consumed')
    expect([...(await readFile(join(own, 'moved')))]).toEqual([1])
  })

  it('is touched each minute while it lives', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const touched = createTempFolder(unexpected, own)
      const { path } = (await open(touched)).meta()
      const old = new Date(Date.now() - 3_600_000)
      await utimes(dirname(path), old, old)
      vi.advanceTimersByTime(60_000)
      await vi.waitFor(async () =>
        expect((await stat(dirname(path))).mtimeMs).toBeGreaterThan(old.getTime() + 3_500_000),
      )
      await touched.close()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

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

describe('the sweep', () => {
  const minute = 60_000
  let own: string
  beforeEach(async () => {
    own = await mkdtemp(join(parent, 'sweep-'))
  })

  async function abandon(name: string, ago: number): Promise<void> {
    const path = join(own, name)
    await mkdir(path)
    await writeFile(join(path, 'upload'), 'left')
    const then = new Date(Date.now() - ago)
    await utimes(path, then, then)
  }

  it('takes our folders that nobody has touched for ten minutes, and nothing else', async () => {
    await abandon('liveloom-dead', 11 * minute)
    await abandon('liveloom-alive', 9 * minute)
    await abandon('other-dead', 60 * minute)
    await writeFile(join(own, 'liveloom-file'), '')
    await utimes(join(own, 'liveloom-file'), 0, 0)
    await sweepAbandoned(own, Date.now())
    expect((await readdir(own)).toSorted()).toEqual(['liveloom-alive', 'liveloom-file', 'other-dead'])
  })

  it('follows no link', async () => {
    await abandon('target', 60 * minute)
    await symlink(join(own, 'target'), join(own, 'liveloom-link'))
    await sweepAbandoned(own, Date.now() + 60 * minute)
    expect((await lstat(join(own, 'liveloom-link'))).isSymbolicLink()).toBe(true)
    expect(await exists(join(own, 'target', 'upload'))).toBe(true)
  })

  it('leaves the folders of other users', async () => {
    await abandon('liveloom-theirs', 60 * minute)
    const uid = vi.spyOn(process as Required<typeof process>, 'getuid').mockReturnValue(process.getuid!() + 1)
    try {
      await sweepAbandoned(own, Date.now())
    } finally {
      uid.mockRestore()
    }
    expect(await readdir(own)).toEqual(['liveloom-theirs'])
  })

  it('goes with others that sweep at the same time', async () => {
    for (let at = 0; at < 20; at++) await abandon(`liveloom-${at}`, 60 * minute)
    await Promise.all(Array.from({ length: 4 }, () => sweepAbandoned(own, Date.now())))
    expect(await readdir(own)).toEqual([])
  })

  it('runs when a process starts', async () => {
    await abandon('liveloom-dead', 60 * minute)
    const folder = createTempFolder(unexpected, own)
    await vi.waitFor(async () => expect(await readdir(own)).toEqual([]))
    await folder.close()
  })

  it('reports when it may not look', async () => {
    const reported: unknown[] = []
    const folder = createTempFolder((error) => reported.push(error), join(own, 'missing'))
    await vi.waitFor(() => expect(reported).toMatchObject([{ code: 'ENOENT' }]))
    await folder.close()
  })
})
