/** What a page does about the restarts of a development server. */
import type { LiveSocket } from 'phoenix_live_view'

/** Tells {@link connect} on the window that another run of a development server answers, or that it shall try again. */
export const restarted = 'liveloom:restarted'

/** Whether the page is one of a development server. */
export function inDevelopment(): boolean {
  return document.querySelector('script[data-liveloom-boot]') !== null
}

/**
 * How the client waits for a development server. It is soon back after a save, and its developer is waiting; and a view that fails
 * is not loaded anew, which would lose the page's fields: it is joined again when the server is another.
 */
export const developmentOptions = {
  reconnectAfterMs: (tries: number): number => [10, 50, 100, 150, 200][tries - 1] ?? 250,
  reloadJitterMin: 3_600_000,
  reloadJitterMax: 3_600_001,
  failsafeJitter: 3_600_000,
} as const

/**
 * A page that was on its way to another when the server went is loaded there, as soon as there is a server again. The official client
 * does the same by itself, but after the time in {@link developmentOptions}.
 */
export function followPendingLink(liveSocket: LiveSocket): void {
  const page = liveSocket as unknown as { readonly pendingLink: string | null }
  const socket = liveSocket.getSocket()
  // The client has stopped connecting when it hears of the close.
  socket.onClose(() => void (page.pendingLink !== null && setTimeout(() => liveSocket.connect())))
  socket.onOpen(() => void (page.pendingLink !== null && location.assign(page.pendingLink)))
}
