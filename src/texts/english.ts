/**
 * All that a page says by itself, in English: what is here can be said in other words and languages by `texts` of `createLiveServer`.
 */
import type { LineTexts, OverlayTexts, PageTexts, UploadTexts } from './words.ts'

/** Over a page. */
export const lines: LineTexts = {
  offline: 'You are offline. Trying to reconnect…',
  trouble: 'Something went wrong. Getting back on track…',
  tooLarge: ({ most }, say) => `This is too large to be sent: it may have ${say.limit(most)}. It is still here.`,
  tooManyFields: 'This form has too many fields to be sent. It is still here.',
  tooManyFiles: 'Too many files are being sent. Choose these again when some are through.',
}

/** The titles of error pages. */
export const pages: PageTexts = {
  400: 'Bad request',
  401: 'Please sign in',
  403: 'Not allowed',
  404: 'Page not found',
  405: 'Method not allowed',
  408: 'The request took too long',
  410: 'Page gone',
  413: 'Too large',
  415: 'Not a kind that is understood here',
  429: 'Too many requests',
  500: 'Something went wrong',
  503: 'Not available at the moment',
}

/** The errors of uploads. */
export const uploads: UploadTexts = {
  too_many_files: ({ maxEntries }, say) =>
    maxEntries === 1 ? 'Choose one file only' : `Choose at most ${say.number(maxEntries)} files`,
  total_too_large: ({ maxTotalSize }, say) => `All files together may have ${say.limit(maxTotalSize)}`,
  too_large: ({ maxFileSize }, say) => `Larger than ${say.limit(maxFileSize)}`,
  too_small: ({ minFileSize }, say) => `Smaller than ${say.size(minFileSize)}`,
  empty_file: 'The file is empty',
  is_folder: 'This is a folder: choose the files in it',
  transform_failure: 'The file could not be prepared',
  not_accepted: ({ accept, detected }) =>
    detected === undefined
      ? `Not an accepted type (${accept.join(', ')})`
      : `What is in the file is ${detected === '' ? 'of no accepted type' : `${detected}: not accepted`} (${accept.join(', ')})`,
  not_an_image: 'This is no image of a kind that is accepted',
  image_dimensions: ({ width, height, maxPixels, minWidth, minHeight, maxWidth, maxHeight }, say) => {
    const size = (wide: number, high: number): string => `${say.number(wide)} × ${say.number(high)}`
    const is = `The image has ${size(width, height)} pixels`
    if (width < minWidth || height < minHeight) return `${is}: at least ${size(minWidth, minHeight)} are needed`
    if (width <= (maxWidth ?? width) && height <= (maxHeight ?? height))
      return `${is}: at most ${say.number(maxPixels)} in all are accepted`
    if (maxHeight === undefined) return `${is}: it may be ${say.number(maxWidth ?? width)} wide`
    return maxWidth === undefined
      ? `${is}: it may be ${say.number(maxHeight)} high`
      : `${is}: at most ${size(maxWidth, maxHeight)} are accepted`
  },
  rejected: ({ reason }) => (reason === '' ? 'The file is not accepted' : reason),
  scan_failure: 'The file could not be checked: try again later',
  size_exceeded: 'The file is larger than the browser said',
  interrupted: 'The connection was lost while the file was sent',
  chunk_timeout: 'The upload stalled',
  storage_full: 'There is no room for the file at the moment',
  quota_exceeded: ({ maxBytes }, say) => `You may send ${say.limit(maxBytes)} a day: try again later`,
  writer_failure: 'The file could not be stored',
  file_missing: 'The file is not where it was chosen any more',
  file_changed: 'The file was changed after it was chosen, or cannot be read: choose it again',
  file_unreadable: 'The file cannot be read',
  upload_failed: 'The upload failed',
  external_client_failure: 'The upload failed',
  external_metadata_failure: 'The upload could not be started',
}

/** What development shows over a page. */
export const overlay: OverlayTexts = {
  close: 'Close',
  tryAgain: 'Try again',
  causedBy: ({ cause }) => `caused by ${cause}`,
}
