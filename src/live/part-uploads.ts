/** The uploads of one part: what they need of the machine, of its page and of itself. */
import { LiveError } from '../errors.ts'
import type { OfPart } from '../telemetry/events.ts'
import { randomText } from '../token/random.ts'
import type { UploadHost } from '../upload/host.ts'
import { Uploads } from '../upload/uploads.ts'
import type { PartOwner, PartPlace } from './part-owner.ts'

/** The part whose uploads they are. */
export interface UploadingPart extends PartPlace {
  readonly owner: PartOwner
  readonly place: OfPart
  readonly uploads: Uploads | undefined
  dirty: boolean
}

export function uploadsOf(part: UploadingPart): Uploads {
  return new Uploads(uploadHostOf(part))
}

/** Asks for the part's owner each time: a page may be given to another one. */
function uploadHostOf(part: UploadingPart): UploadHost {
  const { host, lang } = part.owner
  return {
    get place() {
      return part.place
    },
    ceilings: host.uploadCeilings,
    words: host.textsIn(lang).uploads,
    files: host.files,
    openWriter: host.openWriter,
    scans: host.scans,
    sniffing: host.sniffing,
    socket: part,
    uuid: () => crypto.randomUUID(),
    domId: () => `phx-${randomText(6)}`,
    token: (configRef, entryUuid) => part.owner.uploadToken(configRef, entryUuid),
    get shelve() {
      return part.owner.shelve
    },
    get keeping() {
      return part.owner.keeping?.(part.componentId)
    },
    get admission() {
      return part.owner.admission
    },
    newId: () => randomText(24),
    sending: () => part.owner.sending(),
    lostFiles: (name, configRef) => part.owner.lostFiles(name, part.componentId, configRef),
    now: () => host.now(),
    startTimer: (ms, fire) => host.startTimer(ms, fire),
    nextTurn: (run) => host.nextTurn(run),
    failed: () => {
      part.dirty = true
      part.owner.uploadFailed()
    },
    reportDue: (entryUuid) => {
      const report = (): void | Promise<void> => {
        part.dirty = true
        return part.uploads?.report(entryUuid, part)
      }
      part.owner.call('progress', report, part)
    },
    tooManyFiles: () => part.owner.tooManyFiles(),
    full: (whose) => part.owner.storageFull(whose),
    notAdmitted: (why) => part.owner.notAdmitted?.(why),
    background: (work) => host.background(work),
    report: (error) => part.owner.report(error, 'upload', part),
    suspect: (what) => host.development?.warn(new LiveError('ERR_PAYLOAD', what), part.owner.place.view),
    changed: () => {
      part.dirty = true
      part.owner.changed()
    },
    warn: (error) => host.development?.warn(error, part.owner.place.view),
  }
}
