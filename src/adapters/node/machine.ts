/** Starts a server on what Node, Bun and Deno share: files, timers, a ledger on the disk, the terminal. */
import type { PubSub } from '../../pubsub/pubsub.ts'
import type { LiveServer } from '../../server/live-server.ts'
import { type RunningServer, startServer } from '../../server/running-server.ts'
import { resumeFor } from '../../upload/ledger.ts'
import { readClientScript, readDevelopmentScript } from './client-script.ts'
import { checkTimeout, closeTimeoutError } from './close-timeout.ts'
import { createDiskLedger, defaultFolder } from './disk-ledger.ts'
import { createFileStore } from './file-store.ts'
import { freeBytes } from './free-bytes.ts'
import { keepFreedMemory } from './freed-memory.ts'
import { readMultipart } from './multipart.ts'
import { reportToTerminal } from './report.ts'
import { findSecret } from './secret.ts'
import { createSniffing } from './sniffing.ts'
import { openSpool } from './spool.ts'
import { traceOf } from './stack.ts'
import { createTempFolder } from './temp-files.ts'
import { startTimer } from './timer.ts'
import { settlesWithin } from './within.ts'

/** What a process that is one of several makes itself. */
export interface MachineCrew {
  pubsub(): PubSub
  newVisitorId(): string
}

export interface Machine {
  readonly running: RunningServer
  /**
   * Ends the server, and deletes what uploads left.
   *
   * @throws {LiveError} `ERR_CLOSE_TIMEOUT` when something was given up after `timeout` ms.
   */
  close(timeout: number | undefined): Promise<void>
}

export function startMachine(
  live: LiveServer,
  {
    development,
    fsync,
    crew,
  }: { readonly development: boolean; readonly fsync: boolean; readonly crew?: MachineCrew | undefined },
): Machine {
  keepFreedMemory()
  const temp = createTempFolder((error) => running.report(error, { stage: 'upload' }))
  const secret = live.settings.secret ?? findSecret(development)
  const { uploads, name } = live.settings
  const folder = uploads.folder ?? defaultFolder(secret, name)
  const ledger = createDiskLedger({
    folder,
    keepFor: { page: resumeFor, visitor: uploads.keepFor },
    maxStored: uploads.maxStored,
    maxFiles: uploads.maxFiles,
    report: (error) => running.report(error, { stage: 'upload' }),
  })
  const files = createFileStore({ fsync, noteSave: temp.noteSave })
  const running: RunningServer = startServer(live, {
    development,
    tools: development ? { script: readDevelopmentScript(), trace: traceOf } : undefined,
    secret,
    files,
    ledger,
    openWriter: () => temp.openWriter(),
    readMultipart,
    openSpool: () => openSpool(temp),
    sniffing: createSniffing(),
    freeBytes: () => freeBytes(folder),
    client: readClientScript(),
    ...(crew !== undefined && {
      newVisitorId: () => crew.newVisitorId(),
      ...(live.settings.pubsub === undefined && { pubsub: crew.pubsub() }),
    }),
    now: () => performance.now(),
    wallClock: () => Date.now(),
    nextTurn: (run) => void setImmediate(run),
    startTimer,
    report: reportToTerminal,
  })
  return {
    running,
    async close(timeout) {
      const closed = running.close()
      const inTime = timeout === undefined ? closed : settlesWithin(closed, checkTimeout('close: timeout', timeout))
      if ((await inTime) !== false) {
        await ledger.close()
        return temp.close()
      }
      const gaveUp = closeTimeoutError(timeout!, [
        [files.running, 'save of createOrAppendFile', 'saves of createOrAppendFile'],
        [running.unfinished, 'piece of work of a view that ended', 'pieces of work of views that ended'],
      ])
      await files.abort(gaveUp)
      await ledger.close()
      await temp.close()
      throw gaveUp
    },
  }
}
