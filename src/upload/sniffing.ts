/** What a file is by its first bytes, and whether that is what an upload accepts. What reads the bytes is handed in: `file-type`, or its like. */
import { isAccepted } from './accept.ts'
import { canonical, extensionOf, plainType, saysNothing, typeOfExtension } from './file-types.ts'
import type { Probe } from './image-header.ts'

/** What bytes say that they are. */
export interface DetectedType {
  /** Without the dot. */
  readonly ext: string
  readonly mime: string
}

/** Knows types by their first bytes. */
export interface Sniffer {
  /** `undefined` for what it does not know: text, say. */
  detect(head: Uint8Array): Promise<DetectedType | undefined>
  /** The extensions of all that it knows, without the dot. */
  readonly extensions: ReadonlySet<string>
}

export interface Sniffing {
  /** @throws {LiveError} `ERR_UPLOAD_SNIFF` when what it needs is not installed. */
  assertThere(): void
  load(): Promise<Sniffer>
}

/** Bytes that are looked at; all of a file that is smaller. */
export const sniffedBytes = 4100

export function* readHead(): Probe<Uint8Array> {
  return (yield { at: 0, length: sniffedBytes }).slice()
}

export interface ClaimedFile {
  readonly clientName: string
  readonly clientType: string
}

/**
 * Whether bytes are what an upload accepts. A format that is made of another one, as a document is of a zip, may be known as that one only. What
 * has no signature passes where the file claims to be of a type that has none.
 */
export function isAcceptedAs(
  accept: readonly string[],
  claimed: ClaimedFile,
  detected: DetectedType | undefined,
  { head, extensions }: { readonly head: Uint8Array; readonly extensions: ReadonlySet<string> },
): boolean {
  const extension = extensionOf(claimed.clientName)
  const hasSignature = isKnown(extension, claimed.clientType, extensions)
  if (detected === undefined) return !hasSignature
  if (isAccepted(accept, `file.${detected.ext}`, plainType(detected.mime))) return true
  if (madeOf.get(detected.ext)?.has(extension) === true) return true
  // "BMI;Weight" begins like a bitmap.
  return !hasSignature && shortSignatures.has(detected.ext) && isText(head)
}

function isKnown(extension: string, clientType: string, extensions: ReadonlySet<string>): boolean {
  if (extensions.has(extension)) return true
  const byName = typeOfExtension(extension)
  const types = byName === undefined ? [plainType(clientType)] : [byName]
  return types.some((type) => !saysNothing(type) && typesOf(extensions).has(canonical(type)))
}

const typesByExtensions = new WeakMap<ReadonlySet<string>, ReadonlySet<string>>()

function typesOf(extensions: ReadonlySet<string>): ReadonlySet<string> {
  const known = typesByExtensions.get(extensions)
  if (known !== undefined) return known
  const types = new Set([...extensions].flatMap((extension) => canonical(typeOfExtension(extension) ?? '') || []))
  typesByExtensions.set(extensions, types)
  return types
}

/** Which formats are made of one that has a signature of its own: the first bytes may say no more. */
const madeOf: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    zip: [
      ...[
        'docx',
        'docm',
        'dotx',
        'dotm',
        'xlsx',
        'xlsm',
        'xltx',
        'xltm',
        'xlsb',
        'pptx',
        'pptm',
        'potx',
        'potm',
        'ppsx',
      ],
      ...[
        'odt',
        'ods',
        'odp',
        'odg',
        'odf',
        'ott',
        'ots',
        'otp',
        'otg',
        'epub',
        'vsdx',
        'jar',
        'apk',
        'xpi',
        '3mf',
        'kmz',
      ],
      ...['pages', 'numbers', 'key', 'sketch', 'usdz', 'cbz', 'ipa', 'whl', 'nupkg'],
    ],
    cfb: ['doc', 'dot', 'xls', 'xlt', 'ppt', 'pot', 'pps', 'msi', 'msg', 'vsd', 'pub', 'mpp'],
    xml: [
      'svg',
      'xhtml',
      'kml',
      'gpx',
      'rss',
      'atom',
      'xsd',
      'xsl',
      'xslt',
      'wsdl',
      'plist',
      'musicxml',
      'dae',
      'fodt',
      'fods',
    ],
    tif: ['dng', 'cr2', 'nef', 'arw', 'orf', 'rw2', 'pef', 'srw', 'tiff'],
    mp4: ['m4a', 'm4v', 'mov', '3gp', '3g2', 'f4v', 'm4b'],
    mov: ['mp4', 'm4v', 'm4a'],
    mkv: ['webm', 'mka', 'mk3d'],
    ogx: ['ogg', 'oga', 'ogv', 'ogm', 'opus'],
    ogg: ['oga', 'opus', 'ogv'],
    asf: ['wma', 'wmv'],
    gz: ['tgz', 'svgz', 'emz'],
    bz2: ['tbz', 'tbz2'],
    xz: ['txz'],
    ps: ['eps', 'ai'],
    pdf: ['ai'],
  }).map(([made, of]) => [made, new Set(of)]),
)

/** A few letters that text may as well begin with. */
const shortSignatures: ReadonlySet<string> = new Set([
  'bmp',
  'exe',
  'mp3',
  'bz2',
  'ps',
  'flv',
  'swf',
  'mpc',
  'gif',
  'ac3',
  'Z',
])

/** UTF-8 without what no text has; a letter may be cut at the end. */
function isText(head: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    // oxlint-disable-next-line no-control-regex -- those are what it looks for.
    return !/[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]/.test(text)
  } catch {
    return false
  }
}
