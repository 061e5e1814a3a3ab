/** Which addresses are the server's own: the hosts that it answers for, the pages that may ask it, and its paths without what stands before them. */
import { describeClaim, LiveError } from '../errors.ts'
import { urlWithoutBase } from '../protocol/base-path.ts'
import { isAllowedHost } from './hosts.ts'
import type { ServerSettings } from './options.ts'

export class OwnAddresses {
  readonly #settings: Pick<ServerSettings, 'basePath' | 'hosts' | 'origins'>
  readonly #development: boolean

  constructor(settings: Pick<ServerSettings, 'basePath' | 'hosts' | 'origins'>, development: boolean) {
    this.#settings = settings
    this.#development = development
  }

  /** An address as the routes have it. */
  inside(url: URL): URL {
    const { basePath } = this.#settings
    return basePath === '' ? url : new URL(urlWithoutBase(basePath, url.href))
  }

  isOwnHost(url: URL): boolean {
    return isAllowedHost(url, this.#settings.hosts, this.#development)
  }

  /** A page of another site may not open the socket in its visitor's name. */
  isOwnOrigin(origin: string | null, url: URL): boolean {
    const { origins } = this.#settings
    if (origin === null || origins === 'any' || origins.includes(origin)) return true
    if (!URL.canParse(origin)) return false
    const { host, protocol, port } = new URL(origin)
    // A proxy that ends TLS may not say so: an https page then asks what looks like http, also where the proxy names the port of https,
    // which its page does not. The other way round there is a page that somebody on the way may have written.
    if (protocol === 'https:') return host === url.host || (port === '' && url.host === `${host}:443`)
    return protocol === 'http:' && url.protocol === 'http:' && host === url.host
  }
}

export function strangeHost({ host }: URL): LiveError {
  // The list takes no final dot, and has a name with one match all the same.
  const entry = describeClaim(host.replace(/\.(?=:|$)/, ''))
  return new LiveError(
    'ERR_HOST',
    `the host ${entry} is not one of this server: allow it with hosts: [${entry}] of createLiveServer`,
  )
}

/** Asked first whether it can be one, a URL would be parsed twice. */
export function toUrl(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}
