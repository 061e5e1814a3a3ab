/** What a server asks of the machine that it runs on. Each runtime's adapter has one. */
import type { ErrorContext } from '../live/host.ts'
import { type PubSub } from '../pubsub/pubsub.ts'
import type { Timer } from '../time/timer.ts'
import type { UploadLedger } from '../upload/ledger.ts'
import type { Sniffing } from '../upload/sniffing.ts'
import type { FileStore, OpenWriter } from '../upload/writer.ts'
import { type DevelopmentTools } from './development.ts'
import { type ShippedScript } from './encoding.ts'
import type { ReadMultipart, Spool } from './multipart.ts'

/** The machine that a server runs on, as its runtime's adapter gives it. */
export interface ServerHost {
  readonly development: boolean
  /** What development takes beside; without it there are no overlay, no warnings and no page that comes up to date by itself. */
  readonly tools?: DevelopmentTools | undefined
  /** Used when the options name none. */
  readonly secret: string
  readonly files: FileStore
  readonly openWriter: OpenWriter
  /** What knows types of files by their first bytes, for the option `sniff` of uploads. */
  readonly sniffing?: Sniffing | undefined
  /** What remembers the files of uploads, when the options name nothing else. */
  readonly ledger?: UploadLedger | undefined
  /** Reads files out of forms; without it and `openSpool` a form with files is answered 415. */
  readonly readMultipart?: ReadMultipart | undefined
  /** Puts bytes aside. */
  readonly openSpool?: (() => Promise<Spool>) | undefined
  /** The prebuilt client. */
  readonly client: ShippedScript
  /** How views send messages to one another, when the options name nothing else. @default within this process */
  readonly pubsub?: PubSub | undefined
  /** Makes the id of a new visitor: another process may have to know by it whose they are. @default a random one */
  newVisitorId?(): string
  /** Milliseconds of a clock that only goes forward, from anywhere: what intervals are measured on. */
  now(): number
  /** Milliseconds since 1970, as the machine believes: what tokens are dated with. It may jump. */
  wallClock(): number
  startTimer(ms: number, fire: () => void): Timer
  /** Calls `run` when whatever else of the process was due has had its turn: requests, sockets, timers, signals. */
  nextTurn(run: () => void): void
  /** Bytes that are free where uploads are stored; `undefined` when nobody can tell. @default nobody can */
  freeBytes?(): Promise<number | undefined>
  /** Where errors go when the options have no `onError`. */
  report(error: unknown, context: ErrorContext): void
}
