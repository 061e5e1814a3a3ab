/** `liveloom uploads`, as an operator calls it. */
import { execFile } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createDiskLedger, type DiskLedger } from '../../src/adapters/node/disk-ledger.ts'
import type { KeptFile } from '../../src/upload/ledger.ts'

const program = fileURLToPath(new URL('../../dist/adapters/node/cli/main.js', import.meta.url))
const size = 2000

let parent: string
let folder: string
let ledger: DiskLedger

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'uploads-command-'))
  folder = join(parent, 'liveloom-uploads-of-a-test')
  const minute = 60_000
  ledger = createDiskLedger({
    folder,
    keepFor: { page: minute, visitor: minute },
    maxStored: { visitor: 1e6, all: 1e6 },
    maxFiles: 100,
    report: (error) => {
      throw error
    },
  })
})

afterEach(async () => {
  await ledger.close()
  await rm(parent, { recursive: true, force: true })
})

async function grant(count: number): Promise<readonly KeptFile[]> {
  const files = Array.from({ length: count }, () => ({ uuid: randomUUID(), size }))
  const shelf = { visitor: 'v'.repeat(43), name: 'p'.repeat(43), owner: 'visitor' } as const
  return (await ledger.grant(shelf, '', files)) as readonly KeptFile[]
}

function run(...words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, TMPDIR: parent }
    execFile(process.execPath, [program, ...words], { env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err })
    })
  })
}

it('lists what is kept, and whether somebody has it', async () => {
  const [held, left] = await grant(2)
  await (await held!.open()).write(randomBytes(700))
  await left!.leave()
  const { code, out } = await run('uploads', 'ls')
  expect(code).toBe(0)
  const lines = out.trim().split('\n')
  expect(lines[0]).toMatch(/^FILE +HAS +OF +STATE/)
  expect(lines.find((line) => line.startsWith(held!.uuid))).toMatch(/700 bytes +2 KB +sending +visitor/)
  expect(lines.find((line) => line.startsWith(left!.uuid))).toMatch(/0 bytes +2 KB +waiting +visitor/)
  expect(lines.at(-1)).toBe('2 files, 700 bytes')
})

it('lists it for programs, in the folder that is named', async () => {
  const [file] = await grant(1)
  const { out } = await run('uploads', 'ls', '--json', '--folder', folder)
  expect(JSON.parse(out)).toMatchObject({ uuid: file!.uuid, size, received: 0, state: 'part', held: true })
  expect((await run('uploads', 'ls', '--folder', join(parent, 'nothing'))).out).toBe('0 files, 0 bytes\n')
})

it('deletes what is named, and leaves what a living server has', async () => {
  const [held, left, other] = await grant(3)
  await left!.leave()
  await other!.leave()
  expect(await run('uploads', 'rm', left!.uuid)).toMatchObject({ code: 0, out: '1 file deleted\n' })
  const all = await run('uploads', 'rm', '--all')
  expect(all).toMatchObject({ code: 1, out: '1 file deleted\n' })
  expect(all.err).toContain('1 kept, which a living server has')
  expect(JSON.parse((await run('uploads', 'ls', '--json')).out)).toMatchObject({ uuid: held!.uuid })
  expect(await run('uploads', 'rm', '--all', '--force')).toMatchObject({ code: 0, out: '1 file deleted\n' })
})

it('deletes by visitor and by age', async () => {
  const [file] = await grant(1)
  await file!.leave()
  expect((await run('uploads', 'rm', '--older', '1h')).out).toBe('0 files deleted\n')
  expect((await run('uploads', 'rm', '--visitor', 'other')).out).toBe('0 files deleted\n')
  expect((await run('uploads', 'rm', '--visitor', 'vvvv')).out).toBe('1 file deleted\n')
})

it.each([
  { words: ['uploads', 'rm'], says: 'say which' },
  { words: ['uploads', 'rm', '--older', 'soon'], says: "--older must be a time like 90s, 15m, 24h or 7d, got 'soon'" },
  { words: ['uploads', 'list'], says: "expected ls or rm, got 'list'" },
  { words: ['upload'], says: "unknown command 'upload'" },
  { words: ['uploads', 'ls', '--folders', 'x'], says: '--folders' },
])('says what is wrong with $words', async ({ words, says }) => {
  const { code, err } = await run(...words)
  expect(code).toBe(2)
  expect(err).toContain(says)
  expect(err).toContain("Try 'liveloom --help'.")
})

it('says that a file is not there', async () => {
  const { code, err } = await run('uploads', 'rm', randomUUID())
  expect(code).toBe(1)
  expect(err).toContain('there is no file')
})

it('says how it is called', async () => {
  expect((await run('--help')).out).toContain('liveloom uploads ls')
  expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
})
