import { describe, expect, it } from 'vitest'
import { isAccepted } from './accept.ts'
import { extensionFor, extensionOf, isMediaType, typeOfExtension } from './file-types.ts'

/**
 * What browsers say of the files that people choose. Where that is from:
 *
 * - Chrome: the tables of Chromium's `net/base/mime_util.cc`. Its first table is the same everywhere; then the system is asked (the
 *   registry, UTIs, shared-mime-info), then its second table; else it says nothing.
 * - Firefox: the tables of `uriloader/exthandler/nsExternalHelperAppService.cpp`, behind what the system says on Windows.
 * - Windows: ZIP pocketbase/pocketbase#7303; CSV as Excel's frappe/frappe-ui#906, with no type zesty-io/manager-ui#49, and as bytes
 *   codice/ddf#6329; Markdown react-dropzone/react-dropzone#1368, epam/ai-dial-chat#5779; Word without Office ElemeFE/element#10813;
 *   PSD without Photoshop oursky/mockuphone.com#61; HEIC immich-app/immich#1235, Altinn/altinn-studio#18989.
 * - Linux: WAV ggml-org/llama.cpp#23754; Office THU-MAIC/OpenMAIC#1498.
 * - M4A of both: TryGhost/Ghost#16301; MP3 of both: verot/class.upload.php#60.
 * - Android: bytes blueimp/jQuery-File-Upload#2278, names without extension MiczFlor/RPi-Jukebox-RFID#311.
 * - iPhones and Macs convert HEIC as `accept` asks for: zenn.dev/kou_pg_0131/articles/safari-input-file-heic.
 */
const sent: readonly {
  readonly from: string
  readonly name: string
  /** What `file.type` is there. */
  readonly types: readonly string[]
  /** Each of them alone takes the file, with each of the types. */
  readonly takenBy: readonly string[]
  /** None of them does. */
  readonly refusedBy?: readonly string[]
}[] = [
  {
    from: 'an iPhone’s photo on Windows, Android and Linux',
    name: 'IMG_0001.HEIC',
    types: ['', 'application/octet-stream', 'image/heic', 'image/heif'],
    takenBy: ['image/*', 'image/heic', '.heic', 'image/heif'],
    refusedBy: ['image/jpeg', '.jpg', 'video/*'],
  },
  {
    from: 'a Samsung’s photo',
    name: '20261127_101010.heif',
    types: ['', 'application/octet-stream', 'image/heif', 'image/heic'],
    takenBy: ['image/*', 'image/heif', '.heif', 'image/heic'],
  },
  {
    from: 'a camera’s photo',
    name: 'DSC_0001.JPG',
    types: ['image/jpeg', '', 'application/octet-stream', 'image/jpg', 'image/pjpeg'],
    takenBy: ['image/*', 'image/jpeg', 'image/jpg', '.jpg', '.jpeg', '.jpe', '.jfif'],
    refusedBy: ['image/png', '.png'],
  },
  {
    from: 'a picture that Windows saved from the web',
    name: 'download.jfif',
    types: ['image/jpeg', '', 'application/octet-stream', 'image/pjpeg'],
    takenBy: ['image/*', 'image/jpeg', '.jfif', '.jpg', '.jpeg', '.jpe'],
  },
  {
    from: 'a scanner',
    name: 'scan.jpe',
    types: ['image/jpeg', ''],
    takenBy: ['image/*', 'image/jpeg', '.jpg', '.jpeg', '.jfif'],
  },
  { from: 'a new format', name: 'a.avif', types: ['image/avif', ''], takenBy: ['image/*', 'image/avif', '.avif'] },
  { from: 'the web', name: 'a.webp', types: ['image/webp', ''], takenBy: ['image/*', 'image/webp', '.webp'] },
  { from: 'a new format', name: 'a.jxl', types: ['image/jxl', ''], takenBy: ['image/*', 'image/jxl', '.jxl'] },
  {
    from: 'a drawing',
    name: 'a.svg',
    types: ['image/svg+xml', ''],
    takenBy: ['image/*', 'image/svg+xml', '.svg'],
    refusedBy: ['image/png', 'text/*'],
  },
  {
    from: 'Photoshop, with and without it',
    name: 'a.psd',
    types: [
      '',
      'image/vnd.adobe.photoshop',
      'application/x-photoshop',
      'image/x-photoshop',
      'application/octet-stream',
      'image/x-psd',
    ],
    takenBy: ['image/*', 'image/vnd.adobe.photoshop', 'application/x-photoshop', '.psd'],
  },
  {
    from: 'Paint',
    name: 'a.bmp',
    types: ['image/bmp', 'image/x-ms-bmp', 'image/x-bmp', ''],
    takenBy: ['image/*', 'image/bmp', '.bmp'],
  },
  { from: 'a scanner', name: 'a.tif', types: ['image/tiff', ''], takenBy: ['image/*', 'image/tiff', '.tif', '.tiff'] },
  {
    from: 'a web site',
    name: 'a.ico',
    types: ['image/x-icon', 'image/vnd.microsoft.icon', ''],
    takenBy: ['image/*', 'image/x-icon', 'image/vnd.microsoft.icon', '.ico'],
  },
  {
    from: 'a camera',
    name: '_MG_0001.CR2',
    types: ['', 'image/x-canon-cr2', 'application/octet-stream', 'image/tiff'],
    takenBy: ['image/*', '.cr2', 'image/x-canon-cr2'],
    refusedBy: ['.jpg', 'image/jpeg'],
  },
  {
    from: 'an iPhone’s film',
    name: 'clip.MOV',
    types: ['video/quicktime', '', 'application/octet-stream'],
    takenBy: ['video/*', 'video/quicktime', '.mov'],
    refusedBy: ['audio/*', 'image/*', 'video/mp4'],
  },
  {
    from: 'a film',
    name: 'a.mkv',
    types: ['', 'video/x-matroska', 'video/matroska', 'application/octet-stream'],
    takenBy: ['video/*', 'video/x-matroska', 'video/matroska', '.mkv'],
  },
  {
    from: 'a film',
    name: 'a.mp4',
    types: ['video/mp4', '', 'application/octet-stream'],
    takenBy: ['video/*', 'video/mp4', '.mp4'],
    refusedBy: ['audio/*'],
  },
  {
    from: 'a shop of films',
    name: 'a.m4v',
    types: ['video/mp4', 'video/x-m4v', ''],
    takenBy: ['video/*', 'video/x-m4v', '.m4v'],
  },
  {
    from: 'an old film',
    name: 'a.avi',
    types: ['video/avi', 'video/x-msvideo', 'video/vnd.avi', 'video/msvideo', ''],
    takenBy: ['video/*', 'video/x-msvideo', '.avi'],
  },
  {
    from: 'Windows’ own film',
    name: 'a.wmv',
    types: ['video/x-ms-wmv', ''],
    takenBy: ['video/*', 'video/x-ms-wmv', '.wmv'],
  },
  { from: 'the web', name: 'a.webm', types: ['video/webm', ''], takenBy: ['video/*', 'video/webm', '.webm'] },
  {
    from: 'a page’s own recorder',
    name: 'voice.webm',
    types: ['audio/webm', 'audio/webm;codecs=opus'],
    takenBy: ['audio/*', 'audio/webm', '.webm'],
  },
  {
    from: 'a phone of old',
    name: 'a.3gp',
    types: ['video/3gpp', '', 'audio/3gpp'],
    takenBy: ['video/*', 'video/3gpp', '.3gp'],
  },
  {
    from: 'music',
    name: 'a.mp3',
    types: ['audio/mpeg', 'audio/mp3', 'audio/x-mpeg-3', 'audio/mpeg3', '', 'application/octet-stream'],
    takenBy: ['audio/*', 'audio/mpeg', 'audio/mp3', '.mp3'],
  },
  {
    from: 'a voice memo',
    name: 'memo.m4a',
    types: ['audio/x-m4a', 'audio/mp4', 'audio/m4a', 'video/mp4', ''],
    takenBy: ['audio/*', 'audio/mp4', 'audio/x-m4a', '.m4a'],
    refusedBy: ['.mp3', 'image/*'],
  },
  {
    from: 'a recording',
    name: 'a.wav',
    types: ['audio/wav', 'audio/x-wav', 'audio/wave', 'audio/vnd.wave', ''],
    takenBy: ['audio/*', 'audio/wav', 'audio/x-wav', 'audio/vnd.wave', '.wav'],
  },
  {
    from: 'music without loss',
    name: 'a.flac',
    types: ['audio/flac', 'audio/x-flac', ''],
    takenBy: ['audio/*', 'audio/flac', 'audio/x-flac', '.flac'],
  },
  {
    from: 'music',
    name: 'a.aac',
    types: ['audio/aac', 'audio/vnd.dlna.adts', 'audio/x-aac', ''],
    takenBy: ['audio/*', 'audio/aac', '.aac'],
  },
  {
    from: 'a podcast, a film to Firefox',
    name: 'a.ogg',
    types: ['audio/ogg', 'video/ogg', 'application/ogg', ''],
    takenBy: ['audio/*', 'audio/ogg', '.ogg'],
  },
  { from: 'a messenger', name: 'a.opus', types: ['audio/ogg', 'audio/opus', ''], takenBy: ['audio/*', '.opus'] },
  {
    from: 'a table, on Windows Excel’s',
    name: 'sheet.CSV',
    types: [
      'text/csv',
      'application/vnd.ms-excel',
      '',
      'application/octet-stream',
      'text/comma-separated-values',
      'text/x-csv',
      'application/csv',
      'text/plain',
    ],
    takenBy: ['text/csv', '.csv', 'text/*'],
    refusedBy: ['.xls', 'application/pdf'],
  },
  {
    from: 'a table of tabs',
    name: 'a.tsv',
    types: ['text/tab-separated-values', '', 'application/vnd.ms-excel'],
    takenBy: ['.tsv', 'text/tab-separated-values'],
  },
  {
    from: 'Word, with and without Office',
    name: 'a.docx',
    types: [
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      '',
      'application/octet-stream',
      'application/vnd.ms-office',
      'application/zip',
    ],
    takenBy: ['.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    refusedBy: ['.doc', '.zip', 'application/zip', '.xlsx'],
  },
  {
    from: 'Excel, with and without Office',
    name: 'a.xlsx',
    types: ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', '', 'application/vnd.ms-office'],
    takenBy: ['.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    refusedBy: ['.xls', '.csv'],
  },
  { from: 'Word of old', name: 'a.doc', types: ['application/msword', ''], takenBy: ['.doc', 'application/msword'] },
  {
    from: 'WordPad',
    name: 'a.rtf',
    types: ['application/msword', 'application/rtf', 'text/rtf', ''],
    takenBy: ['.rtf', 'application/rtf', 'text/rtf'],
  },
  {
    from: 'a document',
    name: 'a.pdf',
    types: ['application/pdf', '', 'application/octet-stream', 'application/x-pdf'],
    takenBy: ['.pdf', 'application/pdf'],
    refusedBy: ['image/*'],
  },
  {
    from: 'an archive, on Windows',
    name: 'a.zip',
    types: [
      'application/x-zip-compressed',
      'application/zip',
      '',
      'application/octet-stream',
      'application/x-zip',
      'application/x-compressed',
    ],
    takenBy: ['.zip', 'application/zip', 'application/x-zip-compressed'],
    refusedBy: ['.docx', '.rar'],
  },
  {
    from: 'an archive',
    name: 'a.rar',
    types: ['', 'application/x-compressed', 'application/vnd.rar', 'application/x-rar-compressed'],
    takenBy: ['.rar', 'application/vnd.rar', 'application/x-rar-compressed'],
  },
  {
    from: 'an archive',
    name: 'a.7z',
    types: ['', 'application/x-7z-compressed', 'application/x-compressed'],
    takenBy: ['.7z', 'application/x-7z-compressed'],
  },
  {
    from: 'a backup',
    name: 'backup.TAR.GZ',
    types: ['application/gzip', 'application/x-gzip', ''],
    takenBy: ['.tar.gz', '.gz', 'application/gzip', 'application/x-gzip'],
  },
  {
    from: 'a backup',
    name: 'backup.tgz',
    types: ['application/x-compressed', 'application/gzip', 'application/x-gzip', 'application/x-compressed-tar', ''],
    takenBy: ['.tgz', 'application/gzip', 'application/x-gzip'],
  },
  {
    from: 'notes',
    name: 'README.md',
    types: ['', 'text/markdown', 'application/octet-stream', 'text/x-markdown', 'text/plain'],
    takenBy: ['.md', 'text/markdown', 'text/*'],
  },
  { from: 'notes', name: 'a.txt', types: ['text/plain', ''], takenBy: ['.txt', 'text/plain', 'text/*'] },
  {
    from: 'data',
    name: 'a.json',
    types: ['application/json', '', 'text/plain'],
    takenBy: ['.json', 'application/json'],
  },
  {
    from: 'data',
    name: 'a.xml',
    types: ['text/xml', 'application/xml', ''],
    takenBy: ['.xml', 'text/xml', 'application/xml'],
  },
  {
    from: 'settings',
    name: 'a.yml',
    types: ['', 'application/x-yaml', 'text/yaml', 'application/yaml'],
    takenBy: ['.yml', '.yaml', 'text/yaml', 'application/yaml'],
  },
  {
    from: 'an address book',
    name: 'a.vcf',
    types: ['text/x-vcard', 'text/vcard', 'text/directory', ''],
    takenBy: ['.vcf', 'text/vcard'],
  },
  { from: 'a calendar', name: 'a.ics', types: ['text/calendar', ''], takenBy: ['.ics', 'text/calendar'] },
  {
    from: 'a program',
    name: 'main.py',
    types: ['', 'text/x-python', 'text/x-python-script', 'text/plain'],
    takenBy: ['.py', 'text/x-python'],
  },
  {
    from: 'a program, a film to macOS',
    name: 'main.ts',
    types: ['video/mp2t', '', 'video/vnd.dlna.mpeg-tts', 'text/vnd.trolltech.linguist', 'application/typescript'],
    takenBy: ['.ts'],
    refusedBy: ['image/*'],
  },
  { from: 'a book', name: 'a.epub', types: ['application/epub+zip', ''], takenBy: ['.epub', 'application/epub+zip'] },
  {
    from: 'a model',
    name: 'a.glb',
    types: ['', 'model/gltf-binary', 'application/octet-stream'],
    takenBy: ['.glb', 'model/gltf-binary', 'model/*'],
  },
  { from: 'a font', name: 'a.woff2', types: ['font/woff2', ''], takenBy: ['.woff2', 'font/*'] },
  {
    from: 'Android’s picker, which keeps the extension to itself',
    name: 'image:1641',
    types: ['image/jpeg'],
    takenBy: ['image/*', 'image/jpeg', '.jpg', '.jpeg', '.jfif'],
    refusedBy: ['.png', 'video/*'],
  },
  {
    from: 'Android’s picker of sound',
    name: 'My song',
    types: ['audio/mpeg', 'audio/mp3'],
    takenBy: ['audio/*', 'audio/mpeg', '.mp3'],
  },
  {
    from: 'a program in disguise',
    name: 'bill.pdf.exe',
    types: ['application/x-msdownload', '', 'application/octet-stream', 'application/pdf'],
    takenBy: ['.exe'],
    refusedBy: ['.pdf', 'application/pdf', 'image/*'],
  },
  {
    from: 'a name that is an extension',
    name: 'pdf',
    types: [''],
    takenBy: [],
    refusedBy: ['.pdf', 'application/pdf'],
  },
]

describe('what browsers say of a file', () => {
  const rows = sent.flatMap(({ from, name, types, takenBy, refusedBy = [] }) =>
    types.map((type) => ({ from, name, type, takenBy, refusedBy })),
  )

  it.each(rows)('$from: $name as “$type”', ({ name, type, takenBy, refusedBy }) => {
    expect(takenBy.filter((pattern) => !isAccepted([pattern], name, type))).toEqual([])
    expect(refusedBy.filter((pattern) => isAccepted([pattern], name, type))).toEqual([])
  })
})

describe('the name of a type', () => {
  it.each([
    ['audio/webm', 'webm'],
    ['video/webm', 'webm'],
    ['audio/mp4', 'm4a'],
    ['audio/x-m4a', 'm4a'],
    ['video/mp4', 'mp4'],
    ['video/x-matroska', 'mkv'],
    ['audio/ogg', 'ogg'],
    ['audio/mpeg', 'mp3'],
    ['audio/mp3', 'mp3'],
    ['audio/wav', 'wav'],
    ['image/jpeg', 'jpg'],
    ['image/png', 'png'],
    ['image/webp', 'webp'],
    ['application/pdf', 'pdf'],
    ['text/plain', 'txt'],
    ['text/csv', 'csv'],
    ['application/json', 'json'],
    ['image/unheard-of', ''],
    ['', ''],
  ])('of %s is “%s”', (type, extension) => {
    expect(extensionFor(type)).toBe(extension)
    // A file that is given that name is taken by whoever takes the type.
    if (extension !== '') expect(isAccepted([type], `blob.${extension}`, type)).toBe(true)
  })
})

it.each([
  ['a.JPG', 'jpg'],
  ['a.tar.gz', 'gz'],
  ['.htaccess', 'htaccess'],
  ['a.', ''],
  ['a', ''],
  ['', ''],
  ['a.b c', ''],
  ['a.png/../b', ''],
])('the extension of “%s” is “%s”', (name, extension) => {
  expect(extensionOf(name)).toBe(extension)
})

it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('%s is no known extension', (extension) => {
  expect(typeOfExtension(extension)).toBeUndefined()
})

describe('a media type', () => {
  it.each([
    ['image/png', true],
    ['text/plain; charset=utf-8', true],
    ['multipart/form-data; boundary="a b,c"', true],
    ['image/svg+xml', true],
    // A browser would take it for the second.
    ['image/png;,text/html', false],
    ['image/png, text/html', false],
    ['image/png; a=b, text/html', false],
    ['image/png; a="b\nc"', false],
    ['image', false],
    ['', false],
  ])('%j: %s', (text, is) => {
    expect(isMediaType(text)).toBe(is)
  })
})
