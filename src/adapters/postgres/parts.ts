/**
 * `NOTIFY` has room for 7,999 bytes: a payload that is longer goes in parts, in one statement, which the server keeps together. All of it is
 * ASCII, so that a character is a byte whatever the database's encoding.
 */
const maxPart = 7999
/** `12/34 …` in front of the text of a part, with room to spare. */
const headRoom = 60
const whole = '.'
/** Of what is no larger, every character may take three times its bytes, and no more than 9,999 parts. */
export const maxPayload: number = 16 * 1024 * 1024

/** `id`: tells the payload from others. */
export function toParts(id: string, payload: string): readonly string[] {
  const text = payload.replaceAll(/[^\n -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  if (text.length + whole.length <= maxPart) return [whole + text]
  const size = maxPart - headRoom
  const count = Math.ceil(text.length / size)
  return Array.from({ length: count }, (_, at) => `${at}/${count} ${id} ${text.slice(at * size, (at + 1) * size)}`)
}

/** Puts parts together. They come one behind the other, and never mixed. */
export class Parts {
  #id = ''
  #count = 0
  #texts: string[] = []

  /** The payload, when this was the last of its parts; `undefined` when more must come. What is no part of ours is given back as it is. */
  add(part: string): string | undefined {
    if (part.startsWith(whole)) return part.slice(whole.length)
    const head = /^(\d{1,4})\/(\d{1,4}) (\S{1,40}) /.exec(part)
    if (head === null) return part
    const [at, count, id] = [Number(head[1]), Number(head[2]), head[3]!]
    if (at === 0) this.#begin(id, count)
    // The beginning was missed.
    else if (id !== this.#id || count !== this.#count || at !== this.#texts.length) return undefined
    this.#texts.push(part.slice(head[0].length))
    if (this.#texts.length < this.#count) return undefined
    const payload = this.#texts.join('')
    this.clear()
    return payload
  }

  clear(): void {
    this.#begin('', 0)
  }

  #begin(id: string, count: number): void {
    this.#id = id
    this.#count = count
    this.#texts = []
  }
}
