/** What tells a file from others of its name, size and date, without reading all of a large one. */
import { markedPieces, markedWhole } from '../protocol/s3-uploads.ts'
import { toText } from './base64url.ts'

/** `null` where the browser cannot say: on a page that is not secure, or of a file that cannot be read. */
export async function markOf(file: Blob, size: number): Promise<string | null> {
  try {
    const pieces: Blob[] = []
    const length = markedWhole / markedPieces
    if (size <= markedWhole) pieces.push(file)
    else {
      for (let at = 0; at < markedPieces; at++) {
        const from = Math.floor(((size - length) * at) / (markedPieces - 1))
        pieces.push(file.slice(from, from + length))
      }
    }
    return toText(await crypto.subtle.digest('SHA-256', await new Blob(pieces).arrayBuffer()))
  } catch {
    return null
  }
}
