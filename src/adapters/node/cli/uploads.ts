/** `liveloom uploads`: what the ledger on disk keeps, and how it is let go of. */
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { formatSize } from '../../../texts/size.ts'
import { folderPrefix } from '../disk-ledger.ts'
import { Holders } from '../holders.ts'
import { discard } from '../ledger-janitor.ts'
import { holdersName, type KeptName, nobody } from '../ledger-names.ts'
import { lastTouched, type Lying, walkLedger } from '../ledger-walk.ts'
import { readTime, UsageError, writeTime } from './usage.ts'

interface Options {
  readonly folder?: string | undefined
  readonly json?: boolean | undefined
  readonly visitor?: string | undefined
  readonly older?: string | undefined
  readonly all?: boolean | undefined
  readonly force?: boolean | undefined
}

/** A file that is kept. */
interface Kept extends Lying {
  readonly folder: string
  readonly name: KeptName
  /** A process that lives has it. */
  readonly held: boolean
}

/** @returns The exit code. */
export async function uploads(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      folder: { type: 'string' },
      json: { type: 'boolean' },
      visitor: { type: 'string' },
      older: { type: 'string' },
      all: { type: 'boolean' },
      force: { type: 'boolean' },
    },
  })
  const [command, ...uuids] = positionals
  if (command === 'ls' && uuids.length === 0) return ls(values)
  if (command === 'rm') return rm(uuids, values)
  throw new UsageError(
    command === 'ls' ? `ls takes no '${uuids.join(' ')}'` : `uploads: expected ls or rm, got '${command ?? ''}'`,
  )
}

async function ls(options: Options): Promise<number> {
  const now = Date.now()
  const rows: string[][] = []
  let count = 0
  let bytes = 0
  for await (const kept of allIn(options)) {
    count++
    bytes += kept.stat.size
    if (options.json === true) process.stdout.write(`${JSON.stringify(factsOf(kept))}\n`)
    else rows.push(rowOf(kept, now))
  }
  if (options.json === true) return 0
  if (count > 0) writeTable([['FILE', 'HAS', 'OF', 'STATE', 'KEPT FOR', 'IDLE', 'VISITOR'], ...rows])
  process.stdout.write(`${count} ${count === 1 ? 'file' : 'files'}, ${formatSize(bytes)}\n`)
  return 0
}

async function rm(uuids: readonly string[], options: Options): Promise<number> {
  const { visitor, older, all = false, force = false } = options
  const chosen = [uuids.length > 0, visitor !== undefined, older !== undefined, all].filter(Boolean).length
  if (chosen === 0) throw new UsageError('rm: say which: <uuid>…, --visitor, --older or --all')
  const age = older === undefined ? 0 : readTime('--older', older)
  const missing = new Set(uuids)
  const now = Date.now()
  let removed = 0
  let held = 0
  for await (const kept of allIn(options)) {
    if (uuids.length > 0 && !uuids.includes(kept.name.uuid)) continue
    if (visitor !== undefined && !kept.visitor.startsWith(visitor)) continue
    if (now - lastTouched(kept.stat) < age) continue
    missing.delete(kept.name.uuid)
    if (kept.held && !force) held++
    else {
      await discard(kept.folder, kept.path)
      removed++
    }
  }
  process.stdout.write(`${removed} ${removed === 1 ? 'file' : 'files'} deleted\n`)
  for (const uuid of missing) process.stderr.write(`liveloom: there is no file ${uuid}\n`)
  if (held > 0) process.stderr.write(`liveloom: ${held} kept, which a living server has (--force deletes them too)\n`)
  return missing.size + held > 0 ? 1 : 0
}

async function* allIn({ folder }: Options): AsyncIterableIterator<Kept> {
  for (const one of folder === undefined ? await defaultFolders() : [folder]) {
    const holders = new Holders(join(one, holdersName))
    for await (const lying of walkLedger(one)) {
      const { name } = lying
      if (name === undefined) continue
      const held = name.holder !== nobody && !(await holders.isGone(name.holder))
      yield { ...lying, name, folder: one, held }
    }
  }
}

async function defaultFolders(): Promise<readonly string[]> {
  const names = await readdir(tmpdir())
  return names.filter((name) => name.startsWith(folderPrefix)).map((name) => join(tmpdir(), name))
}

function factsOf({ name: { uuid, size, state }, visitor, owner, path, stat, held }: Kept): object {
  const touched = new Date(lastTouched(stat)).toISOString()
  return { uuid, size, received: stat.size, state, owner, visitor, held, touched, path }
}

function rowOf({ name: { uuid, size, state }, visitor, owner, stat, held }: Kept, now: number): string[] {
  const said = state === 'part' ? (held ? 'sending' : 'waiting') : held ? 'done' : 'done, left'
  const idle = writeTime(now - lastTouched(stat))
  return [uuid, formatSize(stat.size), formatSize(size), said, owner, idle, visitor.slice(0, 12)]
}

function writeTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)))
  const colours = process.stdout.isTTY && process.env['NO_COLOR'] === undefined
  for (const [at, row] of rows.entries()) {
    const line = row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')
    process.stdout.write(`${at === 0 && colours ? `\x1b[2m${line}\x1b[22m` : line}\n`)
  }
}
