/** The tag of a form that also works where no JavaScript runs: it is then sent to the URL of its page. */
import { describe, LiveError } from '../errors.ts'
import { formTokenField } from '../protocol/form-token.ts'
import { html } from '../template/html.ts'
import type { Rendered } from '../template/rendered.ts'
import { Meta } from './meta.ts'

/** The events that a form has in its `phx-submit` and `phx-change`, by name. */
export interface LiveFormOptions {
  readonly submit: string
  /** Validated with it first: its handler sees what was typed, also when a file is refused. @default no such event */
  readonly change?: string | undefined
}

/**
 * What a form needs to be sent without JavaScript, or before the page has connected: one hidden field. It stands before all file inputs, in a
 * `<form method="post" enctype="multipart/form-data">` without an `action`. The view is then mounted for it, gets the files and the events,
 * and its page is the answer. No event has the field among its values.
 *
 * @param meta The `meta` of the render: of the view, or of the live component whose events they are.
 * @throws {LiveError} `ERR_TEMPLATE_VALUE` for another `meta`, or an event without a name; `ERR_VIEW` in a nested view.
 * @example
 * import { html, live_file_input, live_form_fields, type RenderMeta } from 'liveloom'
 *
 * export const album = (title: string, meta: RenderMeta<'photos'>) => html`
 *   <form id="album" method="post" enctype="multipart/form-data" phx-change="validate" phx-submit="save">
 *     ${live_form_fields(meta, { submit: 'save', change: 'validate' })}
 *     <input name="title" value="${title}" />
 *     ${live_file_input(meta.uploads.photos)}
 *     <button>Save</button>
 *   </form>`
 */
export function live_form_fields(meta: { readonly csrfToken: string }, options: LiveFormOptions): Rendered {
  if (!(meta instanceof Meta)) {
    throw new LiveError(
      'ERR_TEMPLATE_VALUE',
      `live_form_fields: expected the meta of a render, whole, got ${describe(meta)}`,
    )
  }
  const { submit, change } = options ?? {}
  for (const [name, event] of Object.entries({ submit, change })) {
    if (isEvent(event) || (name === 'change' && event === undefined)) continue
    throw new LiveError(
      'ERR_TEMPLATE_VALUE',
      `live_form_fields: ${name} must be the name of an event, as phx-${name} has it, got ${describe(event)}`,
    )
  }
  return html`<input type="hidden" name="${formTokenField}" value="${meta.formToken(submit, change)}" />`
}

function isEvent(name: unknown): boolean {
  return typeof name === 'string' && name !== ''
}
