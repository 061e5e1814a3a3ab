/** What the browser is to make of files before it lists them: the server says it on their input, and our client module does it. */

/** On an upload's input: a {@link Preparation}, as JSON. */
export const prepareAttribute = 'data-liveloom-prepare'

/** Our client module has it on an input whose files are being made ready, and on its form: how many are left. */
export const preparingAttribute = 'data-liveloom-preparing'

/** What browsers can write. */
export const imageTypes = ['image/jpeg', 'image/png', 'image/webp'] as const
export type ImageType = (typeof imageTypes)[number]

/** How large images may be, and what they become. */
export interface Resize {
  /** In pixels. */
  readonly maxWidth?: number | undefined
  readonly maxHeight?: number | undefined
  /** From 0 to 1. */
  readonly quality: number
  readonly type?: ImageType | undefined
}

/** The transform comes first. */
export interface Preparation {
  /** A name that the page has a function for. */
  readonly transform?: string | undefined
  readonly resize?: Resize | undefined
}

/** `undefined` when there is nothing to do. */
export function writePreparation({ transform, resize }: Preparation): string | undefined {
  return transform === undefined && resize === undefined ? undefined : JSON.stringify({ transform, resize })
}

/** The server has written it. */
export function readPreparation(text: string | null): Preparation | undefined {
  return text === null ? undefined : (JSON.parse(text) as Preparation)
}
