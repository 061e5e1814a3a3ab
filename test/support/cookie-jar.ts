/** The cookies of one browser, as far as they matter here: by name and path, for a host whose ports they do not tell apart. */
import { parseSetCookie } from 'cookie'

export class CookieJar {
  readonly #cookies = new Map<string, { readonly pair: string; readonly path: string }>()

  /** Loads an address as a browser does, and keeps the cookies that come. */
  async load(url: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(url, {
      redirect: 'manual',
      ...init,
      headers: { ...(init.headers as Record<string, string> | undefined), cookie: this.header(url) },
    })
    for (const header of response.headers.getSetCookie()) this.set(header)
    return response
  }

  set(header: string): void {
    const { name, path = '/', maxAge } = parseSetCookie(header)
    const key = `${name};${path}`
    this.#cookies.delete(key)
    if (maxAge !== 0) this.#cookies.set(key, { pair: header.split(';', 1)[0]!, path })
  }

  /** The header `cookie` of a request: those with longer paths first. */
  header(url: string): string {
    const { pathname } = new URL(url)
    return [...this.#cookies.values()]
      .filter(({ path }) => `${pathname}/`.startsWith(path.endsWith('/') ? path : `${path}/`))
      .toSorted((one, other) => other.path.length - one.path.length)
      .map(({ pair }) => pair)
      .join('; ')
  }
}
