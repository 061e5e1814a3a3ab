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
  >${drawings[kind]}</svg>`
}

function sheet(inside: Rendered | undefined): Rendered {
  return html`<path d="M5 2.75h9.5L19 7.25v14H5zM14.5 2.75v4.5H19" />${inside}`
}

const drawings: Readonly<Record<FileKind, Rendered>> = {
  image: html`<rect x="3" y="4" width="18" height="16" rx="2" /><circle cx="8.5" cy="9.5" r="1.5" /><path d="m3.5 18 5.5-5 4 3.5 3-2.5 4.5 4" />`,
  video: html`<rect x="3" y="5" width="18" height="14" rx="2" /><path d="m10 9 5 3-5 3z" />`,
  audio: html`<path d="M9 17.5v-12l10-2v12" /><circle cx="6.5" cy="17.5" r="2.5" /><circle cx="16.5" cy="15.5" r="2.5" />`,
  pdf: sheet(
    html`<path d="M7.5 17.5v-5h1a1.5 1.5 0 0 1 0 3h-1M11 12.5v5h.5a2 2 0 0 0 2-2v-1a2 2 0 0 0-2-2zM15.5 17.5v-5h1.75M15.5 15h1.25" />`,
  ),
  document: sheet(html`<path d="M8 11h8M8 14h8M8 17h5" />`),
  spreadsheet: sheet(html`<path d="M8 11h8v7H8zM8 14.5h8M12 11v7" />`),
  presentation: sheet(html`<path d="M8 17.5v-3M12 17.5v-6.5M16 17.5v-4.5" />`),
  archive: sheet(html`<path d="M10 5v1.5M10 8.5v1.5M10 12v1.5" /><rect x="8.5" y="15" width="3" height="3.5" />`),
  code: sheet(html`<path d="m10 11-2.5 3 2.5 3M14 11l2.5 3-2.5 3" />`),
  text: sheet(html`<path d="M8 12h8M8 15.5h5" />`),
  file: sheet(undefined),
}
