/** The lines that our client module shows over a page. */
export interface LineTexts {
  /** What was to be sent is larger than the server takes. It stays where it is. */
  readonly tooLarge: string
  /** A form has more fields, or a field more brackets in its name, than the server takes. */
  readonly tooManyFields: string
  /** More files than a connection may send were chosen. */
  readonly tooManyFiles: string
}

export const englishLines: LineTexts = {
  tooLarge: 'This is too large to be sent. It is still here: make it shorter.',
  tooManyFields: 'This form has too many fields to be sent. It is still here.',
  tooManyFiles: 'Too many files are being sent. Choose these again when some are through.',
}
