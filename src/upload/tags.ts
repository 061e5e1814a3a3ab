import { LiveError } from '../errors.ts'
import { writeAwaited } from '../protocol/file-handles.ts'
import { writePreparation } from '../protocol/preparation.ts'
import { html } from '../template/html.ts'
import type { Rendered } from '../template/rendered.ts'
import { attrs } from '../template/values.ts'
import type { UploadConfig, UploadEntry } from './entry.ts'
import type { UploadErrorCode } from './errors.ts'
import { live_file_icon } from './file-icon.ts'
import { isShownByBrowsers } from './file-kind.ts'
import { isElsewhere } from './keeping.ts'
import { knownNames } from './book.ts'

/** The configs of the render that runs. Renders are synchronous, so there is one at a time. */
let rendering: Readonly<Record<string, UploadConfig>> = {}

/** Runs a view's render so that the tags inside it know the view's uploads. */
export function whileRendering<T>(configs: Readonly<Record<string, UploadConfig>>, render: () => T): T {
  const outer = rendering
  rendering = configs
  try {
    return render()
  } finally {
    rendering = outer
  }
}

/**
 * The file input of an upload. It must stand in a `<form>` with `phx-change`.
 *
 * @param attributes More attributes of the input: `class`, `required`, `webkitdirectory`, …
 * @throws {LiveError} `ERR_UPLOAD_NAME` when there is no such upload.
 * @example
 * import { html, live_file_input, type UploadConfig } from 'liveloom'
 *
 * export const form = (uploads: Record<string, UploadConfig>) =>
 *   html`<form phx-change="validate" phx-submit="save">${live_file_input(uploads.photos, { class: 'files' })}</form>`
 */
export function live_file_input(
  config: UploadConfig | undefined,
  attributes: Readonly<Record<string, unknown>> = {},
): Rendered {
  assertKnown('live_file_input', config)
  const { ref, entries } = config
  const refs = (which: (entry: UploadEntry) => boolean): string =>
    joinRefs(entries.filter(which).map((entry) => entry.ref))
  const errors = [
    ...(config.errors.length > 0 ? [ref] : []),
    ...entries.filter((entry) => entry.errors.length > 0).map((entry) => entry.ref),
  ]
  const paused = refs((entry) => entry.state === 'paused')
  const scanning = refs((entry) => entry.state === 'scanning')
  const retries = entries.filter((entry) => entry.retries > 0).map((entry) => `${entry.ref}:${entry.retries}`)
  return html`<input
    id="${ref}"
    type="file"
    name="${config.name}"
    accept=${config.accept.length > 0 && config.accept.join(',')}
    data-phx-hook="Phoenix.LiveFileUpload"
    data-phx-upload-ref="${ref}"
    data-phx-active-refs="${refs(() => true)}"
    data-phx-done-refs="${refs((entry) => entry.done)}"
    data-phx-preflighted-refs="${refs((entry) => entry.preflighted)}"
    data-phx-error-refs=${errors.length > 0 && joinRefs(errors)}
    data-phx-auto-upload=${config.autoUpload}
    data-liveloom-paused=${paused !== '' && paused}
    data-liveloom-scanning=${scanning !== '' && scanning}
    data-liveloom-retries=${retries.length > 0 && joinRefs(retries)}
    data-liveloom-component=${config.component}
    data-liveloom-keep=${config.keptAs}
    data-liveloom-awaited=${config.keptAs !== undefined && awaitedIn(config)}
    data-liveloom-lost=${config.lost.length > 0 && JSON.stringify(config.lost)}
    data-liveloom-prepare=${writePreparation(config)}
    data-liveloom-max-entries=${config.maxEntries > 1 && config.maxEntries}
    multiple=${config.maxEntries > 1}
    capture=${config.capture}
    ${attrs(attributes)}
  />`
}

/**
 * A button by which files that wait to be chosen again (`config.waiting`) go on without that, where the browser keeps their handles. Hidden
 * until our client module finds some that it has to ask the user's leave for; those that it may read go on by themselves. May stand anywhere in
 * the view or component whose upload it is.
 *
 * @param content What is shown: text or a template.
 * @param attributes More attributes of the `<button>`: `class`, …
 * @throws {LiveError} `ERR_UPLOAD_NAME` when there is no such upload.
 * @example
 * import { html, live_file_resume, type UploadConfig } from 'liveloom'
 *
 * export const waiting = (photos: UploadConfig) =>
 *   html`<p>${photos.waiting.length} photos wait. ${live_file_resume('Go on with them', photos, { class: 'resume' })}</p>`
 */
export function live_file_resume(
  content: unknown,
  config: UploadConfig | undefined,
  attributes: Readonly<Record<string, unknown>> = {},
): Rendered {
  assertKnown('live_file_resume', config)
  return html`<button type="button" data-liveloom-resume="${config.ref}" hidden ${attrs(attributes)}>${content}</button>`
}

/**
 * The preview of an image that the browser has chosen; it is shown from the user's disk, also before it is sent. Of a file that another page has
 * sent (`keep`) there is none: give it a `src` of yours.
 *
 * @param attributes More attributes of the `<img>`: `alt`, `class`, `width`, …
 */
export function live_img_preview(entry: UploadEntry, attributes: Readonly<Record<string, unknown>> = {}): Rendered {
  const config = Object.values(rendering).find((candidate) => candidate.entries.includes(entry))
  if (config === undefined) {
    throw new LiveError('ERR_UPLOAD_ENTRY', 'live_img_preview: expected an entry of an upload in this render')
  }
  // Sent by another page: there is nothing on this one that could be shown.
  if (isElsewhere(entry.ref)) return html`<img id="phx-preview-${entry.ref}" ${attrs(attributes)} />`
  return html`<img
    id="phx-preview-${entry.ref}"
    data-phx-upload-ref="${config.ref}"
    data-phx-entry-ref="${entry.ref}"
    data-phx-hook="Phoenix.LiveImgPreview"
    data-phx-update="ignore"
    ${attrs(attributes)}
  />`
}

/**
 * What a file looks like, as far as the browser can show it: the preview of an image as by {@link live_img_preview}, and for whatever else
 * {@link live_file_icon}. So it is for an image that browsers do not show (HEIC, TIFF), that another page has sent, or that could not be prepared.
 *
 * @param attributes More attributes of the `<img>` or the `<svg>`: `class`, `width`, `height`, …; `alt` is the `aria-label` of an icon. Without one
 * neither says anything to who hears the page: the file's name stands beside it.
 */
export function live_file_preview(entry: UploadEntry, attributes: Readonly<Record<string, unknown>> = {}): Rendered {
  const { alt = '', ...others } = attributes
  const isThere = !isElsewhere(entry.ref) && !entry.errors.some(({ code }) => nothingOf.has(code))
  if (isThere && isShownByBrowsers(entry)) return live_img_preview(entry, { alt, ...others })
  return live_file_icon(entry, alt === '' ? others : { 'aria-label': alt, ...others })
}

/** Errors of files of which the page has nothing. */
const nothingOf: ReadonlySet<UploadErrorCode> = new Set<UploadErrorCode>([
  'transform_failure',
  'empty_file',
  'is_folder',
])

function assertKnown(tag: string, config: UploadConfig | undefined): asserts config is UploadConfig {
  if (config !== undefined) return
  throw new LiveError('ERR_UPLOAD_NAME', `${tag}: there is no such upload; ${knownNames(Object.keys(rendering))}`)
}

function awaitedIn({ waiting }: UploadConfig): string | undefined {
  return writeAwaited(waiting.map((file) => [file.clientName, file.clientSize, file.clientLastModified]))
}

function joinRefs(refs: readonly string[]): string {
  return refs.join(',')
}
