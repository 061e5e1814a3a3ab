/** Ledgers on disk for tests: in folders of their own, which are gone at each test's end. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { createDiskLedger, type DiskLedger, type DiskLedgerOptions } from '../../src/adapters/node/disk-ledger.ts'
import { walkLedger } from '../../src/adapters/node/ledger-walk.ts'
import type { Full, KeptFile, Shelf } from '../../src/upload/ledger.ts'

/** Bytes of each file. */
export const size = 1000
export const minute = 60_000
export const page: Shelf = { visitor: 'v'.repeat(43), name: 'p'.repeat(43), owner: 'page' }
export const visitors: Shelf = { visitor: 'v'.repeat(43), name: 'a'.repeat(43), owner: 'visitor' }

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

export async function newFolder(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'ledger-test-'))
  ends.push(() => rm(parent, { recursive: true, force: true }))
  return join(parent, 'uploads')
}

/** `reports`: what went wrong in it. */
export function open(
  folder: string,
  more: Partial<DiskLedgerOptions> = {},
): DiskLedger & { readonly reports: readonly unknown[] } {
  const reports: unknown[] = []
  const ledger = createDiskLedger({
    folder,
    keepFor: { page: 15 * minute, visitor: 60 * minute },
    maxStored: { visitor: 10 * size, all: 100 * size },
    maxFiles: 1000,
    report: (error) => void reports.push(error),
    ...more,
  })
  ends.push(() => ledger.close())
  return Object.assign(ledger, { reports })
}

export function grant(ledger: DiskLedger, count = 1, shelf = page): Promise<readonly KeptFile[] | Full> {
  return ledger.grant(
    shelf,
    'facts',
    Array.from({ length: count }, () => ({ uuid: randomUUID(), size })),
  )
}

export async function granted(ledger: DiskLedger, count = 1, shelf = page): Promise<readonly KeptFile[]> {
  const files = await grant(ledger, count, shelf)
  if (typeof files === 'string') throw new Error(files)
  return files
}

export async function listed(ledger: DiskLedger, shelf = page, takesOver = false): Promise<readonly KeptFile[]> {
  return (await ledger.list(shelf, takesOver)).flatMap(({ files }) => files)
}

export async function pathsIn(folder: string): Promise<readonly string[]> {
  const paths: string[] = []
  for await (const { path } of walkLedger(folder)) paths.push(path)
  return paths
}
