import type { DownloadPush } from '../protocol/downloads.ts'
import { pageEvents } from '../protocol/message.ts'

/** How long a frame is left alone, in ms: nothing tells that a download has begun in it. */
const frameFor = 60_000
/** Of several links that are clicked on in one turn, some browsers follow the last alone: how far apart they are, in ms. */
const apart = 250
/** When the next one may be, on the page's clock. */
let nextAt = 0

/**
 * Has the page follow `socket.download`. `connect` does; a page that makes the official client's `LiveSocket` by itself calls it once.
 */
export function followDownloads(): void {
  addEventListener(`phx:${pageEvents.download}`, (event) => {
    const now = performance.now()
    const wait = Math.max(nextAt - now, 0)
    nextAt = now + wait + apart
    const { detail } = event as CustomEvent<DownloadPush>
    // One alone starts while the user's click still counts.
    if (wait === 0) start(detail)
    else setTimeout(() => start(detail), wait)
  })
}

function start({ url, as }: DownloadPush): void {
  if (as === 'frame') return startInFrame(url)
  // It never stands in the page, so that no listener takes it for a click of the user's.
  const link = document.createElement('a')
  link.href = url
  if (as === 'window') Object.assign(link, { target: '_blank', rel: 'noopener' })
  else link.download = ''
  link.click()
}

function startInFrame(url: string): void {
  const frame = document.createElement('iframe')
  frame.hidden = true
  frame.src = url
  document.body.append(frame)
  setTimeout(() => frame.remove(), frameFor)
}
