import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { place } from './place.ts'

const links = vi.hoisted(() => ({ code: undefined as string | undefined }))

// A file system without hard links: there is none that a test could mount.
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  return {
    ...real,
    link: (from: string, to: string) =>
      links.code === undefined ? real.link(from, to) : Promise.reject(Object.assign(new Error(links.code), links)),
  }
})

let folder: string
beforeEach(async () => {
  links.code = undefined
  folder = await mkdtemp(join(tmpdir(), 'place-'))
  await writeFile(at('part'), 'whole')
})
afterEach(() => rm(folder, { recursive: true }))

const at = (name: string) => join(folder, name)

describe.each([undefined, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])('a file, where link says %s,', (code) => {
  beforeEach(() => {
    links.code = code
  })

  it('gets its place', async () => {
    expect(await place(at('part'), at('dest'))).toBe(true)
    expect(await readFile(at('dest'), 'utf8')).toBe('whole')
  })

  it('never takes the place of another', async () => {
    await writeFile(at('dest'), 'another')
    expect(await place(at('part'), at('dest'))).toBe(false)
    expect(await readFile(at('dest'), 'utf8')).toBe('another')
    expect(await readFile(at('part'), 'utf8')).toBe('whole')
  })

  it('of several that want one place at once one gets it', async () => {
    const parts = Array.from({ length: 8 }, (_, nth) => at(`part${nth}`))
    await Promise.all(parts.map((part) => writeFile(part, part)))
    const placed = await Promise.all(parts.map((part) => place(part, at('dest'))))
    const winner = placed.indexOf(true)
    expect(placed.filter(Boolean)).toHaveLength(1)
    expect(await readFile(at('dest'), 'utf8')).toBe(parts[winner])
  })

  it('that is gone leaves nothing at its place', async () => {
    await rm(at('part'))
    await expect(place(at('part'), at('dest'))).rejects.toThrow('ENOENT')
    expect(await readdir(folder)).toEqual([])
  })
})

it('a failure that has nothing to do with links is one', async () => {
  links.code = 'EIO'
  await expect(place(at('part'), at('dest'))).rejects.toThrow('EIO')
  expect(await readdir(folder)).toEqual(['part'])
})
