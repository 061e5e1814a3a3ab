import { createHash, randomBytes } from 'node:crypto'

/** A file for a file input, as Playwright takes it. */
export interface ChosenFile {
  readonly name: string
  readonly mimeType: string
  readonly buffer: Buffer
}

/** A picture of one dot. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** A PNG of any size: what follows its end is not looked at. No two have the same bytes. */
export function photo(name: string, size = 20_000): ChosenFile {
  return { name, mimeType: 'image/png', buffer: Buffer.concat([png, randomBytes(size - png.length)]) }
}

export function text(name: string, content = `${name}: ${randomBytes(20).toString('hex')}`): ChosenFile {
  return { name, mimeType: 'text/plain', buffer: Buffer.from(content) }
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The hash of each file by its name. */
export function hashes(files: readonly ChosenFile[]): Readonly<Record<string, string>> {
  return Object.fromEntries(files.map(({ name, buffer }) => [name, sha256(buffer)]))
}
