/** What a page says by itself: the names of the texts, and what each is given. */
import type { Say } from './say.ts'
import type { UploadErrorData } from './upload-errors.ts'

/** A text, or what makes one of the data. `say` prints numbers, sizes and plurals as the language does. */
export type Text<Data> = string | ((data: Data, say: Say) => string)

/** Texts that need no data. */
type None = Readonly<Record<never, never>>

/** The lines over a page. */
export interface LineTexts {
  /** The connection is lost. */
  readonly offline: Text<None>
  /** The page's view has failed, and comes back. */
  readonly trouble: Text<None>
  /** What was to be sent is larger than the server takes: more than `most` bytes. It stays where it is. */
  readonly tooLarge: Text<{ readonly most: number }>
  /** A form has more fields, or a field more brackets in its name, than the server takes. */
  readonly tooManyFields: Text<None>
  /** More files than a connection may send were chosen. */
  readonly tooManyFiles: Text<None>
}

/** The statuses whose error pages have a title of their own; others have that of 400 or 500. */
export type PageStatus = 400 | 401 | 403 | 404 | 405 | 408 | 410 | 413 | 415 | 429 | 500 | 503

/** The titles of error pages, by status. */
export type PageTexts = { readonly [Status in PageStatus]: Text<None> }

/** The messages of upload errors, by code. */
export type UploadTexts = { readonly [Code in keyof UploadErrorData]: Text<UploadErrorData[Code]> }

/** What development shows over a page. */
export interface OverlayTexts {
  readonly close: Text<None>
  readonly tryAgain: Text<None>
  readonly causedBy: Text<{ readonly cause: string }>
}
