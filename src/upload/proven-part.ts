/** Keeps a part apart until its digest has proven it: of what was changed on the way nothing is ever written. */
import { createDigest, type DigestAlgorithm } from '../token/digest.ts'

/** Bytes of a part that is kept, at most. */
export const largestProven: number = 4 * 1024 * 1024

/** What a request says of its bytes. */
export interface PartProof {
  readonly algorithm: DigestAlgorithm
  readonly digest: Uint8Array
  /** So many more bytes are kept, until the request is through; `false` when the process has no room for them. */
  hold(bytes: number): boolean
}

/** `too_large`: to be kept. `too_long`: for the file. `broken`: no more came of it, and all of it is lost. */
export type Unproven = 'mismatch' | 'too_large' | 'too_long' | 'no_room' | 'broken'

/** The pieces of a part that is what it has to be. `more`: its next pieces. `missing`: bytes that the file still lacks. */
export async function keepApart(
  more: () => Promise<readonly Uint8Array[] | 'end' | undefined>,
  { algorithm, digest: expected, hold }: PartProof,
  missing: number,
): Promise<Unproven | Uint8Array[]> {
  const pieces: Uint8Array[] = []
  const digest = createDigest(algorithm)
  let kept = 0
  for (;;) {
    const next = await more()
    if (next === undefined) return 'broken'
    if (next === 'end') break
    for (const piece of next) {
      kept += piece.length
      if (kept > missing) return 'too_long'
      if (kept > largestProven) return 'too_large'
      if (!hold(piece.length)) return 'no_room'
      pieces.push(piece)
      digest.add(piece)
    }
  }
  return digest.bytes().every((byte, at) => byte === expected[at]) ? pieces : 'mismatch'
}
