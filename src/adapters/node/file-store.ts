/** `createOrAppendFile`: files of the application on this machine's disk, which appear whole or not at all. */
import { constants, type Stats } from 'node:fs'
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { LiveError } from '../../errors.ts'
import type { FileStore } from '../../upload/writer.ts'
import { KeyedTurns } from './keyed-turns.ts'
import { place, syncFolders } from './place.ts'
import { type NoteSave, partOf } from './save-notes.ts'
import { settlesWithin } from './within.ts'

const blockSize = 1024 * 1024
/** How long a copy that was given up may take to end, in ms: it looks up between two blocks. */
const abortGrace = 1000

/** How the file store writes. */
export interface FileStoreOptions {
  /** Has the system write through to the disk before a save counts as done. */
  readonly fsync?: boolean | undefined
  /** Where saves are written down that a killed process leaves. */
  readonly noteSave?: NoteSave | undefined
}

/** The file store of one process. */
export interface NodeFileStore extends FileStore {
  /** Saves that run, or wait for one to the same file. */
  readonly running: number
  /** Gives up what runs: new files are deleted, files that were appended to are cut back. What comes later is refused with `reason`. */
  abort(reason: Error): Promise<void>
}

/** What one save needs beside its two names. */
interface SaveTools {
  readonly fsync: boolean
  readonly noteSave: NoteSave
  readonly signal: AbortSignal
}

export function createFileStore({ fsync = false, noteSave = noNote }: FileStoreOptions = {}): NodeFileStore {
  /** Of files: two appends at once would mix. */
  const turns = new KeyedTurns()
  const running = new Set<Promise<void>>()
  const aborting = new AbortController()
  const tools: SaveTools = { fsync, noteSave, signal: aborting.signal }
  return {
    resolve: (dest) => resolve(dest),
    append(dest, src) {
      const path = resolve(dest)
      const own = turns.take(path, () => save(path, src, tools))
      running.add(own)
      const forget = (): void => void running.delete(own)
      own.then(forget, forget)
      return own
    },
    get running() {
      return running.size
    },
    async abort(reason) {
      aborting.abort(reason)
      await settlesWithin(Promise.allSettled(running), abortGrace)
    },
  }
}

async function noNote(): Promise<() => Promise<void>> {
  return async () => {}
}

async function save(dest: string, src: string, tools: SaveTools): Promise<void> {
  tools.signal.throwIfAborted()
  const source = await openFile(src, constants.O_RDONLY)
  try {
    const made = await mkdir(dirname(dest), { recursive: true })
    const existing = await openExisting(dest)
    if (existing === undefined) await create(dest, source, made, tools)
    else await append(dest, existing, source, tools)
  } finally {
    await source.close()
  }
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await openFile(path, constants.O_WRONLY | constants.O_APPEND)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}

/**
 * Opens what is no pipe. To open one waits for whoever is at its other end, on a thread of Node that nothing can wake: after four
 * no file of the process could be opened any more, and it could not even exit.
 */
async function openFile(path: string, flags: number): Promise<FileHandle> {
  // Windows has no pipes among its files, and no such flag.
  const file = await open(path, flags | (constants.O_NONBLOCK ?? 0)).catch((error: unknown) => {
    // A pipe that nobody reads, or a socket.
    throw (error as NodeJS.ErrnoException).code === 'ENXIO' ? noFile(path, error) : error
  })
  try {
    if ((await file.stat()).isFIFO()) throw noFile(path)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

function noFile(path: string, cause?: unknown): LiveError {
  return new LiveError('ERR_UPLOAD_FILE', `createOrAppendFile: '${path}' is a pipe or a socket, and no file`, { cause })
}

/** `made`: the outermost folder that was made for it. */
async function create(dest: string, source: FileHandle, made: string | undefined, tools: SaveTools): Promise<void> {
  const part = partOf(dest)
  const noted = await tools.noteSave({ kind: 'new', dest, part })
  try {
    await writePart(part, source, tools)
    if (!(await place(part, dest))) await appendPart(dest, part, tools)
    else if (tools.fsync) await syncFolders(dirname(dest), made)
  } finally {
    // Gone already where it was renamed, or never made.
    await unlink(part).catch(() => {})
    await noted()
  }
}

async function writePart(part: string, source: FileHandle, { fsync, signal }: SaveTools): Promise<void> {
  // The mode is that of any new file: what the umask leaves.
  const file = await open(part, 'wx')
  try {
    await copy(source, file, signal, () => {})
    if (fsync) await file.sync()
  } finally {
    await file.close()
  }
}

/** Somebody else has made the file meanwhile; or `dest` is a link to one that is still missing. */
async function appendPart(dest: string, part: string, tools: SaveTools): Promise<void> {
  const source = await open(part, 'r')
  try {
    const file = await openFile(dest, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT)
    await append(dest, file, source, tools)
  } finally {
    await source.close()
  }
}

async function append(dest: string, file: FileHandle, source: FileHandle, tools: SaveTools): Promise<void> {
  try {
    const before = await file.stat()
    const from = await source.stat()
    refuseItself(dest, before, from)
    const { size } = before
    const noted = await tools.noteSave({ kind: 'append', dest, sizeBefore: size, bytes: from.size })
    let written = 0
    try {
      await copy(source, file, tools.signal, (bytes) => (written += bytes))
      if (tools.fsync) await file.sync()
    } catch (error) {
      await cutBack(dest, file, { size, written, error })
      throw error
    } finally {
      await noted()
    }
  } finally {
    await file.close()
  }
}

interface FailedAppend {
  /** What the file had before. */
  readonly size: number
  readonly written: number
  readonly error: unknown
}

/** @throws {LiveError} `ERR_UPLOAD_UNFINISHED` when others have written to the file meanwhile: what they saved must not be cut off. */
async function cutBack(dest: string, file: FileHandle, { size, written, error }: FailedAppend): Promise<void> {
  const now = await file.stat().catch(() => undefined)
  if (now?.isFile() !== true) return
  if (now.size === size + written) {
    // What cannot be cut back must not hide why.
    await file.truncate(size).catch(() => {})
  } else if (written > 0) {
    const message =
      `createOrAppendFile('${dest}'): failed after ${written} bytes were appended, and others have written to the file meanwhile; ` +
      `it had ${size} bytes before, and has ${now.size} now. It is left as it is`
    throw new LiveError('ERR_UPLOAD_UNFINISHED', message, { cause: error })
  }
}

function refuseItself(dest: string, file: Stats, source: Stats): void {
  if (source.dev !== file.dev || source.ino !== file.ino) return
  throw new LiveError('ERR_UPLOAD_FILE', `createOrAppendFile('${dest}'): a file cannot be appended to itself`)
}

async function copy(
  from: FileHandle,
  to: FileHandle,
  signal: AbortSignal,
  wrote: (bytes: number) => void,
): Promise<void> {
  const block = Buffer.allocUnsafe(blockSize)
  for (;;) {
    signal.throwIfAborted()
    const { bytesRead } = await from.read(block, 0, blockSize)
    if (bytesRead === 0) return
    for (let at = 0; at < bytesRead;) {
      const { bytesWritten } = await to.write(block, at, bytesRead - at)
      wrote(bytesWritten)
      at += bytesWritten
    }
  }
}
