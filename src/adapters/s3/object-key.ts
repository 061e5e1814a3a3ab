import { describe, LiveError } from '../../errors.ts'

/** @throws {LiveError} `ERR_UPLOAD_WRITER` for what an option `key` gave that cannot be the name of an object. */
export function readKey(where: string, key: unknown): string {
  if (typeof key === 'string' && isKey(key)) return key
  throw new LiveError(
    'ERR_UPLOAD_WRITER',
    `${where}: key must give a text of 1 to 1,024 bytes without . or .. between slashes, got ${describe(key)}`,
  )
}

/** No part of it may be one that addresses leave out. */
function isKey(key: string): boolean {
  const bytes = Buffer.byteLength(key)
  return (
    bytes > 0 &&
    bytes <= 1024 &&
    !/\p{Surrogate}/u.test(key) &&
    !key.split('/').some((part) => part === '.' || part === '..')
  )
}
