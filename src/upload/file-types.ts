/**
 * What kinds of files there are. A browser names the type that its system has for the extension: many spellings of one type, sometimes
 * the type of the program that opens the file, and often none at all. What the file is called is all that they agree on.
 */
import mime from 'mime'

/** The extension of a file's name, in lower case and without the dot; empty when it has none, or one that is no word. */
export function extensionOf(name: string): string {
  const bare = bareName(name)
  const extension = bare.slice(bare.lastIndexOf('.') + 1 || bare.length)
  return /^[^/\\\s]{1,32}$/.test(extension) ? extension : ''
}

/** The name in lower case, without the dots and spaces at its end: Windows drops them when it saves the file. */
export function bareName(name: string): string {
  let end = name.length
  while (end > 0 && (name[end - 1] === '.' || name[end - 1] === ' ')) end--
  return name.slice(0, end).toLowerCase()
}

/** A type as a browser writes it: in lower case, without its parameters. */
export function plainType(type: string): string {
  return type.split(';', 1)[0]!.trim().toLowerCase()
}

/** The type that an extension stands for; `undefined` when it is not known. */
export function typeOfExtension(extension: string): string | undefined {
  if (extension === '') return undefined
  return named.get(extension)?.[0] ?? mime.getType(extension) ?? undefined
}

/** Whether a file with this extension may well be of this type, or is given it by a browser. */
export function mayBeOfType(extension: string, type: string): boolean {
  const own = typeOfExtension(extension)
  if (own === undefined) return false
  const spelled = canonical(type)
  return spelled === canonical(own) || (named.get(extension)?.some((other) => canonical(other) === spelled) ?? false)
}

/** Whether names of files tell that they are of this type. */
export function isNamedType(type: string): boolean {
  const spelled = canonical(type)
  return extensions.has(spelled) || mime.getAllExtensions(type) !== null || mime.getAllExtensions(spelled) !== null
}

/** Whether a browser that says this says nothing: it does not know the type. */
export function saysNothing(type: string): boolean {
  return unknownTypes.has(type)
}

/** One spelling for all of a type. In lower case, without parameters. */
export function canonical(type: string): string {
  return spellings.get(type) ?? type
}

/** The extension that a file of this type is given, without the dot; empty when none is known. */
export function extensionFor(type: string): string {
  const spelled = canonical(type)
  return extensions.get(type) ?? extensions.get(spelled) ?? mime.getExtension(type) ?? mime.getExtension(spelled) ?? ''
}

const unknownTypes: ReadonlySet<string> = new Set([
  '',
  'application/octet-stream',
  'application/x-octet-stream',
  'binary/octet-stream',
  'application/binary',
  'application/unknown',
  'application/x-unknown',
  'unknown/unknown',
  'application/download',
  'application/x-download',
  'application/force-download',
])

/**
 * What names say where `mime` says nothing, or something else than people mean. Behind the type stand others that the same name may
 * have: a container's, and those that systems give it after the program that opens it.
 */
const named: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    // Images.
    jfif: ['image/jpeg'],
    pjpeg: ['image/jpeg'],
    pjp: ['image/jpeg'],
    hif: ['image/heic'],
    dib: ['image/bmp'],
    apng: ['image/apng', 'image/png'],
    cr2: ['image/x-canon-cr2', 'image/tiff'],
    cr3: ['image/x-canon-cr3'],
    nef: ['image/x-nikon-nef', 'image/tiff'],
    arw: ['image/x-sony-arw', 'image/tiff'],
    orf: ['image/x-olympus-orf'],
    raf: ['image/x-fuji-raf'],
    rw2: ['image/x-panasonic-rw2'],
    dng: ['image/x-adobe-dng', 'image/tiff'],
    ai: ['application/postscript', 'application/pdf', 'application/illustrator', 'application/vnd.adobe.illustrator'],
    // Sound and video. The containers hold either.
    webm: ['video/webm', 'audio/webm'],
    mp4: ['video/mp4', 'audio/mp4'],
    m4a: ['audio/mp4', 'video/mp4'],
    m4v: ['video/x-m4v', 'video/mp4'],
    ogg: ['audio/ogg', 'video/ogg'],
    mkv: ['video/x-matroska', 'audio/x-matroska'],
    mka: ['audio/x-matroska', 'video/x-matroska'],
    '3gp': ['video/3gpp', 'audio/3gpp'],
    '3g2': ['video/3gpp2', 'audio/3gpp2'],
    opus: ['audio/ogg', 'audio/opus'],
    flac: ['audio/flac'],
    ts: ['video/mp2t', 'application/typescript', 'text/typescript', 'text/x-typescript', 'text/vnd.trolltech.linguist'],
    // Data and text.
    csv: ['text/csv', 'application/vnd.ms-excel', 'text/plain'],
    tsv: ['text/tab-separated-values', 'application/vnd.ms-excel', 'text/plain'],
    md: ['text/markdown', 'text/plain'],
    markdown: ['text/markdown', 'text/plain'],
    rtf: ['application/rtf', 'application/msword'],
    json: ['application/json', 'text/plain'],
    jsonl: ['application/jsonl', 'application/x-ndjson', 'application/json'],
    ndjson: ['application/x-ndjson', 'application/jsonl', 'application/json'],
    geojson: ['application/geo+json', 'application/json'],
    parquet: ['application/vnd.apache.parquet'],
    vcf: ['text/vcard'],
    log: ['text/plain', 'text/x-log'],
    svgz: ['image/svg+xml', 'image/svg+xml-compressed'],
    // Archives.
    tgz: ['application/gzip', 'application/x-compressed', 'application/x-compressed-tar', 'application/x-tgz'],
    rar: ['application/vnd.rar', 'application/x-compressed'],
    '7z': ['application/x-7z-compressed', 'application/x-compressed'],
    zip: ['application/zip', 'application/x-compressed'],
    // Programs, which no picture is called.
    py: ['text/x-python'],
    rb: ['text/x-ruby', 'application/x-ruby'],
    rs: ['text/rust', 'text/x-rust'],
    go: ['text/x-go'],
    tsx: ['text/tsx', 'text/typescript', 'application/typescript'],
    jsx: ['text/jsx', 'text/javascript'],
    pl: ['text/x-perl', 'application/x-perl'],
    cgi: ['application/x-httpd-cgi'],
    phtml: ['application/x-httpd-php'],
    pht: ['application/x-httpd-php'],
    phar: ['application/x-httpd-php'],
    php3: ['application/x-httpd-php'],
    php4: ['application/x-httpd-php'],
    php5: ['application/x-httpd-php'],
    php7: ['application/x-httpd-php'],
    asp: ['application/x-asp'],
    aspx: ['application/x-asp'],
    ashx: ['application/x-asp'],
    jsp: ['application/x-jsp'],
    jspx: ['application/x-jsp'],
    exe: ['application/x-msdownload', 'application/vnd.microsoft.portable-executable', 'application/x-dosexec'],
    dll: ['application/x-msdownload'],
    msi: ['application/x-msi'],
    scr: ['application/x-msdownload'],
    cmd: ['application/x-msdownload'],
    ps1: ['text/x-powershell', 'application/x-powershell'],
    vbs: ['text/vbscript'],
    vbe: ['text/vbscript'],
    wsf: ['text/vbscript'],
    hta: ['application/hta'],
  }),
)

/** The first of each row stands for all of it. */
const spellings: ReadonlyMap<string, string> = new Map(
  [
    ['image/jpeg', 'image/jpg', 'image/pjpeg', 'image/jfif', 'image/x-citrix-jpeg'],
    ['image/png', 'image/x-png', 'image/x-citrix-png'],
    ['image/heic', 'image/heif', 'image/heic-sequence', 'image/heif-sequence', 'image/x-heic', 'image/x-heif'],
    ['image/bmp', 'image/x-bmp', 'image/x-ms-bmp', 'image/x-windows-bmp'],
    ['image/tiff', 'image/tif', 'image/x-tiff', 'image/x-tif'],
    ['image/svg+xml', 'image/svg'],
    ['image/vnd.microsoft.icon', 'image/x-icon', 'image/ico', 'image/icon'],
    [
      'image/vnd.adobe.photoshop',
      'image/x-photoshop',
      'image/photoshop',
      'image/psd',
      'image/x-psd',
      'application/x-photoshop',
      'application/photoshop',
      'application/psd',
    ],
    [
      'audio/mpeg',
      'audio/mp3',
      'audio/x-mp3',
      'audio/mpeg3',
      'audio/x-mpeg-3',
      'audio/x-mpeg',
      'audio/mpg',
      'audio/x-mpg',
    ],
    ['audio/mp4', 'audio/x-m4a', 'audio/m4a', 'audio/x-mp4', 'audio/mp4a-latm'],
    ['audio/wav', 'audio/x-wav', 'audio/wave', 'audio/vnd.wave', 'audio/x-pn-wav'],
    ['audio/aac', 'audio/x-aac', 'audio/aacp', 'audio/vnd.dlna.adts', 'audio/x-hx-aac-adts'],
    ['audio/flac', 'audio/x-flac'],
    ['audio/aiff', 'audio/x-aiff'],
    [
      'audio/ogg',
      'application/ogg',
      'application/x-ogg',
      'audio/x-ogg',
      'audio/vorbis',
      'audio/x-vorbis+ogg',
      'audio/x-opus+ogg',
    ],
    ['audio/midi', 'audio/mid', 'audio/x-midi'],
    ['video/ogg', 'video/x-ogg', 'video/x-theora+ogg', 'video/x-ogm+ogg'],
    ['video/quicktime', 'video/x-quicktime', 'video/mov'],
    ['video/x-matroska', 'video/matroska', 'video/mkv', 'video/x-mkv'],
    ['audio/x-matroska', 'audio/matroska'],
    ['video/x-msvideo', 'video/avi', 'video/msvideo', 'video/vnd.avi'],
    ['video/mpeg', 'video/x-mpeg', 'video/mpg'],
    ['video/mp2t', 'video/vnd.dlna.mpeg-tts', 'video/mpeg2ts'],
    ['video/x-flv', 'video/flv'],
    ['application/zip', 'application/x-zip-compressed', 'application/x-zip', 'application/x-compressed-zip'],
    ['application/gzip', 'application/x-gzip', 'application/x-gunzip', 'application/gzipped'],
    ['application/vnd.rar', 'application/x-rar-compressed', 'application/x-rar', 'application/rar'],
    ['application/x-7z-compressed', 'application/x-7zip-compressed', 'application/x-7zip', 'application/7z'],
    ['application/x-tar', 'application/tar'],
    ['application/pdf', 'application/x-pdf', 'application/acrobat', 'text/pdf'],
    ['application/xml', 'text/xml'],
    ['application/json', 'application/x-json', 'text/json', 'text/x-json'],
    ['application/jsonl', 'application/x-jsonl', 'application/jsonlines', 'application/x-jsonlines'],
    ['application/rtf', 'text/rtf', 'application/x-rtf', 'text/richtext'],
    ['application/sql', 'application/x-sql', 'text/sql', 'text/x-sql'],
    ['application/msword', 'application/vnd.ms-word', 'application/x-msword', 'application/doc'],
    [
      'application/vnd.ms-excel',
      'application/msexcel',
      'application/x-msexcel',
      'application/x-ms-excel',
      'application/x-excel',
      'application/excel',
    ],
    [
      'application/vnd.ms-powerpoint',
      'application/mspowerpoint',
      'application/x-mspowerpoint',
      'application/powerpoint',
    ],
    [
      'text/csv',
      'application/csv',
      'application/x-csv',
      'text/x-csv',
      'text/comma-separated-values',
      'text/x-comma-separated-values',
    ],
    ['text/markdown', 'text/x-markdown', 'text/x-web-markdown'],
    ['text/javascript', 'application/javascript', 'application/x-javascript', 'text/x-javascript'],
    ['text/yaml', 'application/yaml', 'application/x-yaml', 'text/x-yaml', 'text/vnd.yaml'],
    ['text/vcard', 'text/x-vcard', 'text/directory'],
    [
      'text/x-python',
      'text/x-python-script',
      'application/x-python',
      'application/x-python-code',
      'text/x-script.python',
    ],
  ].flatMap(([first, ...others]) => others.map((other) => [other, first!] as const)),
)

/** What files of a type are called, where `mime` has a rarer name first or none. */
const extensions: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'image/jpeg': 'jpg',
    'image/heic': 'heic',
    'audio/webm': 'webm',
    'audio/mpeg': 'mp3',
    'audio/ogg': 'ogg',
    'audio/flac': 'flac',
    'audio/aac': 'aac',
    'audio/aiff': 'aiff',
    'audio/x-matroska': 'mka',
    'video/quicktime': 'mov',
    'text/vcard': 'vcf',
    'text/markdown': 'md',
  }),
)

/**
 * Whether a text is a media type, with parameters or without, to be sent as it is. What stands behind a comma a browser would take for another
 * type, and go by that.
 */
export function isMediaType(text: string): boolean {
  return mediaType.test(text)
}

const mediaType = /^[\w.+-]+\/[\w.+-]+(?:\s*;\s*[\w-]+=(?:[\w.+-]+|"[\x20\x21\x23-\x5b\x5d-\x7e]*"))*$/
