/** What runs beside the entries of a view's uploads, by uuid, and how each of them lets go of what it has. */
import type { UploadEntry } from './entry.ts'
import { createRun, type EntryRun, type Holder } from './entry-run.ts'
import type { UploadError } from './errors.ts'
import type { UploadHost } from './host.ts'

type OfEntry = Pick<UploadEntry, 'uuid'>

export class EntryRuns {
  readonly #host: Pick<UploadHost, 'files' | 'background' | 'report'>
  readonly #runs = new Map<string, EntryRun>()

  constructor(host: Pick<UploadHost, 'files' | 'background' | 'report'>) {
    this.#host = host
  }

  get size(): number {
    return this.#runs.size
  }

  /** Bytes of the entries that have come. */
  get received(): number {
    let bytes = 0
    for (const { receiver } of this.#runs.values()) bytes += receiver?.received ?? 0
    return bytes
  }

  get(uuid: string): EntryRun | undefined {
    return this.#runs.get(uuid)
  }

  /** That of the entry, which begins with this when there was none. */
  of({ uuid }: OfEntry): EntryRun {
    return this.#runs.get(uuid) ?? this.begin(uuid)
  }

  /** Another one takes its place. */
  begin(uuid: string): EntryRun {
    const run = createRun(this.#host.files)
    this.#runs.set(uuid, run)
    return run
  }

  /** The same work, which never rejects. */
  inBackground(work: Promise<void>): Promise<void> {
    const reported = work.catch((error: unknown) => this.#host.report(error))
    this.#host.background(reported)
    return reported
  }

  /** Nothing carries its bytes any more; what has come is set aside, for whoever takes the entry up again. */
  takeBack(run: EntryRun, receiver: Holder): void {
    run.carrier = run.receiver = undefined
    // Where it is kept another receiver goes on with it.
    run.returning = this.inBackground(run.kept === undefined ? receiver.release('cancel') : receiver.pause())
  }

  /** Lets an entry go that has left the state. */
  async drop({ uuid }: OfEntry): Promise<void> {
    const run = this.#runs.get(uuid)
    if (run === undefined) return
    this.#runs.delete(uuid)
    run.scan?.abort()
    run.pass?.end()
    run.shelved?.remove()
    if (run.receiver === undefined) return run.kept?.remove()
    // An entry that failed was told so, and has let go of its bytes.
    if (!run.receiver.live) return
    run.carrier!.close()
    await this.release(run, 'cancel')
  }

  /** Leaves its file to the next view. False when nothing is kept of it. */
  leave({ uuid }: OfEntry): boolean {
    const run = this.#runs.get(uuid)
    if (run?.kept === undefined) return false
    this.#runs.delete(uuid)
    run.scan?.abort()
    run.pass?.end()
    run.carrier?.close()
    run.shelved?.remove()
    void this.inBackground(run.receiver?.leave(run.claim) ?? run.kept.leave())
    return true
  }

  /** The view has taken it. */
  consumed({ uuid }: OfEntry, run: EntryRun): Promise<void> {
    this.#runs.delete(uuid)
    run.carrier!.close()
    run.shelved?.remove()
    return this.inBackground(run.receiver!.release('consumed'))
  }

  async release(run: EntryRun, outcome: 'cancel' | { readonly error: UploadError }): Promise<void> {
    run.scan?.abort()
    await run.claim
    await run.receiver?.release(run.consumed ? 'consumed' : outcome)
  }
}
