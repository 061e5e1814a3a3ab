import { execFileSync } from 'node:child_process'
import { constants } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFileStore } from './file-store.ts'
import type { Save } from './save-notes.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-'))
})
afterEach(() => rm(folder, { recursive: true }))

const at = (name: string) => join(folder, name)
const store = createFileStore()

async function source(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(at(name), content)
  return at(name)
}

describe('the file store', () => {
  it('makes the file, with its folders', async () => {
    await store.append(at('a/b/c.txt'), await source('src', 'hello'))
    expect(await readFile(at('a/b/c.txt'), 'utf8')).toBe('hello')
  })

  it('appends to what is there', async () => {
    await store.append(at('dest'), await source('one', 'one '))
    await store.append(at('dest'), await source('two', 'two'))
    expect(await readFile(at('dest'), 'utf8')).toBe('one two')
    expect(await readFile(at('one'), 'utf8')).toBe('one ')
  })

  it('copies an empty file, and one larger than its blocks', async () => {
    await store.append(at('empty'), await source('none', ''))
    expect((await stat(at('empty'))).size).toBe(0)
    const large = new Uint8Array(3 * 1024 * 1024 + 17).map((_, index) => index % 253)
    await store.append(at('large'), await source('src', large))
    expect(Buffer.compare(await readFile(at('large')), large)).toBe(0)
  })

  it('knows one file by every way to write its path', () => {
    const path = at('x/dest')
    expect(store.resolve(`${folder}/x/../x/./dest`)).toBe(path)
    expect(store.resolve(relative(process.cwd(), path))).toBe(path)
  })

  it('lets appends to one file follow one another, in order, however its path is written', async () => {
    const size = 1024 * 1024 + 1
    const sources = await Promise.all(
      Array.from({ length: 6 }, (_, nth) => source(`src${nth}`, new Uint8Array(size).fill(nth))),
    )
    await Promise.all(sources.map((src, nth) => store.append(nth % 2 === 0 ? at('dest') : `${folder}/./dest`, src)))
    const stored = await readFile(at('dest'))
    expect(stored).toHaveLength(6 * size)
    for (let nth = 0; nth < 6; nth++) {
      expect(stored.subarray(nth * size, (nth + 1) * size).every((byte) => byte === nth)).toBe(true)
    }
  })

  it('goes on after an append that failed', async () => {
    const failing = store.append(at('dest'), at('missing'))
    const next = store.append(at('dest'), await source('src', 'hello'))
    await expect(failing).rejects.toThrow('ENOENT')
    await next
    expect(await readFile(at('dest'), 'utf8')).toBe('hello')
  })

  it('leaves no file behind when the first append fails', async () => {
    await mkdir(at('folder'))
    await expect(store.append(at('dest'), at('folder'))).rejects.toThrow('EISDIR')
    await expect(store.append(at('dest'), at('missing'))).rejects.toThrow('ENOENT')
    expect(await readdir(folder)).toEqual(['folder'])
  })

  it('leaves a file as it was when an append to it fails', async () => {
    await source('dest', 'before')
    await mkdir(at('folder'))
    await expect(store.append(at('dest'), at('folder'))).rejects.toThrow('EISDIR')
    expect(await readFile(at('dest'), 'utf8')).toBe('before')
  })

  it('fails where there is no room, and cuts nothing off', async () => {
    const src = await source('src', 'hello')
    await symlink('/dev/full', at('full'))
    await expect(store.append(at('full'), src)).rejects.toThrow('ENOSPC')
    expect((await stat('/dev/full')).isCharacterDevice()).toBe(true)
  })

  it('refuses a pipe at either end, and waits for nobody at the other', async () => {
    execFileSync('mkfifo', [at('pipe')])
    const src = await source('src', 'hello')
    const refused = expect.objectContaining({ code: 'ERR_UPLOAD_FILE' })
    await symlink(at('pipe'), at('link'))
    for (const dest of ['pipe', 'link']) await expect(store.append(at(dest), src)).rejects.toThrow(refused)
    await expect(store.append(at('dest'), at('pipe'))).rejects.toThrow(refused)
    const reader = await open(at('pipe'), constants.O_RDWR)
    await expect(store.append(at('pipe'), src)).rejects.toThrow(refused)
    await reader.close()
    expect((await readdir(folder)).toSorted()).toEqual(['link', 'pipe', 'src'])
  })

  it('refuses to append a file to itself', async () => {
    await source('self', 'hello')
    await expect(store.append(at('self'), at('self'))).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_UPLOAD_FILE' }),
    )
    expect(await readFile(at('self'), 'utf8')).toBe('hello')
  })

  it('copies a source that was cut meanwhile as far as it goes', async () => {
    const src = await source('src', 'hello')
    await truncate(src, 2)
    await store.append(at('dest'), src)
    expect(await readFile(at('dest'), 'utf8')).toBe('he')
  })
})

describe('a new file', () => {
  it('has the mode of any new file, and nothing is left beside it', async () => {
    const umask = process.umask(0o027)
    try {
      await store.append(at('new/dest'), await source('src', 'hello'))
    } finally {
      process.umask(umask)
    }
    expect((await stat(at('new/dest'))).mode & 0o777).toBe(0o640)
    expect((await stat(at('new/dest'))).nlink).toBe(1)
    expect(await readdir(at('new'))).toEqual(['dest'])
  })

  it('is written down before it begins, until its end', async () => {
    const notes: Save[] = []
    const seen: string[][] = []
    const noted = createFileStore({
      noteSave: async (save) => {
        notes.push(save)
        return async () => void seen.push(await readdir(at('new')))
      },
    })
    await mkdir(at('new'))
    const failing = await source('folder', '')
    await rm(failing)
    await mkdir(failing)
    await expect(noted.append(at('new/dest'), failing)).rejects.toThrow('EISDIR')
    await noted.append(at('new/dest'), await source('src', 'hello'))
    await noted.append(at('new/dest'), at('src'))
    expect(seen).toEqual([[], ['dest'], ['dest']])
    expect(notes).toMatchObject([
      { kind: 'new', dest: at('new/dest'), part: expect.stringMatching(/\/new\/\.liveloom-[0-9a-f]{24}\.part$/) },
      { kind: 'new', dest: at('new/dest') },
      { kind: 'append', dest: at('new/dest'), sizeBefore: 5, bytes: 5 },
    ])
  })

  it('that another process makes at the same time is appended to', async () => {
    const stores = Array.from({ length: 6 }, () => createFileStore())
    const src = await source('src', 'hello')
    await Promise.all(stores.map((other) => other.append(at('dest'), src)))
    expect(await readFile(at('dest'), 'utf8')).toBe('hello'.repeat(6))
    expect((await readdir(folder)).toSorted()).toEqual(['dest', 'src'])
  })

  it('is made where a link leads to that leads nowhere yet', async () => {
    await symlink(at('target'), at('link'))
    await store.append(at('link'), await source('src', 'hello'))
    expect(await readFile(at('target'), 'utf8')).toBe('hello')
    expect((await readdir(folder)).toSorted()).toEqual(['link', 'src', 'target'])
  })

  it('is written through where that is asked for, with the folders that were made', async () => {
    const synced = createFileStore({ fsync: true })
    const src = await source('src', 'hello')
    await synced.append(at('a/b/dest'), src)
    await synced.append(at('a/b/dest'), src)
    expect(await readFile(at('a/b/dest'), 'utf8')).toBe('hellohello')
    expect(await readdir(at('a/b'))).toEqual(['dest'])
  })
})

describe('a store that is aborted', () => {
  const reason = new Error('no more')
  /** Far more than is copied before the abort; it takes no room. */
  const endless = async (): Promise<string> => {
    const path = await source('endless', '')
    await truncate(path, 2 ** 33)
    return path
  }

  it('leaves nothing of a new file, and cuts back what it appended', async () => {
    const aborted = createFileStore()
    const src = await endless()
    await source('old', 'before')
    const saves = [aborted.append(at('new/dest'), src), aborted.append(at('old'), src), aborted.append(at('old'), src)]
    const ends = Promise.allSettled(saves)
    await vi.waitFor(async () => {
      expect(await readdir(at('new'))).toEqual([expect.stringMatching(/^\.liveloom-[0-9a-f]{24}\.part$/)])
      expect((await stat(at('old'))).size).toBeGreaterThan(6)
    })
    expect(aborted.running).toBe(3)
    await aborted.abort(reason)
    expect(aborted.running).toBe(0)
    expect(await ends).toEqual(saves.map(() => ({ status: 'rejected', reason })))
    expect(await readdir(at('new'))).toEqual([])
    expect(await readFile(at('old'), 'utf8')).toBe('before')
    await expect(aborted.append(at('later'), src)).rejects.toBe(reason)
  })

  it('cuts off nothing that another process has saved to the same file meanwhile', async () => {
    const aborted = createFileStore()
    const src = await endless()
    await source('old', 'before')
    const failing = aborted.append(at('old'), src)
    const end = expect(failing).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_UPLOAD_UNFINISHED', cause: reason }),
    )
    await vi.waitFor(async () => expect((await stat(at('old'))).size).toBeGreaterThan(6))
    await createFileStore().append(at('old'), await source('src', 'theirs'))
    await aborted.abort(reason)
    await end
    const { size } = await stat(at('old'))
    expect((size - 12) % (1024 * 1024)).toBe(0)
    expect((await readFile(at('old'))).includes('theirs')).toBe(true)
  })
})
