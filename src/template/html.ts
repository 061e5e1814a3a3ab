import { templateOf } from './parse.ts'
import type { Checked } from './printable.ts'
import { Rendered } from './rendered.ts'

/**
 * A template. Values are escaped by where they stand.
 *
 * - `<p>${text}</p>`, `title="${text}"`: text; `null`, `undefined`, `false` and `''` print nothing.
 * - `class=${[…]}`, `class=${{ … }}`, `style=${{ … }}`: lists and objects, in these two alone.
 * - `disabled=${flag}`: the whole attribute; `true` prints the bare name, `false`, `null` and `undefined` nothing.
 * - `${attrs({ … })}` in a tag spreads attributes.
 * - `${html`…`}`, arrays and {@link each} nest.
 *
 * Escaping keeps a value inside its place. Where the place means more, the value is looked at: an address that the browser would run
 * (`href="${url}"` with `javascript:…`), and a text that the client would run as commands, leave their attribute empty and are reported
 * to `onError`; `srcdoc` takes {@link raw} alone.
 *
 * @throws {LiveError} `ERR_TEMPLATE` when a value stands where no escaping is safe: a tag or attribute name, a comment,
 * `<script>`, `<style>`, an `on*` attribute, a `javascript:` address, commands that are written by hand.
 * @example
 * import { html } from 'liveloom'
 *
 * const busy = false
 * export const button = html`<button phx-click="save" disabled=${busy}>Save ${3} files</button>`
 */
export function html<const Values extends readonly unknown[]>(
  strings: TemplateStringsArray,
  ...values: Values & Checked<Values>
): Rendered {
  return new Rendered(templateOf(strings, html), values)
}
