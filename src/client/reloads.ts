/**
 * The official client stops and loads the page anew where it has waited too long, and where a connection ends in the middle of a
 * navigation: what the page held is gone, and without a network it becomes the browser's own error page. Where the network is what is
 * wrong, the page stays here, and connects again.
 */
import type { LiveSocket } from 'phoenix_live_view'
import type { Line } from './line.ts'

/** What of the official client is not in its types. */
interface Inside {
  /** Where the page was on its way to. */
  readonly pendingLink: string | null
  /** `tell` comes with a push that was not answered in 30 s. */
  reloadWithJitter(view: object, tell?: () => void): void
  redirect(...to: readonly unknown[]): void
}

export function reloadForServerOnly(liveSocket: LiveSocket, line: Line): void {
  const page = liveSocket as unknown as Inside
  const socket = liveSocket.getSocket()
  const reload = page.reloadWithJitter.bind(page)
  page.reloadWithJitter = (view, tell) => {
    const isPushLate = tell !== undefined
    if (!socket.isConnected()) {
      // It connects again by itself, and goes on with what it finds. The server may want a page to load itself anew: it closes by 1000.
      if (isPushLate || page.pendingLink !== null || line.isGivenUp) return
      reload(view)
    } else if (isPushLate || line.isSilent) {
      // The server answers a push in time, if with nothing; and a join, unless nothing comes at all.
      line.giveUp()
    } else reload(view)
  }
  const redirect = page.redirect.bind(page)
  page.redirect = (...to) => {
    // A patch of the URL that nobody answers any more.
    if (page.pendingLink === null || socket.isConnected()) redirect(...to)
  }
  // The view that led there is lost, and with it the way.
  socket.onOpen(() => void (page.pendingLink !== null && location.assign(page.pendingLink)))
}
