/** The scripts that pages are served: the prebuilt client, what stands beside templates, and what development adds. */
import { besideResponse, isOtherBeside } from './beside.ts'
import { scriptResponse, type ShippedScript } from './encoding.ts'
import type { LiveRequest, LiveResponse } from './http.ts'
import type { ServerSettings } from './options.ts'

export class ClientFiles {
  readonly #settings: Pick<ServerSettings, 'assets' | 'basePath' | 'path'>
  readonly #client: ShippedScript

  constructor(settings: Pick<ServerSettings, 'assets' | 'basePath' | 'path'>, client: ShippedScript) {
    this.#settings = settings
    this.#client = client
  }

  /** Whether one of the scripts and styles that a page has is not the server's any more. */
  haveChanged(urls: readonly string[]): boolean {
    const { assets, basePath, path } = this.#settings
    const folder = `${basePath}${path}/`
    const client = `${folder}client`
    const current = new Set([this.clientUrl, `${client}.js`])
    return urls.some((url) => {
      if (!URL.canParse(url)) return false
      const { pathname } = new URL(url)
      if (pathname.startsWith(client)) return !current.has(pathname)
      if (pathname.startsWith(`${folder}beside-`)) return isOtherBeside(pathname.slice(folder.length))
      return assets !== undefined && !assets.some((asset) => pathname.endsWith(asset))
    })
  }

  /** Where the browser finds it. */
  get clientUrl(): string {
    return `${this.#settings.basePath}${this.#settings.path}/client-${this.#client.hash}.js`
  }

  /** `undefined`: there is no such file. */
  answer(url: URL, request: LiveRequest): LiveResponse | undefined {
    const { path } = this.#settings
    const beside = besideResponse(url.pathname.slice(path.length + 1), request)
    if (beside !== undefined) return beside
    const client = this.#client
    const hashed = url.pathname === `${path}/client-${client.hash}.js`
    if (!hashed && url.pathname !== `${path}/client.js`) return undefined
    return scriptResponse(request, client, hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
  }
}
