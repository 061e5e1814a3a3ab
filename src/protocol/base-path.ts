/**
 * The prefix that a server's addresses have in the browser. Code gives and gets paths without it; it is put in front where a path is
 * printed. What prints is synchronous, so that a variable says for which server; templates and commands may be made before any is
 * known, and are then printed for each as it has it.
 */
import { type Renderable, renderable } from './renderable.ts'

/** `undefined`: nothing is printed now, and nobody knows for whom it will be. */
let current: string | undefined

/** Stands in a text for the prefix that is not known yet. No text has it: it is none of Unicode's characters, and JSON leaves it as it is. */
const unknown = '\uFDD0'

/** Runs `print` for the server whose prefix is `basePath`; '' for one without. */
export function printUnder<T>(basePath: string, print: () => T): T {
  const before = current
  current = basePath
  try {
    return print()
  } finally {
    current = before
  }
}

/** Runs `make`, in whose texts the prefix may stand open: {@link fillIn} has it take its place. */
export function makeText<T>(make: () => T): T {
  return printUnder(current ?? unknown, make)
}

/** A path as it stands in such a text. */
export function openPath(path: string): string {
  return (current ?? unknown) + path
}

/** A text with the prefix in its places. */
export function fillIn(text: string): string {
  return current === unknown || !text.includes(unknown) ? text : text.replaceAll(unknown, current ?? '')
}

/** A path for a template, as the browser has it: text where that is known already. */
export function printedPath(path: string): string | Renderable {
  return current === undefined ? new AppPath(path) : current + path
}

class AppPath implements Renderable {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  [renderable](): string {
    return (current ?? '') + this.#path
  }
}

/** A path of the browser's without the prefix. One that has none came through a proxy that takes it away. */
export function withoutBase(basePath: string, path: string): string {
  if (basePath === '' || !path.startsWith(basePath)) return path
  const rest = path.slice(basePath.length)
  if (rest === '') return '/'
  return rest.startsWith('/') ? rest : path
}

/** The same of a whole address. */
export function urlWithoutBase(basePath: string, url: string): string {
  if (basePath === '') return url
  const parsed = new URL(url)
  const path = withoutBase(basePath, parsed.pathname)
  // A path that begins with two slashes would be read as a host.
  return path === parsed.pathname ? url : `${parsed.origin}${path}${parsed.search}${parsed.hash}`
}
