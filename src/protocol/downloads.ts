/** What the server and our client module say to each other of downloads. */

/** Below the socket's path. */
export const downloadsFolder = 'downloads'

/** What is pushed to the page. */
export interface DownloadPush {
  /** The path of the file, as the browser has it. */
  readonly url: string
  /**
   * How the browser comes to it. `file`: a link that saves it, and never leaves the page. `window`: it is shown in a window of its own.
   * `frame`: it leads to another address, which may answer with anything; in a frame that nobody sees that does not become the page.
   */
  readonly as: 'file' | 'window' | 'frame'
}
