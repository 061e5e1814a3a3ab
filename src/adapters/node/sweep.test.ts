import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { endedOwner } from '../../../test/support/ended-owner.ts'
import { renewLease } from './lease.ts'
import { type Owner, ownProcess } from './owner.ts'
import { Sweeper } from './sweep.ts'

const upload = '0123456789abcdef01234567'
const elsewhere: Owner = { boot: 'another', pids: 'pid:[1]', pid: 1, started: '1' }

let parent: string
const reported: unknown[] = []
beforeEach(async () => {
  reported.length = 0
  parent = await mkdtemp(join(tmpdir(), 'sweep-'))
})
afterEach(() => rm(parent, { recursive: true, force: true }))

const at = (...names: string[]) => join(parent, ...names)
const left = async () => (await readdir(parent)).toSorted()
const sweeper = () =>
  new Sweeper(
    parent,
    () => false,
    (error) => reported.push(error),
  )

async function rounds(count: number, swept = sweeper()): Promise<void> {
  for (let round = 0; round < count; round++) await swept.round()
}

/** A folder with a file; `owner` is what its lease says. */
async function folder(name: string, owner?: Owner): Promise<string> {
  const path = at(name)
  await mkdir(path, { mode: 0o700 })
  await writeFile(join(path, upload), 'left')
  if (owner !== undefined) await writeFile(join(path, 'lease'), JSON.stringify({ liveloom: 1, touch: 'x', owner }))
  return path
}

describe('a folder whose owner cannot be asked', () => {
  it('goes after ten rounds in which its lease stood still', async () => {
    await folder('liveloom-silent', elsewhere)
    const swept = sweeper()
    await rounds(10, swept)
    expect(await left()).toEqual(['liveloom-silent'])
    await rounds(1, swept)
    expect(await left()).toEqual([])
    expect(reported).toEqual([])
  })

  it('stays as long as its lease changes, whatever the clocks say', async () => {
    const path = await folder('liveloom-alive', elsewhere)
    const swept = sweeper()
    for (let count = 0; count < 40; count++) {
      await swept.round()
      if (count % 9 === 0) await renewLease(path)
      for (const name of [path, join(path, 'lease')]) await utimes(name, 0, 0)
    }
    expect(await left()).toEqual(['liveloom-alive'])
  })

  it('goes also where no process lives for ten rounds: what one has counted the next one goes on with', async () => {
    await folder('liveloom-silent', elsewhere)
    for (let count = 0; count < 5; count++) {
      expect(await left()).toEqual(['liveloom-silent'])
      // The first look of each adds nothing: nobody knows how long it is after the last one.
      await rounds(3)
    }
    await rounds(1)
    expect(await left()).toEqual([])
  })

  it('is not counted twice by two who watch at the same time', async () => {
    await folder('liveloom-silent', elsewhere)
    const both = [sweeper(), sweeper()]
    for (let count = 0; count < 10; count++) for (const swept of both) await swept.round()
    expect(await left()).toEqual(['liveloom-silent'])
    await rounds(1, both[0])
    expect(await left()).toEqual([])
  })

  it('begins anew when its owner has said something', async () => {
    const path = await folder('liveloom-slow', elsewhere)
    await rounds(10)
    await renewLease(path)
    await rounds(10)
    expect(await left()).toEqual(['liveloom-slow'])
  })

  it.for(['', '{"sign":', '[]', '{"sign":1,"rounds":9}', '{"sign":"x","rounds":99}'])(
    'takes nothing from a count that reads %j',
    async (text) => {
      const path = await folder('liveloom-silent', elsewhere)
      await writeFile(join(path, 'watch'), text)
      await rounds(10)
      expect(await left()).toEqual(['liveloom-silent'])
    },
  )

  it('is watched also where nothing can be written', async () => {
    const path = await folder('liveloom-silent', elsewhere)
    await mkdir(join(path, 'watch'))
    await rounds(11)
    expect(await left()).toEqual([])
    expect(reported).toEqual([])
  })
})

describe.runIf(ownProcess() !== undefined)('a folder whose owner is of this kernel', () => {
  it('goes at once when that process has ended', async () => {
    await folder('liveloom-killed', endedOwner())
    await rounds(1)
    expect(await left()).toEqual([])
  })

  it('goes at once when its number belongs to another process by now', async () => {
    await folder('liveloom-killed', { ...ownProcess()!, started: '1' })
    await rounds(1)
    expect(await left()).toEqual([])
  })

  it.for([
    ['lives', {}],
    ['is of another container', { pids: 'pid:[1]', pid: 4_000_000 }],
    ['is of another machine', { boot: 'another', pid: 4_000_000 }],
  ] as const)('stays when that process %s', async ([, differs]) => {
    await folder('liveloom-alive', { ...ownProcess()!, ...differs })
    await rounds(10)
    expect(await left()).toEqual(['liveloom-alive'])
  })
})

describe('a folder of before there were leases', () => {
  it('goes after ten rounds in which nobody gave it a new time', async () => {
    const path = await folder('liveloom-before')
    const swept = sweeper()
    for (let count = 0; count < 20; count++) {
      await swept.round()
      const next = new Date(Date.now() + count * 60_000)
      await utimes(path, next, next)
    }
    expect(await left()).toEqual(['liveloom-before'])
    await rounds(12, swept)
    expect(await left()).toEqual([])
  })

  it('goes when it is empty', async () => {
    await mkdir(at('liveloom-empty'), { mode: 0o700 })
    await rounds(12)
    expect(await left()).toEqual([])
  })

  it('is ours by what is in it: a folder that only has such a name stays', async () => {
    await mkdir(at('liveloom-app'), { mode: 0o700 })
    await writeFile(at('liveloom-app', 'package.json'), '{}')
    await utimes(at('liveloom-app'), 0, 0)
    await rounds(30)
    expect(await readdir(at('liveloom-app'))).toEqual(['package.json'])
  })
})

describe('what is not ours', () => {
  it('stays: files, links, other names, and folders that are open to others', async () => {
    const owner = endedOwner()
    await folder('other-dead', owner)
    await folder('target', owner)
    await symlink(at('target'), at('liveloom-link'))
    await writeFile(at('liveloom-file'), '')
    await mkdir(at('liveloom-open'), { mode: 0o755 })
    await writeFile(at('liveloom-open', 'lease'), JSON.stringify({ owner }))
    await rounds(12)
    expect(await left()).toEqual(['liveloom-file', 'liveloom-link', 'liveloom-open', 'other-dead', 'target'])
    expect((await lstat(at('liveloom-link'))).isSymbolicLink()).toBe(true)
    expect(await readFile(at('target', upload), 'utf8')).toBe('left')
  })

  it('stays: folders of other users', async () => {
    await folder('liveloom-theirs', endedOwner())
    const uid = vi.spyOn(process as Required<typeof process>, 'getuid').mockReturnValue(process.getuid!() + 1)
    try {
      await rounds(12)
    } finally {
      uid.mockRestore()
    }
    expect(await left()).toEqual(['liveloom-theirs'])
  })

  it('stays: what a link in a swept folder leads to', async () => {
    const path = await folder('liveloom-killed', endedOwner())
    await mkdir(at('precious'))
    await writeFile(at('precious', 'file'), 'mine')
    await symlink(at('precious'), join(path, 'link'))
    await rounds(1)
    expect(await left()).toEqual(['precious'])
    expect(await readFile(at('precious', 'file'), 'utf8')).toBe('mine')
  })
})

it('goes with others that sweep at the same time', async () => {
  const owner = endedOwner()
  for (let count = 0; count < 20; count++) await folder(`liveloom-${count}`, owner)
  await Promise.all(Array.from({ length: 4 }, () => rounds(1)))
  await rounds(1)
  expect(await left()).toEqual([])
  expect(reported).toEqual([])
})

it('reports once, and not each minute, that it may not look', async () => {
  const swept = new Sweeper(
    at('missing'),
    () => false,
    (error) => reported.push(error),
  )
  await rounds(3, swept)
  expect(reported).toMatchObject([{ code: 'ENOENT' }])
  await mkdir(at('missing'))
  await rounds(1, swept)
  await rm(at('missing'), { recursive: true })
  await rounds(2, swept)
  expect(reported).toHaveLength(2)
})

describe('what a killed process was saving', () => {
  const part = '.liveloom-0123456789abcdef01234567.part'
  const note = async (path: string, name: string, save: object) =>
    writeFile(join(path, `save-${name.padEnd(12, '0')}`), JSON.stringify(save))

  it('to a new file is deleted beside its place', async () => {
    const path = await folder('liveloom-killed', endedOwner())
    await writeFile(at(part), 'half')
    await note(path, 'a', { kind: 'new', dest: at('dest'), part: at(part) })
    await rounds(1)
    expect(await left()).toEqual([])
    expect(reported).toEqual([])
  })

  it('never deletes anything but a file of such a name', async () => {
    const path = await folder('liveloom-killed', endedOwner())
    await writeFile(at('precious'), 'mine')
    await note(path, 'a', { kind: 'new', dest: at('dest'), part: at('precious') })
    await rounds(1)
    expect(await left()).toEqual(['precious'])
  })

  it('at the end of a file is reported, and left as it is', async () => {
    const path = await folder('liveloom-killed', endedOwner())
    await writeFile(at('dest'), 'before and ha')
    await note(path, 'a', { kind: 'append', dest: at('dest'), sizeBefore: 6, bytes: 12 })
    await Promise.all([rounds(1), rounds(1), rounds(1)])
    expect(reported).toMatchObject([{ code: 'ERR_UPLOAD_UNFINISHED' }])
    expect(String(reported[0])).toContain(
      `createOrAppendFile('${at('dest')}'): a process was killed while it appended 12 bytes; ` +
        'the file had 6 bytes before, and has 13 now',
    )
    expect(await readFile(at('dest'), 'utf8')).toBe('before and ha')
  })

  it.for([
    ['nothing of it came', 'before'],
    ['all of it came', 'before and after....'],
  ])('at the end of a file is no matter when %s', async ([, content]) => {
    const path = await folder('liveloom-killed', endedOwner())
    await writeFile(at('dest'), content!)
    await note(path, 'a', { kind: 'append', dest: at('dest'), sizeBefore: 6, bytes: 14 })
    await rounds(1)
    expect(reported).toEqual([])
  })

  it('is reported also when the file is gone since', async () => {
    const path = await folder('liveloom-killed', endedOwner())
    await note(path, 'a', { kind: 'append', dest: at('dest'), sizeBefore: 6, bytes: 14 })
    await writeFile(join(path, 'save-bbbbbbbbbbbb'), '{"kind":"app')
    await rounds(1)
    expect(String(reported)).toContain('and cannot be found now')
    expect(await left()).toEqual([])
    expect((await stat(parent)).isDirectory()).toBe(true)
  })
})
