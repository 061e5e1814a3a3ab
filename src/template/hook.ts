/** Client hooks that are written beside the template that uses them, and travel with it as a script. */
import { describe, LiveError } from '../errors.ts'
import { type Renderable, renderable } from '../protocol/renderable.ts'
import { runtimeHook } from '../protocol/runtime-hook.ts'
import { keepBeside, markOf } from './beside.ts'
import { type Template, templateOf } from './parse.ts'
import { Rendered } from './rendered.ts'

/** A client hook with its script. Made by {@link hook}. In a template it prints its name: `phx-hook=${chart}`. */
export interface ClientHook extends Renderable {
  /** What the client knows it by: the name it was given, and a mark of its source, so that no two are taken for one another. */
  readonly name: string
  /**
   * The script that defines the hook, for a page that does not load those of the server: one whose layout leaves `page.head` out, or
   * that was open before the module was imported. It may stand anywhere in the page, before or after the elements that use it, and more
   * than once; a later render may bring it.
   * @param page The `meta` of a render, for the `nonce` that the page's Content-Security-Policy names.
   */
  script(page: { readonly nonce?: string | undefined }): Rendered
  toString(): string
}

/**
 * Makes a client hook of its source: an object of JavaScript with `mounted`, `updated`, `destroyed`, …, as text. It runs in the
 * browser as it stands: write no TypeScript in it, and nothing that a bundler would have to resolve. Its backslashes are yours to
 * double, or use ``String.raw`…` ``. The page loads it by itself, with the head of its layout: `phx-hook=${chart}` is all.
 *
 * @param name For you: letters, digits, `_`, `-` and `.`, a letter first.
 * @throws {LiveError} `ERR_HOOK` for another name, for a source that is no object in braces or no JavaScript, and for one with
 * `</script` or `<!--`, which would end the script or hide its end.
 * @example
 * import { createLiveView, hook, html } from 'liveloom'
 *
 * const selectAll = hook('SelectAll', `{
 *   mounted() {
 *     this.el.addEventListener('focus', () => this.el.select())
 *   },
 * }`)
 *
 * export const share = createLiveView({
 *   render: () => html`<input id="link" phx-hook=${selectAll} value="https://example.com" />`,
 * })
 */
export function hook(name: string, source: string): ClientHook {
  if (typeof name !== 'string' || !/^[a-z][\w.-]*$/i.test(name)) {
    throw new LiveError('ERR_HOOK', `hook: expected a name like 'Chart', got ${describe(name)}`)
  }
  if (typeof source !== 'string' || !/^\s*\{[\s\S]*\}\s*$/.test(source)) {
    throw new LiveError(
      'ERR_HOOK',
      `hook('${name}'): expected the text of an object like '{ mounted() { … } }', got ${describe(source)}`,
    )
  }
  const end = /<\/script|<!--/i.exec(source)
  if (end !== null) {
    throw new LiveError(
      'ERR_HOOK',
      `hook('${name}'): the source has '${end[0]}', which ends or hides a script in HTML; write '\\\\x3C' for its '<'`,
    )
  }
  const mistake = syntaxErrorIn(source)
  if (mistake !== undefined) {
    throw new LiveError('ERR_HOOK', `hook('${name}'): the source is no JavaScript: ${mistake.message}`, {
      cause: mistake,
    })
  }
  return new ScriptedHook(`${name}-${markOf(source)}`, source)
}

/** Compiles the source, and does not run it. Where code may not be made from text, the browser is the first to notice. */
function syntaxErrorIn(source: string): SyntaxError | undefined {
  try {
    // oxlint-disable-next-line typescript/no-implied-eval, no-new-func, no-new -- It is the program's own text, and nobody calls it.
    new Function(`return (${source}\n)`)
  } catch (error) {
    if (error instanceof SyntaxError) return error
  }
  return undefined
}

class ScriptedHook implements ClientHook {
  readonly name: string
  readonly #template: Template

  constructor(name: string, source: string) {
    this.name = name
    const { attribute, global } = runtimeHook
    // A template of its own: the page gets the source once, and a script in place of another is a new element, which runs.
    const script = `window[${JSON.stringify(global + name)}] = function () { return (${source}\n) }`
    // The client looks for an element that has the hook's name, wherever the hook itself was defined.
    const marked = `document.head.append(Object.assign(document.createElement('script'), { type: 'text/plain' }))
document.head.lastChild.setAttribute('${attribute}', '${name}')`
    keepBeside('js', name, `${script}\n${marked}`)
    const strings = [`<script ${attribute}="${name}" nonce=`, `>${script}</script>`]
    this.#template = templateOf(Object.assign(strings, { raw: strings }))
  }

  script({ nonce }: { readonly nonce?: string | undefined }): Rendered {
    return new Rendered(this.#template, [nonce === '' ? undefined : nonce])
  }

  [renderable](): string {
    return this.name
  }

  toString(): string {
    return this.name
  }
}
