/** What a stored file is served as: its type by its name, and whether a browser may show it in its window. */
import { extensionOf, typeOfExtension } from '../../upload/file-types.ts'

/** How a file is handed over. */
export interface Served {
  /** As a header has it. */
  readonly type: string
  readonly disposition: 'inline' | 'attachment'
  /** The policy that takes from it what it could run; `undefined` where nothing runs. */
  readonly policy: string | undefined
}

export const dispositions = ['inline', 'attachment'] as const

/**
 * Nothing in such a file runs: not if its bytes are something else either, since the browser is told to believe the type. All others are
 * downloads.
 */
const inert: ReadonlySet<string> = new Set([
  'image/png',
  'image/apng',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
  'image/jxl',
  'image/heic',
  'image/heif',
  'image/bmp',
  'image/tiff',
  'image/vnd.microsoft.icon',
  'text/plain',
])

/** The viewers of browsers keep what is in it apart from the page; under a policy they show nothing. */
const viewed = 'application/pdf'

/**
 * A page or a drawing that is shown all the same: its origin is none, and no script runs in it. Browsers heed it for documents alone; an
 * `<img>` shows a drawing without.
 */
const sandbox = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'"

/** `names`: what it may be called, the most trusted first. `disposition`: what the program wants. */
export function servedAs(
  names: readonly string[],
  type: string | undefined,
  disposition: Served['disposition'] | undefined,
): Served {
  const plain = type?.split(';', 1)[0]!.trim().toLowerCase() ?? typeOf(names)
  const isInert = inert.has(plain) || plain.startsWith('audio/') || plain.startsWith('video/')
  return {
    type: type ?? (plain.startsWith('text/') ? `${plain}; charset=utf-8` : plain),
    disposition: disposition ?? (isInert ? 'inline' : 'attachment'),
    policy: isInert || plain === viewed ? undefined : sandbox,
  }
}

function typeOf(names: readonly string[]): string {
  for (const name of names) {
    const type = typeOfExtension(extensionOf(name))
    if (type !== undefined) return type
  }
  return 'application/octet-stream'
}
