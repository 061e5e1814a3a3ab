/** What our uploader knows of a file that it sends: the official client's entry and view, as far as they matter here, and the job itself. */
import type { HttpGrant } from '../protocol/http-uploads.ts'
import type { Hold } from './hold.ts'
import type { ChunkConfig } from './send-chunks.ts'
import type { ChosenFile } from './upload-inputs.ts'

/** What of the official client's entry matters here. */
export interface Entry {
  readonly ref: string
  readonly file: ChosenFile
  readonly view: View
  fileEl: HTMLInputElement
  _isDone: boolean
  _lastProgressSent: number
  _onDone: () => void
  readonly _onElUpdated: () => void
  cancel(): void
  isCancelled(): boolean
  metadata(): HttpGrant
  onCancel(run: () => void): void
  progress(percent: number): void
}

export interface View {
  readonly id: string
  readonly el: HTMLElement
  isConnected(): boolean
  cancelSubmit(form: HTMLFormElement): void
  getScheduledSubmit(form: HTMLFormElement): unknown
  pushFileProgress(input: HTMLInputElement, ref: string, progress: { readonly error: string }): void
}

export type Upload = (entries: readonly Entry[], onError: unknown, answer: { readonly config: ChunkConfig }) => void

export interface Job {
  readonly entry: Entry
  readonly config: ChunkConfig
  /** How often it was begun anew. */
  readonly retries: number
  readonly stop: AbortController
  readonly hold: Hold
  readonly renew: EventTarget
  /** What the server calls the upload. */
  readonly upload: string
  /** The server has all of it, and the page is still to be told so. */
  sent: boolean
  /** The page has been told so, while the server scans it: whoever waits for the file is told when that is over. */
  scanning: boolean
}
