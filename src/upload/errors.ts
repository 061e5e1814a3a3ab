import { type Renderable, renderable } from '../protocol/renderable.ts'
import { textsIn, type UploadWords } from '../texts/texts.ts'
import type { UploadErrorData } from '../texts/upload-errors.ts'

export type { UploadErrorData } from '../texts/upload-errors.ts'

export type UploadErrorCode = keyof UploadErrorData

/**
 * Why a file, or a choice of files, was refused or failed. Prints its `message` in a template, in the page's language as far as `texts`
 * of `createLiveServer` has it; for other words choose by `code` and use `data`.
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
  words: UploadWords = englishUploads,
): UploadErrorOf<Code> {
  const message = words[code](data)
  return { code, data, message, [renderable]: () => message }
}

/** The same error in other words. */
export function inWords({ code, data }: UploadError, words: UploadWords | undefined): UploadError {
  return uploadError(code, data as never, words) as UploadError
}

const englishUploads: UploadWords = textsIn(undefined)('en').uploads
