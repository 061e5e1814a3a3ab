/** Looks at a file while it comes: what it is by its first bytes, and how large an image it is, before more of it is written. */
import { ownText } from '../protocol/own-text.ts'
import { clock } from '../telemetry/measure.ts'
import { type UploadError, uploadError } from './errors.ts'
import { type ImageFacts, readImageHeader } from './image-header.ts'
import { type ImageLimits, refusalOfImage } from './image-limits.ts'
import { Probing } from './probing.ts'
import { type ClaimedFile, isAcceptedAs, readHead, type Sniffer } from './sniffing.ts'

export interface HeadCheckOptions {
  readonly claimed: ClaimedFile
  readonly accept: readonly string[]
  /** Absent: it is not asked what the file is. */
  readonly sniffer?: (() => Promise<Sniffer>) | undefined
  /** Absent: it may be no image. */
  readonly image?: ImageLimits | undefined
  /** So many ms it took to say what the file is. */
  onSniffed?: ((ms: number) => void) | undefined
  /** It is an image of that size, which fits. */
  onImage(facts: ImageFacts): void
}

const mostKept = 255

export class HeadCheck {
  readonly #options: HeadCheckOptions
  #head: Probing<Uint8Array> | undefined
  #image: Probing<ImageFacts | undefined> | undefined

  constructor(options: HeadCheckOptions) {
    this.#options = options
    if (options.sniffer !== undefined) this.#head = new Probing(readHead())
    if (options.image !== undefined) this.#image = new Probing(readImageHeader())
  }

  /** Nothing more has to be seen of the file. */
  get isOver(): boolean {
    return this.#head === undefined && this.#image === undefined
  }

  /** The bytes of the file from `at` on, which follow those before. `ends`: they are the last. Gives back why the file is refused. */
  async look(bytes: readonly Uint8Array[], at: number, ends: boolean): Promise<UploadError | undefined> {
    for (const probing of [this.#head, this.#image]) {
      let from = at
      for (const piece of bytes) {
        probing?.feed(piece, from)
        from += piece.length
      }
      if (ends) probing?.end()
    }
    if (this.#head?.isOver === true) {
      const head = this.#head.answer!
      this.#head = undefined
      const error = await this.#sniff(head)
      if (error !== undefined) return error
    }
    if (this.#image?.isOver !== true) return undefined
    const { answer } = this.#image
    this.#image = undefined
    const error = refusalOfImage(this.#options.image!, answer)
    if (error === undefined) this.#options.onImage(answer!)
    return error
  }

  async #sniff(head: Uint8Array): Promise<UploadError | undefined> {
    const { accept, claimed, sniffer } = this.#options
    const startedAt = clock()
    const known = await sniffer!()
    const detected = await known.detect(head)
    this.#options.onSniffed?.(clock() - startedAt)
    if (isAcceptedAs(accept, claimed, detected, { head, extensions: known.extensions })) return undefined
    const { clientName, clientType } = claimed
    return uploadError('not_accepted', {
      clientName,
      clientType,
      accept,
      detected: ownText(detected?.mime ?? '', mostKept),
    })
  }
}
