import { type Renderable, renderable } from '../protocol/renderable.ts'
import { formatLimit } from './size.ts'

/** What each upload error tells beside its code. Sizes are in bytes, times in ms. */
export interface UploadErrorData {
  /** More files than `maxEntries`. Stands in the config's errors and goes when the count fits again. */
  too_many_files: { readonly maxEntries: number; readonly count: number }
  too_large: { readonly clientSize: number; readonly maxFileSize: number }
  /** The official client alone does not report empty files at all; ours does. */
  empty_file: Readonly<Record<never, never>>
  /** A folder was dropped: what is in it is not sent. */
  is_folder: Readonly<Record<never, never>>
  not_accepted: { readonly clientName: string; readonly clientType: string; readonly accept: readonly string[] }
  /** Refused by `validate`. */
  rejected: { readonly reason: string }
  /** The browser sent more bytes than it had declared for the file. */
  size_exceeded: { readonly clientSize: number }
  chunk_timeout: { readonly chunkTimeout: number }
  /** The bytes could not be stored. */
  writer_failure: { readonly reason: string }
  /** The file was moved or deleted after it was chosen. */
  file_missing: Readonly<Record<never, never>>
  /** The file was changed after it was chosen, or the browser may not read it. It does not say which. */
  file_changed: Readonly<Record<never, never>>
  /** The browser cannot read the file, for another reason. */
  file_unreadable: Readonly<Record<never, never>>
  /** The browser gave up, or broke the upload's protocol. `reason` comes from either. */
  upload_failed: { readonly reason: string }
  external_client_failure: { readonly reason: string }
  external_metadata_failure: { readonly reason: string }
}

export type UploadErrorCode = keyof UploadErrorData

/**
 * Why a file, or a choice of files, was refused or failed. Prints its English `message` in a template; for other texts choose
 * by `code` and use `data`.
 */
export type UploadError = { [Code in UploadErrorCode]: UploadErrorOf<Code> }[UploadErrorCode]

export interface UploadErrorOf<Code extends UploadErrorCode> extends Renderable {
  readonly code: Code
  readonly data: UploadErrorData[Code]
  readonly message: string
}

export function uploadError<Code extends UploadErrorCode>(
  code: Code,
  data: UploadErrorData[Code],
): UploadErrorOf<Code> {
  const message = messages[code](data)
  return { code, data, message, [renderable]: () => message }
}

const messages: { readonly [Code in UploadErrorCode]: (data: UploadErrorData[Code]) => string } = {
  too_many_files: ({ maxEntries }) =>
    maxEntries === 1 ? 'Choose one file only' : `Choose at most ${maxEntries} files`,
  too_large: ({ maxFileSize }) => `Larger than ${formatLimit(maxFileSize)}`,
  empty_file: () => 'The file is empty',
  is_folder: () => 'This is a folder: choose the files in it',
  not_accepted: ({ accept }) => `Not an accepted type (${accept.join(', ')})`,
  rejected: ({ reason }) => reason,
  size_exceeded: () => 'The file is larger than the browser said',
  chunk_timeout: () => 'The upload stalled',
  writer_failure: () => 'The file could not be stored',
  file_missing: () => 'The file is not where it was chosen any more',
  file_changed: () => 'The file was changed after it was chosen, or cannot be read: choose it again',
  file_unreadable: () => 'The file cannot be read',
  upload_failed: () => 'The upload failed',
  external_client_failure: () => 'The upload failed',
  external_metadata_failure: () => 'The upload could not be started',
}
