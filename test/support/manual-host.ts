import type { LiveHost } from '../../src/live/host.ts'
import { Turns } from '../../src/live/turns.ts'
import { noRoute } from '../../src/live/instance.ts'
import { createLocalPubSub } from '../../src/pubsub/pubsub.ts'
import { textsIn } from '../../src/texts/texts.ts'
import { Slots } from '../../src/upload/slots.ts'
import { createSigner } from '../../src/token/signer.ts'
import type { ManualTime } from './manual-time.ts'
import { RecordingWriter } from './recording-writer.ts'

/** What a session is made for that its test has nothing to say about. */
export const plainSession = {
  parent: undefined,
  around: undefined,
  visitor: {},
  mounts: 0,
  sticky: false,
  lastTry: false,
  nonce: 'nonce',
  route: noRoute,
  lang: 'en',
  onMount: [],
  connectParams: {},
  staticChanged: false,
  lostFiles: [],
  resumeWindow: 0,
} as const

const nextTurn = (run: () => void): void => void setImmediate(run)

/** A machine for one test: it has the test's time, reports nowhere, and writes uploads into `writers`. */
export function manualHost(
  time: ManualTime,
  changes: Partial<LiveHost> = {},
  writers: RecordingWriter[] = [],
): LiveHost {
  return {
    signer: createSigner('s'.repeat(32), () => time.now),
    basePath: '',
    path: (path) => path,
    pubsub: createLocalPubSub(),
    files: { resolve: (dest) => dest, append: () => Promise.resolve() },
    openWriter: async () => {
      const writer = new RecordingWriter()
      writers.push(writer)
      return writer
    },
    scans: new Slots(1),
    uploadCeilings: { maxMessageSize: 2 * 1024 * 1024, maxUploadChannels: 1000, maxFiles: 10_000 },
    formLimits: { maxFields: 100, maxNesting: 4 },
    maxMailbox: 100,
    textsIn: textsIn(undefined),
    now: () => time.now,
    startTimer: time.startTimer,
    nextTurn,
    turns: new Turns({ now: () => 0, nextTurn }),
    report: () => {},
    limitReached: () => {},
    refused: () => {},
    background: () => {},
    ...changes,
  }
}
