/**
 * What is written beside templates and every page may need: the scripts of hooks, and styles. Pages load each kind as one file of the
 * server, so that it does not matter which part of a page comes when, and how often.
 */

export type BesideKind = 'css' | 'js'

/** Characters of one kind. Whoever makes hooks in a render would fill the memory, and each page's file. */
export const mostBeside: number = 1024 * 1024

class Kept {
  readonly #texts = new Map<string, string>()
  #size = 0
  #whole: string | undefined

  /** False when there is no more room. */
  keep(name: string, text: string): boolean {
    if (this.#texts.has(name)) return true
    if (this.#size + text.length > mostBeside) return false
    this.#texts.set(name, text)
    this.#size += text.length
    this.#whole = undefined
    return true
  }

  /** The same text for as long as nothing comes to it. */
  get whole(): string {
    return (this.#whole ??= [...this.#texts.values()].join('\n'))
  }
}

const kept: Readonly<Record<BesideKind, Kept>> = { css: new Kept(), js: new Kept() }

/** `name` stands for `text`: it has a mark of it. */
export function keepBeside(kind: BesideKind, name: string, text: string): boolean {
  return kept[kind].keep(name, text)
}

/** All of a kind that the program has written so far; empty when there is none. */
export function allBeside(kind: BesideKind): string {
  return kept[kind].whole
}

/** A short mark of a text (FNV-1a): another source is another name, also after a deploy, while pages have the old one. */
export function markOf(text: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(36)
}
