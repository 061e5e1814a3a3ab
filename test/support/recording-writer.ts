import type { TempFileMeta, UploadWriter } from '../../src/upload/writer.ts'

type Call = 'write' | 'close' | 'dispose'

/** A writer in memory that writes down what was asked of it, and every breach of the writer's contract by its caller. */
export class RecordingWriter implements UploadWriter<TempFileMeta> {
  readonly calls: string[] = []
  readonly faults: string[] = []
  readonly #chunks: Uint8Array[] = []
  readonly #failures: Partial<Record<Call, Error>>
  #running: Call | undefined
  #held: (() => void) | undefined
  #holding: readonly Call[] = []

  /** `failures`: what calls are to fail with. */
  constructor(failures: Partial<Record<Call, Error>> = {}) {
    this.#failures = failures
  }

  get bytes(): number[] {
    return this.#chunks.flatMap((chunk) => [...chunk])
  }

  /** Makes calls, or those of one kind, wait until {@link letGo}. */
  hold(...kinds: readonly Call[]): void {
    this.#holding = kinds.length > 0 ? kinds : ['write', 'close', 'dispose']
  }

  letGo(): void {
    this.#holding = []
    this.#held?.()
  }

  write(chunk: Uint8Array): Promise<void> {
    if (this.calls.some((call) => call.startsWith('close'))) this.faults.push('write after close')
    // A copy: the bytes are a view on a frame that is not the writer's.
    this.#chunks.push(chunk.slice())
    return this.#call('write', 'write')
  }

  close(reason: 'done' | 'cancel' | { readonly error: unknown }): Promise<void> {
    if (this.calls.some((call) => call.startsWith('close'))) this.faults.push('a second close')
    return this.#call('close', `close ${typeof reason === 'string' ? reason : 'error'}`)
  }

  dispose(outcome: 'consumed' | 'dropped'): Promise<void> {
    if (!this.calls.some((call) => call.startsWith('close'))) this.faults.push('dispose before close')
    if (this.calls.some((call) => call.startsWith('dispose'))) this.faults.push('a second dispose')
    return this.#call('dispose', `dispose ${outcome}`)
  }

  meta(): TempFileMeta {
    return { path: '/recorded' }
  }

  async #call(kind: Call, call: string): Promise<void> {
    if (this.#running !== undefined) this.faults.push(`${kind} while ${this.#running} runs`)
    this.calls.push(call)
    this.#running = kind
    try {
      if (this.#holding.includes(kind)) await new Promise<void>((resolve) => (this.#held = resolve))
      const failure = this.#failures[kind]
      if (failure !== undefined) throw failure
    } finally {
      this.#running = undefined
    }
  }
}
