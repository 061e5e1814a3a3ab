/**
 * What the browser's uploader asks the server of a file that it sends elsewhere: an event of ours on the view's channel, and what it is answered.
 */

/** An entry's answer of the preflight: the metadata for the uploader of that name. */
export interface ExternalGrant {
  readonly uploader: string
}

export const externalQuestion = 'liveloom:external'
/** The one question that is ours: where the file goes that begins anew. Answered with the metadata for its uploader. */
export const whereQuestion = 'liveloom:where'

/** `question`: for whoever said where the file goes. */
export interface ExternalQuestion {
  /** Of the file input. */
  readonly ref: string | null
  readonly entryRef: string
  readonly cid: number | undefined
  readonly question: unknown
}

/**
 * `gone`: there is no such entry on its way, or nobody to ask. `busy`: too many are being asked, ask again later. `failed`: it went wrong, and
 * may go right when it is asked again.
 */
export type ExternalReply = { readonly answer: unknown } | { readonly error: 'gone' | 'busy' | 'failed' }

/** In the browser's spelling, which is that of its progress. */
export interface WireQuestion {
  readonly ref: string | null
  readonly entry_ref: string
  readonly cid?: number
  readonly question: unknown
}
