/** What happens to one entry beside its plain data: who takes its bytes, what carries them, and who has a claim on its file. */
import type { FileProof } from '../protocol/http-uploads.ts'
import type { UploadChannel } from './channel.ts'
import { SavedFiles } from './consume.ts'
import type { EntryPass } from './entry-pass.ts'
import type { KeptFile } from './ledger.ts'
import type { Receiver } from './receiver.ts'
import type { ResourcePlace } from './resource.ts'
import type { FileStore } from './writer.ts'

/** A channel, a resource over HTTP, or the browser itself, to where none of it comes by here. */
type Carrier = Pick<UploadChannel, 'close' | 'fail'>

/** What of a receiver counts once nothing carries bytes to it: of a file that the browser sends elsewhere there is none. */
export type Holder = Pick<
  Receiver,
  'live' | 'received' | 'hasAll' | 'sha256' | 'meta' | 'beginConsume' | 'endConsume' | 'release' | 'leave' | 'pause'
>

/** What happens to one entry beside its plain data. */
export interface EntryRun {
  readonly saved: SavedFiles
  chunkSize: number
  /** Where its bytes outlive the view. */
  kept: KeptFile<unknown> | undefined
  /** Another page has sent what there is of it: whoever chooses it again has to prove that it is the same file. */
  chosenAgain: boolean
  proof: FileProof | undefined
  /** Under which HTTP finds it. */
  id: string | undefined
  /** What takes its bytes, from its grant over HTTP or the join of its channel on. */
  receiver: Holder | undefined
  /** What carries them. */
  carrier: Carrier | undefined
  /** What it has of the process; absent where nothing is counted, and until it is granted. */
  pass: EntryPass | undefined
  /** Where HTTP finds it. */
  shelved: ResourcePlace | undefined
  /** The letting go of what an earlier receiver has: of a channel that was left before its first byte, or of what has failed. */
  returning: Promise<void>
  /** Resolves when the consume that runs has settled; until then the file stays. */
  claim: Promise<void> | undefined
  /** Taken out of a consume that has not come to it yet. */
  cancelled: boolean
  /** Tells the work of a consume that nobody wants it any more. */
  stop: AbortController | undefined
  consumed: boolean
  /** The server's own report waits for its turn in the view. */
  reportWaits: boolean
  /** The view was told that it is done. */
  toldDone: boolean
  /** What `validate` says of it, until it is known; `undefined` where that was not asked. */
  validation: Promise<void> | 'over' | undefined
  /** Ends its scan. */
  scan: AbortController | undefined
  /** Resolves when it is known whether it can be consumed; `undefined` until all of it is there. */
  settling: Promise<void> | undefined
  /** When its channel was opened, while somebody watches. */
  startedAt: number | undefined
}

export function createRun(files: FileStore): EntryRun {
  return {
    saved: new SavedFiles(files),
    chunkSize: 0,
    kept: undefined,
    chosenAgain: false,
    proof: undefined,
    id: undefined,
    receiver: undefined,
    carrier: undefined,
    pass: undefined,
    shelved: undefined,
    returning: Promise.resolve(),
    claim: undefined,
    cancelled: false,
    stop: undefined,
    consumed: false,
    reportWaits: false,
    toldDone: false,
    validation: undefined,
    scan: undefined,
    settling: undefined,
    startedAt: undefined,
  }
}
