/**
 * The ledger on disk: the files of uploads in a private folder that stays, so that whichever process comes next finds them. Several
 * processes may have the same folder.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LiveError } from '../../errors.ts'
import {
  type Full,
  type GrantedFile,
  isFullDisk,
  type KeptFile,
  type KeptRecord,
  type Shelf,
  type UploadLedger,
} from '../../upload/ledger.ts'
import { Holders } from './holders.ts'
import { DiskFile, type FileOwner, type RecordOnDisk } from './kept-file.ts'
import { removeEmpty, sweepLedger } from './ledger-janitor.ts'
import {
  holdersName,
  type KeptName,
  nobody,
  processOf,
  readName,
  recordEnding,
  shelfFolder,
  writeName,
} from './ledger-names.ts'
import { namesIn, storedBy } from './ledger-walk.ts'
import { leaseRound } from './lease.ts'
import { syncFolders } from './place.ts'
import { isPrivate } from './sweep.ts'
import { KeyedTurns } from './keyed-turns.ts'
import { settlesWithin } from './within.ts'

export interface DiskLedgerOptions {
  readonly folder: string
  /** How long what nobody has stays, in ms. */
  readonly keepFor: Readonly<Record<Shelf['owner'], number>>
  /** Bytes that are reserved at most, for one visitor and for all. */
  readonly maxStored: { readonly visitor: number; readonly all: number }
  /** Files of one visitor. */
  readonly maxFiles: number
  report(error: unknown): void
  /** Ms since 1970. @default the machine's clock */
  readonly now?: (() => number) | undefined
}

export interface DiskLedger extends UploadLedger {
  /** Looks for what nobody came back for. Never rejects. */
  sweep(): Promise<void>
  /** Says that this process has nothing any more. */
  close(): Promise<void>
}

/** How long a page waits for what its view before is still doing with its files, in ms. */
const leaveTime = 2000
/** So many files are made at the same time. */
const together = 32
/** What a record may hold, in bytes: ten thousand files with all that their pages may say of them, and more than a preflight can. */
const maxRecord = 256 * 1024 * 1024

export function createDiskLedger(options: DiskLedgerOptions): DiskLedger {
  const { folder, keepFor, maxStored, maxFiles, report, now = Date.now } = options
  const holders = new Holders(join(folder, holdersName))
  const held = new Map<string, DiskFile>()
  /** Of visitors: two grants that look whether there is room at the same moment would both find it. */
  const turns = new KeyedTurns()
  /** Bytes that all have reserved, as the last round has found it and this process has gone on. */
  let stored: number | undefined
  let ready: Promise<void> | undefined
  let records = 0

  const owner: FileOwner = {
    held,
    nextName: () => holders.nextName(),
    async removed(file) {
      if (stored !== undefined) stored -= file.size
      const { path, uuids, rest } = file.record
      rest.delete(file.uuid)
      for (const uuid of rest) if (held.has(uuid)) return
      // Others may have the rest of them, or have this one by now.
      for (const name of await namesIn(file.folder)) if (uuids.has(readName(name)?.uuid ?? '')) return
      await rm(path, { force: true })
      await removeEmpty(file.folder)
    },
  }

  const begin = (): Promise<void> =>
    (ready ??= prepare(folder)
      .then(() => holders.enter())
      .then(() => sweep())
      .catch((error: unknown) => {
        ready = undefined
        throw error
      }))

  async function sweep(): Promise<void> {
    const round = await sweepLedger(folder, { keepFor, now, isGone: (holder) => holders.isGone(holder) })
    stored = round.bytes
    await holders.round((process) => round.holders.has(process))
  }

  async function isFullFor({ visitor }: Shelf, count: number, bytes: number): Promise<boolean> {
    const own = await storedBy(folder, visitor)
    return own.bytes + bytes > maxStored.visitor || own.files + count > maxFiles
  }

  /** Call it in the visitor's turn: what is made counts for the next one. */
  async function grant(shelf: Shelf, text: string, files: readonly GrantedFile[]): Promise<readonly KeptFile[] | Full> {
    const bytes = files.reduce((sum, { size }) => sum + size, 0)
    if (await isFullFor(shelf, files.length, bytes)) return 'visitor'
    if ((stored ?? 0) + bytes > maxStored.all) return 'all'
    stored = (stored ?? 0) + bytes
    try {
      // Another process may have taken the empty folder away.
      const made = await make(shelf, text, files).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
        return make(shelf, text, files)
      })
      for (const file of made) held.set(file.uuid, file)
      return made
    } catch (error) {
      stored -= bytes
      if (isFullDisk(error)) return 'all'
      throw error
    }
  }

  async function make(shelf: Shelf, text: string, files: readonly GrantedFile[]): Promise<readonly DiskFile[]> {
    const path = join(folder, shelf.visitor, shelfFolder(shelf))
    const top = await mkdir(path, { recursive: true, mode: 0o700 })
    // Somebody has deleted the folder, and with it what says that this process lives.
    if (top !== undefined && !top.startsWith(join(folder, '/'))) await holders.renew()
    // Names of one length, in order.
    const order = `${Date.now().toString(36).padStart(9, '0')}-${(records++).toString(36).padStart(6, '0')}`
    const record = recordAt(
      join(path, `${order}-${holders.own}${recordEnding}`),
      files.map(({ uuid }) => uuid),
    )
    const names = files.map(({ uuid, size }): KeptName => ({ uuid, size, holder: holders.nextName(), state: 'part' }))
    try {
      for (let at = 0; at < names.length; at += together) {
        const some = names.slice(at, at + together)
        await Promise.all(some.map((name) => writeFile(join(path, writeName(name)), '', { flag: 'wx', mode: 0o600 })))
      }
      await writeRecord(record.path, JSON.stringify({ liveloom: 1, files: files.map(({ uuid }) => uuid), text }))
    } catch (error) {
      await Promise.allSettled(names.map((name) => rm(join(path, writeName(name)), { force: true })))
      throw error
    }
    return names.map((name) => new DiskFile(owner, path, { record, name, received: 0 }))
  }

  /** Those of a shelf that nobody has, by uuid. */
  async function freeOf(names: readonly string[], takesOver: boolean): Promise<Map<string, KeptName>> {
    const gone = new Map<string, boolean>([[nobody, true]])
    const free = new Map<string, KeptName>()
    for (const text of names) {
      const name = readName(text)
      if (name === undefined || held.has(name.uuid)) continue
      const { uuid, holder, state } = name
      const process = processOf(holder)
      if (!gone.has(process)) gone.set(process, await holders.isGone(holder))
      // What this process has named and does not hold is being named anew.
      const takes = takesOver && state !== 'busy' && state !== 'last' && process !== holders.own
      if (takes || gone.get(process) === true) free.set(uuid, name)
    }
    return free
  }

  async function find(path: string, names: readonly string[], takesOver: boolean): Promise<readonly KeptRecord[]> {
    const free = await freeOf(names, takesOver)
    const found: KeptRecord[] = []
    for (const file of names.filter((name) => name.endsWith(recordEnding)).toSorted()) {
      // Somebody may have thousands of records, and pages that have all of their files.
      if (free.size === 0) break
      const read = await readRecord(join(path, file)).catch((error: unknown) => {
        report(error)
        return undefined
      })
      if (read === undefined) continue
      const record = recordAt(join(path, file), read.files)
      const files: KeptFile[] = []
      for (const uuid of read.files) {
        const name = free.get(uuid)
        if (name === undefined) continue
        free.delete(uuid)
        const stat = await lstat(join(path, writeName(name))).catch(() => undefined)
        if (stat === undefined || !stat.isFile() || stat.nlink !== 1) continue
        files.push(new DiskFile(owner, path, { record, name, received: Math.min(stat.size, name.size) }))
      }
      if (files.length > 0) found.push({ text: read.text, files })
    }
    return found
  }

  const look = async (): Promise<void> => {
    try {
      if (holders.hasEntered) await holders.renew()
      await sweep()
    } catch (error) {
      report(error)
    }
  }
  const rounds = setInterval(() => void look(), leaseRound)
  rounds.unref()

  return {
    async grant(shelf, text, files) {
      await begin()
      return turns.take(shelf.visitor, () => grant(shelf, text, files))
    },
    async list(shelf, takesOver) {
      const path = join(folder, shelf.visitor, shelfFolder(shelf))
      // Before anything is read: names that change meanwhile would be found as they were.
      const leaving = [...held.values()].flatMap((file) => (file.folder === path ? (file.leaving ?? []) : []))
      if (leaving.length > 0) await settlesWithin(Promise.allSettled(leaving), leaveTime)
      const names = await namesIn(path)
      if (names.length === 0) return []
      await begin()
      return find(path, names, takesOver)
    },
    sweep: look,
    async close() {
      clearInterval(rounds)
      await turns.over()
      await Promise.allSettled([...held.values()].map((file) => file.leave()))
      if (ready === undefined) return
      await sweep().catch(report)
      await holders.leave()
      // What nobody needs any more.
      await rmdir(folder).catch(() => {})
    },
  }
}

function recordAt(path: string, uuids: readonly string[]): RecordOnDisk {
  return { path, uuids: new Set(uuids), rest: new Set(uuids) }
}

export const folderPrefix = 'liveloom-uploads-'

/** The same for all processes of an application on this machine, and of no other: what is kept in it is of use to them alone. */
export function defaultFolder(secret: string, name: string): string {
  const digest = createHmac('sha256', secret).update(`liveloom ${name} uploads`).digest('hex').slice(0, 16)
  return join(tmpdir(), folderPrefix + digest)
}

/** @throws {LiveError} `ERR_UPLOAD_FOLDER` for a folder that others may read or write. */
async function prepare(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const stat = await lstat(folder)
  if (stat.isDirectory() && isPrivate(stat)) return
  const message = `the folder of uploads, ${folder}, must be a folder of this user that others cannot enter (mode 0700)`
  throw new LiveError('ERR_UPLOAD_FOLDER', message)
}

/** Whole, or not at all. */
async function writeRecord(path: string, text: string): Promise<void> {
  const part = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(part, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(part, path)
  await syncFolders(join(path, '..'), undefined)
}

interface ReadRecord {
  readonly files: readonly string[]
  readonly text: string
}

/** `undefined` for one that was cut short, or is none. */
async function readRecord(path: string): Promise<ReadRecord | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    return parseRecord(await readWhole(file))
  } finally {
    await file.close()
  }
}

async function readWhole(file: FileHandle): Promise<string> {
  const stat = await file.stat()
  return stat.isFile() && stat.size <= maxRecord ? file.readFile('utf8') : ''
}

function parseRecord(text: string): ReadRecord | undefined {
  try {
    const said = JSON.parse(text) as Partial<ReadRecord> | null
    const { files, text: inner } = said ?? {}
    if (!Array.isArray(files) || typeof inner !== 'string') return undefined
    return { files: files.filter((uuid) => typeof uuid === 'string'), text: inner }
  } catch {
    return undefined
  }
}
