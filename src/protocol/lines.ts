const newline = 0x0a

/** Cuts a stream of bytes into lines, and holds no more of it than one line may be long. */
export class LineSplitter {
  readonly #maxLength: number
  /** The begun line: a list of the pieces would cost a hundred times their bytes when a sender makes each of one byte. */
  #begun = new Uint8Array()
  #length = 0

  constructor(maxLength: number) {
    this.#maxLength = maxLength
  }

  /** Bytes that the begun line takes. */
  get held(): number {
    return this.#begun.length
  }

  /** The lines that `bytes` ends, without their ends; `undefined` when a line is too long. */
  push(bytes: Uint8Array): readonly Uint8Array[] | undefined {
    const lines: Uint8Array[] = []
    let from = 0
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
      const part = bytes.subarray(from, end)
      if (this.#length + part.length > this.#maxLength) return undefined
      if (this.#length === 0) lines.push(part)
      else {
        this.keep(part)
        lines.push(this.end())
      }
      from = end + 1
    }
    return this.keep(bytes.subarray(from)) ? lines : undefined
  }

  /** Adds to the begun line, whatever `part` holds. False when that makes it too long. */
  keep(part: Uint8Array): boolean {
    const length = this.#length + part.length
    if (length > this.#maxLength) return false
    if (length > this.#begun.length) {
      const larger = new Uint8Array(Math.min(Math.max(length, this.#begun.length * 2), this.#maxLength))
      larger.set(this.#begun.subarray(0, this.#length))
      this.#begun = larger
    }
    this.#begun.set(part, this.#length)
    this.#length = length
    return true
  }

  /** What is left at the end of the stream. */
  end(): Uint8Array {
    const line = this.#begun.subarray(0, this.#length)
    this.#begun = new Uint8Array()
    this.#length = 0
    return line
  }
}
