/** What fits into a cookie. A browser drops one that is larger without a word, and a login with it. */
import { LiveError } from '../errors.ts'

/**
 * Bytes of a cookie that every browser keeps. RFC 6265 counts name, value and attributes together, its successor the first two:
 * what is small enough for the strict reading is so for both.
 */
export const mostCookieBytes = 4096

/** What is wrong with a cookie of that text, if it is too large. `where` says who makes it, `advice` what to do instead. */
export function cookieSizeError(where: string, cookie: string, advice: string): LiveError | undefined {
  const size = new TextEncoder().encode(cookie).length
  if (size <= mostCookieBytes) return undefined
  return new LiveError(
    'ERR_COOKIE',
    `${where}: expected a cookie of at most ${mostCookieBytes} bytes, with its name and attributes, since browsers drop larger ` +
      `ones; got ${size} bytes. ${advice}`,
  )
}
