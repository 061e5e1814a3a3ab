/** How a page has come back to its view. */
export interface ResumeInfo {
  /** `takeover`: it came on a new connection while the old one still seemed to live. */
  readonly reason: 'reconnect' | 'takeover'
  /** What the page's own script passes along now. From the browser. */
  readonly connectParams: Readonly<Record<string, unknown>>
}
