const encoder = new TextEncoder()
/** Written over again and again: only how much it takes is of interest. */
const scratch = new Uint8Array(16 * 1024)

/** The bytes of a text as UTF-8, without making them: a small array costs twenty times the counting, and a large one its memory. */
export function utf8Size(text: string): number {
  let size = 0
  for (let at = 0; at < text.length;) {
    // It ends before a character that has no room, never within one.
    const { read, written } = encoder.encodeInto(at === 0 ? text : text.slice(at), scratch)
    at += read
    size += written
  }
  return size
}
