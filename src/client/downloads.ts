import type { DownloadPush } from '../protocol/downloads.ts'
import { pageEvents } from '../protocol/message.ts'

/** How long a frame is left alone, in ms: nothing tells that a download has begun in it. */
const frameFor = 60_000

/**
 * Has the page follow `socket.download`. `connect` does; a page that makes the official client's `LiveSocket` by itself calls it once.
 */
export function followDownloads(): void {
  addEventListener(`phx:${pageEvents.download}`, (event) => start((event as CustomEvent<DownloadPush>).detail))
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
