import { html } from '../template/html.ts'
import type { Rendered } from '../template/rendered.ts'
import { attrs } from '../template/values.ts'
import { type FileKind, fileKind, type NamedFile } from './file-kind.ts'

/**
 * A picture of what kind of file it is, by {@link fileKind}: for files that have no preview. Drawn in the colour of the text around it, 24 pixels wide
 * and high unless styles or attributes say otherwise. It says nothing to who hears the page, as the file's name stands beside it; with an `aria-label`
 * it is an image of that name.
 *
 * @param file An entry, one of `waiting`, or whatever else has a `clientName` and a `clientType`.
 * @param attributes More attributes of the `<svg>`: `class`, `width`, `aria-label`, …
 * @example
 * import { html, live_file_icon, type UploadEntry } from 'liveloom'
 *
 * export const row = (entry: UploadEntry) => html`<li>${live_file_icon(entry)} ${entry.clientName}</li>`
 */
export function live_file_icon(file: NamedFile, attributes: Readonly<Record<string, unknown>> = {}): Rendered {
  const kind = fileKind(file)
  const said = attributes['aria-label'] === undefined ? { 'aria-hidden': 'true' } : { role: 'img' }
  return html`<svg
    data-kind="${kind}"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="1.5"
    stroke-linecap="round"
    stroke-linejoin="round"
    ${attrs({ width: 24, height: 24, ...said, ...attributes })}
  ><path d="${drawings[kind]}" /></svg>`
}

const frame = 'M5 4h14a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z'
const sheet = 'M5 2.75h9.5L19 7.25v14H5zM14.5 2.75v4.5H19'

/** As the `d` of a path. */
const drawings: Readonly<Record<FileKind, string>> = {
  image: `${frame}M7 9.5a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0zM3.5 18 9 13l4 3.5 3-2.5 4.5 4`,
  video: `${frame}M10 9l5 3-5 3z`,
  audio: 'M9 17.5v-12l10-2v12M4 17.5a2.5 2.5 0 1 0 5 0 2.5 2.5 0 1 0-5 0zM14 15.5a2.5 2.5 0 1 0 5 0 2.5 2.5 0 1 0-5 0z',
  pdf: `${sheet}M7.5 17.5v-5h1a1.5 1.5 0 0 1 0 3h-1M11 12.5v5h.5a2 2 0 0 0 2-2v-1a2 2 0 0 0-2-2zM15.5 17.5v-5h1.75M15.5 15h1.25`,
  document: `${sheet}M8 11h8M8 14h8M8 17h5`,
  spreadsheet: `${sheet}M8 11h8v7H8zM8 14.5h8M12 11v7`,
  presentation: `${sheet}M8 17.5v-3M12 17.5v-6.5M16 17.5v-4.5`,
  archive: `${sheet}M10 5v1.5M10 8.5V10M10 12v1.5M8.5 15.5h3V19h-3z`,
  code: `${sheet}M10 11l-2.5 3 2.5 3M14 11l2.5 3-2.5 3`,
  text: `${sheet}M8 12h8M8 15.5h5`,
  file: sheet,
}
