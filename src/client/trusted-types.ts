/**
 * The page's default policy for trusted types: what the official client does with text while a page may make HTML and code of none
 * (`require-trusted-types-for 'script'`). It hands texts to the browser as they are, so the one policy that can stand between is this.
 */
import { runtimeHook } from '../protocol/runtime-hook.ts'

/** As far as it matters here; not each browser has it. */
interface TrustedTypes {
  readonly defaultPolicy: unknown
  createPolicy(name: string, rules: Readonly<Record<string, (text: string) => string | null>>): unknown
}

/** The script of a hook says no more than this before its own source. */
const hookScript = new RegExp(`^\\s*window\\s*(?:\\.|\\[\\s*["'])${runtimeHook.global}`)

/**
 * Lets the client work under `require-trusted-types-for 'script'; trusted-types default`. HTML passes: the client writes what the server
 * rendered, and scripts and `on*` in it run only as far as `script-src` allows. Of code only the scripts of hooks pass; a script's
 * address never does. A page that has a default policy keeps it.
 */
export function allowTrustedTypes(): void {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes }
  if (trustedTypes === undefined || trustedTypes.defaultPolicy !== null) return
  try {
    trustedTypes.createPolicy('default', {
      createHTML: (text) => text,
      createScript: (text) => (hookScript.test(text) ? text : null),
    })
  } catch {
    // The page's policy knows no `default`. The browser has said so in its console.
  }
}
