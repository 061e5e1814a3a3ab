import type { LiveError } from '../errors.ts'
import { cookieSizeError } from '../token/cookie-size.ts'

/** Carries messages to the page that is loaded next. Its name is the official client's, which sets it before it leaves. */
export const flashCookieName = '__phoenix_flash__'

/** What is wrong with messages that the client shall put into that cookie, if they are too large for one. */
export function flashSizeError(where: string, token: string): LiveError | undefined {
  // As the client writes it.
  return flashCookieSizeError(where, `${flashCookieName}=${token}; max-age=60; path=/`)
}

/** The same of a cookie that is written here. */
export function flashCookieSizeError(where: string, cookie: string): LiveError | undefined {
  return cookieSizeError(where, cookie, 'Make the messages shorter, or render them in the page that they are for')
}

/** `info` and `error` by convention; any name will do. */
export type FlashKind = string

/** The messages of a page, by kind. */
export type Flash = Readonly<Record<string, string>>

export const noFlash: Flash = Object.freeze({})

/** Reads the flash out of a signed token's data. */
export function toFlash(data: unknown): Flash {
  if (typeof data !== 'object' || data === null) return noFlash
  return Object.fromEntries(
    Object.entries(data).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** The flash of one view, and what of it was put since its last callback: that goes along when it leaves for another page. */
export class FlashState {
  #current: Flash
  #fresh: Flash

  /** What a mount leaves with is all of it. */
  constructor(initial: Flash) {
    this.#current = this.#fresh = initial
  }

  get current(): Flash {
    return this.#current
  }

  get fresh(): Flash {
    return this.#fresh
  }

  put(kind: string, message: string): void {
    this.#current = { ...this.#current, [kind]: message }
    this.#fresh = { ...this.#fresh, [kind]: message }
  }

  /** True when there was something to clear. */
  clear(kind?: string): boolean {
    if (kind === undefined ? Object.keys(this.#current).length === 0 : !Object.hasOwn(this.#current, kind)) return false
    this.#current = without(this.#current, kind)
    this.#fresh = without(this.#fresh, kind)
    return true
  }

  /** Leaves only what was put since the last callback. */
  keepFresh(): void {
    this.#current = this.#fresh
  }

  /** What was put till now goes along no more: the callback that put it has settled, and did not leave. */
  stay(): void {
    this.#fresh = noFlash
  }
}

function without(flash: Flash, kind: string | undefined): Flash {
  if (kind === undefined) return noFlash
  const { [kind]: _, ...rest } = flash
  return rest
}
