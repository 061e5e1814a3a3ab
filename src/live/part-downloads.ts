/** A download that a callback of a part starts: from the call until it is over. */
import { describeClaim, LiveError } from '../errors.ts'
import type { DownloadPush } from '../protocol/downloads.ts'
import { pageEvents } from '../protocol/message.ts'
import type { OfPart } from '../telemetry/events.ts'
import { clock, publish, timeSince } from '../telemetry/measure.ts'
import { type Download, type DownloadEnd, type DownloadOptions, resolveDownload } from './download.ts'
import type { PartOwner, PartPlace } from './part-owner.ts'

/** The part whose downloads they are. */
export interface DownloadingPart extends PartPlace {
  readonly owner: PartOwner
  readonly place: OfPart
  readonly ended: boolean
  pushEvent(name: string, payload: Readonly<Record<string, unknown>>): void
}

export function startDownload(part: DownloadingPart, source: unknown, options?: DownloadOptions): void {
  const download = resolveDownload(source, options)
  const { content } = download
  const giveUp = (): void => {
    if (content.kind === 'bytes') content.discard()
  }
  if (part.ended) return giveUp()
  const { offer, host } = part.owner
  if (offer === undefined) {
    giveUp()
    const where =
      'the page is not connected yet, and nobody is there to save a file: start it in an event or a later callback'
    throw new LiveError('ERR_DOWNLOAD', `download: ${where}, or ask socket.connected`)
  }
  const start = clock()
  const { place } = part
  const url = offer({
    ...download,
    ended(end) {
      publish('download', () => ({ ...place, ...withoutError(end), ...timeSince(start), ...errorOf(end) }))
      const error = end.outcome === 'missing' ? missing(download) : end.error
      if (error !== undefined) {
        host.report(error, { stage: 'download', view: place.view, component: part.componentId })
      }
      const { onEnd } = options ?? {}
      if (onEnd !== undefined && !part.ended) part.owner.call('download', () => onEnd(end), part)
    },
  })
  part.pushEvent(pageEvents.download, { url, as: wayOf(download) } satisfies DownloadPush)
}

function wayOf({ content, inline }: Download): DownloadPush['as'] {
  if (inline) return 'window'
  return content.kind === 'url' ? 'frame' : 'file'
}

function withoutError({ outcome, bytes }: DownloadEnd): Omit<DownloadEnd, 'error'> {
  return { outcome, bytes }
}

function errorOf({ error }: DownloadEnd): { readonly error?: unknown } {
  return error === undefined ? {} : { error }
}

function missing({ content }: Download): LiveError {
  const path = content.kind === 'path' ? describeClaim(content.path) : ''
  const where = content.kind === 'path' && content.root !== undefined ? ` in '${content.root}'` : ''
  return new LiveError('ERR_DOWNLOAD', `download: there is no file ${path}${where}: the browser says that it failed`)
}
