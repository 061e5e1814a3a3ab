/** What a page does about the restarts of a development server. */

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
