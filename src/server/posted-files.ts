/**
 * The files of a form that came over HTTP. How large one is is known at its end, so each is put aside first. Once all of the form is there
 * they are chosen, given leave and sent through a channel, as by a page: the same rules, the same writers.
 */
import { messageOf } from '../errors.ts'
import type { Part } from '../live/part.ts'
import { runSteps, type Steps } from '../live/steps.ts'
import type { FileClaim } from '../protocol/payloads.ts'
import { mostRefused } from '../protocol/upload-choice.ts'
import { isAccepted } from '../upload/accept.ts'
import type { UploadOutlet } from '../upload/channel.ts'
import type { UploadConfig, UploadEntry } from '../upload/entry.ts'
import { uploadError } from '../upload/errors.ts'
import type { MultipartFile, Spool } from './multipart.ts'

export interface PostedFilesHost {
  openSpool(): Promise<Spool>
  /** Runs a `progress` of the view. */
  progress(work: () => Steps<void>): Promise<void>
  report(error: unknown): void
}

/** What is wrong with a file, and was seen only once its bytes came. */
const isOfUser: ReadonlySet<string> = new Set([
  'not_accepted',
  'not_an_image',
  'image_dimensions',
  'rejected',
  'external_client_failure',
])
/** Nobody but the browser's script sends a file elsewhere. */
const withoutScript = 'its form came without JavaScript'

interface Chosen {
  readonly claim: FileClaim
  /** `undefined` when no byte is kept: it is empty, or will be refused. */
  readonly spool: Spool | undefined
  /** It could not be put aside. */
  readonly failure: unknown
}

export class PostedFiles {
  readonly #part: Part
  readonly #host: PostedFilesHost
  readonly #chosen = new Map<string, Chosen[]>()
  #refs = 0
  /** One of them will be refused, and the others with it. */
  #refused = false

  constructor(part: Part, host: PostedFilesHost) {
    this.#part = part
    this.#host = host
  }

  /** Bytes of files that the form may bring. */
  get room(): number {
    return Object.values(this.#configs).reduce((sum, { name, maxEntries, maxFileSize }) => {
      const { maxTotalSize, external } = this.#part.uploads!.limitsOf(name)
      return external === undefined ? sum + Math.min(maxEntries * maxFileSize, maxTotalSize) : sum
    }, 0)
  }

  /** That the form is refused is certain already, and its page can say why. */
  get refused(): boolean {
    return this.#refused
  }

  get #configs(): Readonly<Record<string, UploadConfig>> {
    return this.#part.uploadConfigs
  }

  /** Takes in one. An input of no upload is passed over, and one in which nothing was chosen. */
  async take({ field, fileName, type, bytes }: MultipartFile): Promise<void> {
    const config = Object.hasOwn(this.#configs, field) ? this.#configs[field] : undefined
    if (config === undefined || fileName === '') return
    const files = this.#chosen.get(field) ?? []
    this.#chosen.set(field, files)
    const { maxEntries, accept, autoUpload } = config
    if (files.length >= maxEntries + mostRefused(maxEntries)) return
    const { name, relativePath } = readFileName(fileName)
    const { maxTotalSize, external } = this.#part.uploads!.limitsOf(field)
    const before = files.reduce((sum, { claim }) => sum + claim.size!, 0)
    const tooMany = files.length >= maxEntries
    // By the browser alone: what comes here is thrown away.
    const wanted = !tooMany && external === undefined && isAccepted(accept, name, type)
    if (tooMany || (!wanted && !autoUpload)) this.#refused = true
    const room = Math.min(config.maxFileSize, maxTotalSize - before)
    let whole = false
    const kept = new KeptBytes(config.maxFileSize, room, () => this.#host.openSpool())
    try {
      for await (const chunk of bytes) await kept.add(chunk, wanted && (!this.#refused || autoUpload))
      whole = true
    } finally {
      if (kept.isTooMuch && !autoUpload) this.#refused = true
      // What broke off is no file; of one that was too large already the page can say so.
      if (!whole && !kept.isTooMuch) await kept.spool?.remove()
      else {
        const ref = `http-${this.#refs++}`
        const claim = { ref, name, relativePath, size: kept.size, type, lastModified: 0, meta: undefined }
        files.push({ claim, spool: kept.spool, failure: kept.failure })
      }
    }
  }

  /** Lists them as a change of the form does. */
  choose(): void {
    const { uploads } = this.#part
    for (const [field, files] of this.#chosen) {
      const { ref } = this.#configs[field]!
      uploads!.select(
        ref,
        files.map(({ claim }) => claim),
      )
      const isElsewhere = uploads!.limitsOf(field).external !== undefined
      for (const { claim, failure } of files) {
        const entry = uploads!.find(ref, claim.ref)
        if (entry === undefined || (failure === undefined && !isElsewhere)) continue
        if (isElsewhere) {
          uploads!.failWith(entry, uploadError('external_client_failure', { reason: withoutScript }))
          continue
        }
        this.#host.report(failure)
        uploads!.failWith(entry, uploadError('writer_failure', { reason: messageOf(failure) }))
      }
    }
    this.#part.dirty = true
  }

  /** What is wrong with what was chosen, and then with what was sent: the form is not submitted then, as by a page. */
  get fault(): 'refused' | 'failed' | undefined {
    const configs = Object.values(this.#configs)
    const failed = configs.flatMap(({ entries }) => entries.filter((entry) => entry.failed))
    if (failed.some(({ errors }) => !errors.every(({ code }) => isOfUser.has(code)))) return 'failed'
    if (failed.length > 0) return 'refused'
    const isWrong = ({ errors, entries, autoUpload }: UploadConfig): boolean =>
      errors.length > 0 || (!autoUpload && entries.some(({ valid }) => !valid))
    return configs.some(isWrong) ? 'refused' : undefined
  }

  /** Sends them, one after the other. False when one of them did not get through. */
  async send(): Promise<boolean> {
    const uploads = this.#part.uploads!
    for (const [field, files] of this.#chosen) {
      const { ref } = this.#configs[field]!
      // A `change` may have cancelled some.
      const claims = files.flatMap(({ claim }) => (uploads.find(ref, claim.ref) === undefined ? [] : [claim]))
      await uploads.validated(ref, claims)
      const answer = await runSteps(uploads.preflight(ref, claims))
      if (answer === undefined || 'error' in answer) continue
      for (const { claim, spool } of files) {
        const entry = uploads.find(ref, claim.ref)
        if (entry !== undefined && Object.hasOwn(answer.entries, claim.ref))
          await this.#sendOne(ref, entry, spool, answer.config.chunkSize)
        await spool?.remove()
      }
      this.#chosen.set(field, [])
    }
    this.#part.dirty = true
    const entries = Object.values(this.#configs).flatMap((config) => config.entries)
    return entries.every(({ valid, done }) => done || !valid)
  }

  async #sendOne(configRef: string, { uuid }: UploadEntry, spool: Spool | undefined, chunkSize: number): Promise<void> {
    const uploads = this.#part.uploads!
    const line = new Line()
    const channel = uploads.join(configRef, uuid, line)
    if (typeof channel === 'string' || !(await line.answered(() => channel.open(null)))) return
    if (spool !== undefined) {
      for await (const chunk of spool.read(chunkSize)) {
        // Its `progress` may have cancelled it.
        if (!channel.live || !(await line.answered(() => channel.chunk(null, chunk)))) return
        await this.#tell(uuid)
      }
    } else await this.#tell(uuid)
  }

  /** What a report of the page does. */
  #tell(uuid: string): Promise<void> {
    const part = this.#part
    part.dirty = true
    return this.#host.progress(function* () {
      yield part.uploads!.report(uuid, part)
    })
  }

  /** Throws away what was not sent. */
  async end(): Promise<void> {
    const spools = [...this.#chosen.values()].flat().map(async ({ spool }) => spool?.remove())
    this.#chosen.clear()
    for (const removed of await Promise.allSettled(spools))
      if (removed.status === 'rejected') this.#host.report(removed.reason)
  }
}

/** One file on its way in: at most so many bytes of it are kept, and all are counted. */
class KeptBytes {
  readonly #most: number
  readonly #room: number
  readonly #open: () => Promise<Spool>
  spool: Spool | undefined
  size = 0
  failure: unknown

  /** `most`: of one file. `room`: what all of them together leave of it. */
  constructor(most: number, room: number, open: () => Promise<Spool>) {
    this.#most = most
    this.#room = room
    this.#open = open
  }

  get isTooLarge(): boolean {
    return this.size > this.#most
  }

  /** It, or all of them together. */
  get isTooMuch(): boolean {
    return this.isTooLarge || this.size > this.#room
  }

  async add(chunk: Uint8Array, wanted: boolean): Promise<void> {
    this.size += chunk.length
    if (!wanted || this.isTooMuch || this.failure !== undefined) return this.#drop()
    try {
      this.spool ??= await this.#open()
      await this.spool.write(chunk)
    } catch (error) {
      this.failure = error
      await this.#drop()
    }
  }

  async #drop(): Promise<void> {
    const { spool } = this
    this.spool = undefined
    await spool?.remove()
  }
}

/** The channel's other end: here nobody is far away. */
class Line implements UploadOutlet {
  #told: (went: boolean) => void = () => {}

  /** Whether what `send` sends was taken. */
  answered(send: () => void): Promise<boolean> {
    const answer = new Promise<boolean>((resolve) => {
      this.#told = resolve
    })
    send()
    return answer
  }

  reply(_ref: string | null, status: 'ok' | 'error'): void {
    this.#told(status === 'ok')
  }

  close(): void {
    this.#told(false)
  }

  error(): void {
    this.#told(false)
  }
}

/** A folder's files come with the way to them; some browsers have sent whole paths of their disks. */
function readFileName(fileName: string): { readonly name: string; readonly relativePath: string } {
  const name = fileName.slice(Math.max(fileName.lastIndexOf('/'), fileName.lastIndexOf('\\')) + 1)
  const isInFolder = fileName.includes('/') && !fileName.startsWith('/')
  return { name: name === '' ? fileName : name, relativePath: isInFolder ? fileName : '' }
}
