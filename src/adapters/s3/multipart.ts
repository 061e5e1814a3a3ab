/**
 * Writes one object of unknown length: at once when it is small, else in parts, a few of them at the same time. No more than those parts is held in
 * memory.
 */
import type { ListedPart, S3Object, UploadedPart } from './objects.ts'

export interface MultipartOptions {
  /** Bytes of each part but the last: 5 MiB at least, which is S3's rule. */
  readonly partSize: number
  /** How many parts are held at most, on their way or being filled. */
  readonly parallel: number
  /** Bytes that are expected: so much memory is taken at once, up to a part. */
  readonly size: number
  /** Of the object. */
  readonly headers: Readonly<Record<string, string>>
  /** What another process has begun: all of its parts but for the last have one size. */
  readonly begun?: { readonly id: string; readonly parts: readonly ListedPart[] } | undefined
  /** Awaited before the first part is sent. */
  onBegun?(id: string): Promise<void>
}

export class MultipartUpload {
  readonly #object: S3Object
  readonly #options: MultipartOptions
  readonly #stop = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #parts: UploadedPart[] = []
  #begun: Promise<string> | undefined
  #part: Buffer
  /** Of a part that has been sent. */
  #spare: Buffer | undefined
  #filled = 0
  #numbers = 0
  #received = 0
  #failure: { readonly error: unknown } | undefined
  #mayBeStored = false

  constructor(object: S3Object, options: MultipartOptions) {
    this.#object = object
    this.#options = options
    const { begun } = options
    if (begun !== undefined) {
      this.#begun = Promise.resolve(begun.id)
      this.#parts.push(...begun.parts)
      this.#numbers = begun.parts.length
      this.#received = begun.parts.reduce((sum, { size }) => sum + size, 0)
    }
    this.#part = this.#memory()
  }

  /** Bytes that were written. */
  get received(): number {
    return this.#received
  }

  /** Settles when there is room for more. */
  async write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      this.#assertSound()
      if (this.#filled === this.#part.length) await this.#makeRoom()
      const bytes = Math.min(chunk.length - at, this.#part.length - this.#filled)
      this.#part.set(chunk.subarray(at, at + bytes), this.#filled)
      this.#filled += bytes
      this.#received += bytes
      at += bytes
    }
  }

  /** All has come. Resolves to the object's ETag when it is stored. */
  async end(): Promise<string> {
    try {
      this.#assertSound()
      if (this.#begun === undefined) {
        this.#mayBeStored = true
        return await this.#object.put(this.#filledPart(), this.#options.headers, this.#stop.signal)
      }
      if (this.#filled > 0) await this.#send()
      await Promise.all(this.#running)
      this.#assertSound()
      const id = await this.#begun
      this.#mayBeStored = true
      return await this.#object.complete(id, this.#parts, this.#received, this.#stop.signal)
    } catch (error) {
      // Why it failed matters more than that its parts could not be deleted either.
      await this.abort().catch(() => {})
      throw error
    }
  }

  /** Ends the requests that run, and deletes what has come. */
  async abort(): Promise<void> {
    this.#stop.abort()
    await Promise.allSettled(this.#running)
    const id = await this.#begun?.catch(() => undefined)
    if (id !== undefined) await this.#object.abort(id)
    if (this.#mayBeStored) await this.delete()
  }

  /** Lets the parts on their way come to their end: another process goes on behind them. */
  async pause(): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  /** What was stored is not wanted after all. */
  async delete(): Promise<void> {
    if (!this.#mayBeStored) return
    this.#mayBeStored = false
    await this.#object.delete()
  }

  #memory(): Buffer {
    const { size, partSize } = this.#options
    const expected = size - this.#received
    const spare = this.#spare
    this.#spare = undefined
    if (spare?.length === partSize) return spare
    return Buffer.allocUnsafe(expected > 0 ? Math.min(expected, partSize) : partSize)
  }

  async #makeRoom(): Promise<void> {
    const { partSize } = this.#options
    // More came than was expected, as behind a transform: all parts but the last have one size.
    if (this.#part.length < partSize) {
      const larger = Buffer.allocUnsafe(partSize)
      this.#part.copy(larger)
      this.#part = larger
      return
    }
    await this.#send()
  }

  async #send(): Promise<void> {
    this.#assertSound()
    const id = await (this.#begun ??= this.#begin())
    const [memory, body] = [this.#part, this.#filledPart()]
    const sending: Promise<void> = this.#object
      .putPart(id, ++this.#numbers, body, this.#stop.signal)
      .then(
        (part) => void this.#parts.push(part),
        (error: unknown) => void (this.#failure ??= { error }),
      )
      .finally(() => {
        this.#running.delete(sending)
        this.#spare = memory
      })
    this.#running.add(sending)
    // Another one may be through by then, and its memory be of use.
    if (this.#running.size >= this.#options.parallel) await Promise.race(this.#running)
    this.#part = this.#memory()
    this.#filled = 0
  }

  async #begin(): Promise<string> {
    const id = await this.#object.begin(this.#options.headers, this.#stop.signal)
    try {
      await this.#options.onBegun?.(id)
      return id
    } catch (error) {
      await this.#object.abort(id).catch(() => {})
      throw error
    }
  }

  #filledPart(): Uint8Array {
    return this.#part.subarray(0, this.#filled)
  }

  /** A part that failed is told with the next bytes. */
  #assertSound(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}
