import { randomBytes } from 'node:crypto'

/** A call of the system for each few bytes would cost more than all else that a page needs them for. */
const poolSize = 4096
let pool = new Uint8Array()
let used = 0

/** `bytes` of randomness as base64url; `bytes` is a multiple of three, so that no bit is left over. At most 4,096. */
export function randomText(bytes: number): string {
  if (used + bytes > pool.length) {
    pool = randomBytes(poolSize)
    used = 0
  }
  let binary = ''
  for (const end = used + bytes; used < end; used++) {
    binary += String.fromCharCode(pool[used]!)
    // Nobody who reads this memory later learns what was given out.
    pool[used] = 0
  }
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_')
}
