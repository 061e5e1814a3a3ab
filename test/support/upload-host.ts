import type { UploadHost } from '../../src/upload/host.ts'
import type { ResourcePlace, UploadResource } from '../../src/upload/resource.ts'
import { Slots } from '../../src/upload/slots.ts'
import type { ManualTime } from './manual-time.ts'

/** What a view's uploads need of it and of the machine. Where a test does not say otherwise names are counted, and nobody listens. */
export function uploadHost(
  time: ManualTime,
  own: Partial<UploadHost> & Pick<UploadHost, 'openWriter' | 'sending' | 'report'>,
): UploadHost {
  let made = 0
  return {
    place: { view: '/', id: 'phx-V' },
    ceilings: { maxMessageSize: 1 << 20, maxUploadChannels: 20, maxFiles: 20 },
    files: { resolve: (dest) => dest, append: async () => {} },
    scans: new Slots(1),
    socket: undefined,
    uuid: () => `uuid-${made++}`,
    domId: () => `phx-${made++}`,
    newId: () => `id-${made++}`,
    token: () => 'token',
    lostFiles: () => [],
    now: () => time.now,
    startTimer: time.startTimer,
    nextTurn: (run) => run(),
    failed() {},
    reportDue() {},
    tooManyFiles() {},
    full() {},
    background() {},
    suspect() {},
    changed() {},
    warn() {},
    ...own,
  }
}

/** A shelf whose resources are found at `/live/uploads/<n>`, in the order of the grants. */
export function shelfOf(resources: UploadResource[]): (resource: UploadResource) => ResourcePlace {
  return (resource) => {
    const at = resources.push(resource) - 1
    return { url: `/live/uploads/${at}`, put: (next) => void (resources[at] = next), remove: () => {} }
  }
}
