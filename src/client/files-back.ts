/**
 * Gives the files that were chosen back to their inputs when a view that was kept goes on. The official client forgets them when it tells
 * the server what its forms say: a submit would go out without them.
 */
import type { LiveSocket } from 'phoenix_live_view'
import { filesBackParam } from '../protocol/lost-files.ts'
import { channelEvents, viewEvents } from '../protocol/message.ts'
import { onAnswer, onPush } from './pushes.ts'
import type { DomCallbacks } from './runtime-hooks.ts'
import {
  type ChosenFile,
  forgetLockCopies,
  forgetRef,
  isUploadInput,
  refsOf,
  trackedFiles,
  trackFiles,
  uploadRef,
} from './upload-inputs.ts'

export class FilesBack {
  /** By what the server calls the upload: what its input had when the connection was lost. */
  readonly #kept = new Map<string, readonly ChosenFile[]>()

  /** Those that the server has heard of. */
  readonly #told = new Set<string>()
  /** What pushes that wait for their answer tell of. */
  readonly #telling = new Map<string, readonly string[]>()

  watch(liveSocket: LiveSocket): void {
    liveSocket.getSocket().onClose(() => {
      this.#keepAll(document.body)
      this.#telling.clear()
    })
    onPush(liveSocket, ({ event, payload, ref }) => {
      if (event !== viewEvents.event || typeof ref !== 'string') return
      const { uploads = {} } = payload as {
        readonly uploads?: Readonly<Record<string, readonly { readonly ref: string }[]>>
      }
      const refs = Object.values(uploads).flatMap((claims) => claims.map((claim) => claim.ref))
      if (refs.length > 0) this.#telling.set(ref, refs)
    })
    onAnswer(liveSocket, ({ event, ref }) => {
      if (event !== channelEvents.reply || typeof ref !== 'string') return
      for (const told of this.#telling.get(ref) ?? []) this.#told.add(told)
      this.#telling.delete(ref)
    })
  }

  /** What goes with the join of the view whose element it is. */
  params(view: Element): object {
    this.#keepAll(view)
    forgetLockCopies(view)
    return { [filesBackParam]: true }
  }

  /** Behind each patch: the one that follows a join has the inputs as the server has them. */
  callbacks(dom: DomCallbacks): DomCallbacks {
    return {
      ...dom,
      onPatchEnd: (container) => {
        dom.onPatchEnd?.(container)
        if (this.#kept.size > 0) this.#giveBack(container)
      },
    }
  }

  #keepAll(within: Element): void {
    for (const input of within.querySelectorAll<HTMLInputElement>(`input[${uploadRef}]`)) {
      const files = chosenIn(input)
      if (files.length > 0) this.#kept.set(input.getAttribute(uploadRef)!, files)
    }
  }

  #giveBack(container: Element): void {
    for (const input of container.querySelectorAll(`input[${uploadRef}]`)) {
      const ref = input.getAttribute(uploadRef)!
      const files = this.#kept.get(ref)
      if (files === undefined || !isUploadInput(input) || trackedFiles(input).length > 0) continue
      this.#kept.delete(ref)
      const listed = new Set(refsOf(input, 'active').split(','))
      const known = files.filter(({ _phxRef: own }) => own !== undefined && listed.has(own))
      trackFiles(input, known)
      const others = files.filter((file) => !known.includes(file))
      // Chosen while nobody could be told of them; the rest the server has let go of.
      const fresh = others.filter(({ _phxRef: own }) => own === undefined || !this.#told.has(own))
      for (const file of others) forgetRef(file)
      if (fresh.length > 0) tellOf(input, fresh)
    }
  }
}

/** Those that the client keeps, and those that were chosen while it took none in. */
function chosenIn(input: HTMLInputElement): readonly ChosenFile[] {
  const tracked = trackedFiles(input)
  const isTracked = (file: File): boolean => tracked.some((other) => other === file || isSame(other, file))
  const others = [...(input.files ?? [])].filter((file) => !isTracked(file))
  if (others.length === 0) return tracked
  return input.multiple ? [...tracked, ...others] : others
}

/** A browser may make a new object of the same file each time it is asked. */
function isSame(one: File, other: File): boolean {
  return one.name === other.name && one.size === other.size && one.lastModified === other.lastModified
}

function tellOf(input: HTMLInputElement, files: readonly ChosenFile[]): void {
  input.dispatchEvent(new CustomEvent('track-uploads', { bubbles: true, detail: { files } }))
}
