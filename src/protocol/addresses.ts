/** What a browser makes of an address: where it leads, and by which scheme. The rules that templates, commands and redirects share. */

/** What a browser drops or reads as a slash, and half a character, which no URL can carry. */
const unfit = /[\\\p{Cc}\p{Cs}]/u

/** A path of this site: nothing that a browser would read as another host's. */
export function isLocalPath(to: unknown): to is string {
  if (typeof to !== 'string' || unfit.test(to)) return false
  return to.startsWith('/') && !to.startsWith('//') && !to.startsWith('/%09')
}

/**
 * `path` when it is a path of this site, else `otherwise`: for where a browser says to lead on to, `?next=/account` say.
 */
export function localPath(path: unknown, otherwise: string): string {
  return isLocalPath(path) ? path : otherwise
}

/** An address that a page may be left for: a full `http(s)` URL, or one of `mailto:` or `tel:`. */
export function isExternalUrl(url: unknown): url is string {
  if (typeof url !== 'string' || unfit.test(url)) return false
  return /^(?:https?:\/\/|(?:mailto|tel):\S)/i.test(url) && URL.canParse(url)
}

/** Schemes that run nothing in the page and read nothing of the machine. What has none is a path. */
const safeSchemes: ReadonlySet<string> = new Set(['http', 'https', 'mailto', 'tel', 'blob'])
const scriptSchemes: ReadonlySet<string> = new Set(['javascript', 'vbscript'])

/** No scheme can follow the first four. Most addresses are these: they cost one look. */
const plainStart = /^(?:[/?#.]|https?:)/i
/** A browser drops these in front of an address (it takes fewer), and those anywhere in it. */
const droppedInFront = /^[\p{Cc} ]+/u
const droppedWithin = /[\t\n\r]/g
const schemeName = /^[a-z][a-z\d+.-]*$/i
/** Without a `+` in its type: `svg+xml` and whatever else is XML may hold scripts. */
const pictureData = /^data:image\/(?!svg)[a-z\d.-]+[;,]/i
/** The longest beginning of such data that is looked at. */
const longestType = 256

/** The attributes whose address a browser follows or loads. A `src` may hold a picture itself. */
const addressAttributes: Readonly<Record<string, 'address' | 'picture'>> = {
  href: 'address',
  'xlink:href': 'address',
  src: 'picture',
  action: 'address',
  formaction: 'address',
  data: 'address',
}

/** What kind of address an attribute holds, by its name in small letters; `undefined` when it holds none. */
export function addressKindOf(attribute: string): 'address' | 'picture' | undefined {
  return Object.hasOwn(addressAttributes, attribute) ? addressAttributes[attribute] : undefined
}

/** Attributes of `<animate>` and `<set>`, which may give an address to the `href` of a link around them. */
export const animatedAttributes: ReadonlySet<string> = new Set(['to', 'from', 'by', 'values'])

/** Whether each of a list of addresses with semicolons, as `values` has it, may stand there. */
export function areSafeAddresses(list: string): boolean {
  return list.split(';').every((address) => isSafeAddress(address, { picture: false }))
}

/** The scheme that a browser finds in an address, in small letters; `undefined` for a path. */
export function schemeOf(address: string): string | undefined {
  const colon = address.indexOf(':')
  if (colon < 0) return undefined
  const name = asRead(address.slice(0, colon))
  return schemeName.test(name) ? name.toLowerCase() : undefined
}

/** Whether the browser would run what the address holds. */
export function isScriptAddress(address: string): boolean {
  return scriptSchemes.has(schemeOf(address) ?? '')
}

/** Whether an address may stand in a link, a form or an element that loads something. `picture`: it is a `src`. */
export function isSafeAddress(address: string, { picture }: { readonly picture: boolean }): boolean {
  if (plainStart.test(address)) return true
  const scheme = schemeOf(address)
  if (scheme === undefined || safeSchemes.has(scheme)) return true
  return picture && scheme === 'data' && pictureData.test(asRead(address.slice(0, longestType)))
}

/** Whether what follows this beginning of an address can neither give it another scheme nor another type of data. */
export function isSettled(start: string): boolean {
  const scheme = schemeOf(start)
  if (scheme === 'data') return /[;,]/.test(start)
  if (scheme !== undefined) return true
  const read = asRead(start)
  return read !== '' && !schemeName.test(read)
}

function asRead(address: string): string {
  return address.replace(droppedInFront, '').replaceAll(droppedWithin, '')
}
