import type { UploadEntry } from './entry.ts'
import { extensionOf, plainType, typeOfExtension } from './file-types.ts'

/** What people take a file for. More may be added: give a `switch` a `default`. */
export type FileKind =
  | 'image'
  | 'video'
  | 'audio'
  | 'pdf'
  | 'document'
  | 'spreadsheet'
  | 'presentation'
  | 'archive'
  | 'code'
  | 'text'
  | 'file'

/** What of a file its kind is told by. Both are the browser's claims. */
export type NamedFile = Pick<UploadEntry, 'clientName' | 'clientType'>

/** What a file is by its name, or, where that says nothing, by its type; `file` where neither does. A claim, as these are: for icons and words. */
export function fileKind({ clientName, clientType }: NamedFile): FileKind {
  const extension = extensionOf(clientName)
  const known = byExtension.get(extension)
  if (known !== undefined) return known
  const type = typeOfExtension(extension) ?? plainType(clientType)
  const [, kind] = byType.find(([pattern]) => pattern.test(type)) ?? []
  return kind ?? 'file'
}

/** Whether browsers show it in an `<img>`. */
export function isShownByBrowsers({ clientName, clientType }: NamedFile): boolean {
  return shown.test(typeOfExtension(extensionOf(clientName)) ?? plainType(clientType))
}

const shown = /^image\/(?:jpeg|png|apng|gif|webp|avif|svg\+xml|bmp|x-ms-bmp|x-icon|vnd\.microsoft\.icon)$/

/** Where the type says something else, or too little. */
const byExtension: ReadonlyMap<string, FileKind> = new Map(
  Object.entries({
    code: 'c cc cpp cs css go h html java js json jsx kt lua mjs php pl py rb rs sh sql swift toml ts tsx vue xml yaml yml',
    spreadsheet: 'csv tsv numbers',
    document: 'pages',
    presentation: 'key',
  } satisfies Partial<Record<FileKind, string>>).flatMap(([kind, extensions]) =>
    extensions.split(' ').map((extension) => [extension, kind as FileKind] as const),
  ),
)

/** The first that fits. */
const byType: readonly (readonly [pattern: RegExp, kind: FileKind])[] = [
  [/^image\//, 'image'],
  [/^video\//, 'video'],
  [/^audio\//, 'audio'],
  [/^application\/pdf$/, 'pdf'],
  [/spreadsheet|excel|csv/, 'spreadsheet'],
  [/presentation|powerpoint/, 'presentation'],
  [/word|opendocument\.text|\brtf$|epub/, 'document'],
  [/zip|compressed|\btar$|x-tar|rar|gzip|bzip|x-xz|zstd/, 'archive'],
  [/javascript|json|xml|^text\/(?:html|css)$/, 'code'],
  [/^text\//, 'text'],
]
