/**
 * Gives the files that were chosen back to their inputs when a view that was kept goes on. The official client forgets them when it tells
 * the server what its forms say: a submit would go out without them.
 */
import type { LiveSocket } from 'phoenix_live_view'
import { filesBackParam, resumedKey } from '../protocol/lost-files.ts'
import { channelEvents, viewEvents } from '../protocol/message.ts'
import { onAnswer, onJoined, onLost, onPush } from './pushes.ts'
import type { DomCallbacks } from './runtime-hooks.ts'
import {
  type ChosenFile,
  findInput,
  forgetLockCopies,
  forgetRef,
  giveFiles,
  isUploadInput,
  refsOf,
  trackedFiles,
  trackFiles,
  uploadInputsOf,
  uploadRef,
} from './upload-inputs.ts'

export class FilesBack {
  /** The views that were there when the connection was lost, by their DOM ids: the files of their inputs, by what the server calls these. */
  #away = new Map<string, Map<string, readonly ChosenFile[]>>()
  /** The views among them that join now. */
  readonly #joining = new Set<string>()
  /** The inputs that were changed while nobody could be told. */
  readonly #changed = new WeakSet<Element>()
  /** The files that the server has heard of. */
  readonly #told = new Set<string>()
  /** Those of them that the server had whole. */
  readonly #done = new Set<string>()
  /** The views whose join was answered by another view than the one before. */
  readonly #anew = new Set<string>()
  /** What pushes that wait for their answer tell of. */
  readonly #telling = new Map<string, readonly string[]>()

  watch(liveSocket: LiveSocket): void {
    onLost(liveSocket, () => {
      this.#telling.clear()
      this.#leave()
    })
    const onInput = ({ target }: Event): void => {
      if (this.#away.size > 0 && isUploadInput(target) && !liveSocket.isConnected()) this.#changed.add(target)
    }
    addEventListener('input', onInput, true)
    addEventListener('change', onInput, true)
    onPush(liveSocket, ({ event, payload, ref }) => {
      if (event !== viewEvents.event || typeof ref !== 'string') return
      const { uploads = {} } = payload as {
        readonly uploads?: Readonly<Record<string, readonly { readonly ref: string }[]>>
      }
      const refs = Object.values(uploads).flatMap((claims) => claims.map((claim) => claim.ref))
      if (refs.length > 0) this.#telling.set(ref, refs)
    })
    onJoined(liveSocket, (id, response) => {
      if (response[resumedKey] === true) this.#anew.delete(id)
      else this.#anew.add(id)
    })
    onAnswer(liveSocket, ({ event, ref }) => {
      if (event !== channelEvents.reply || typeof ref !== 'string') return
      for (const told of this.#telling.get(ref) ?? []) this.#told.add(told)
      this.#telling.delete(ref)
    })
  }

  /** What goes with the join of the view whose element it is. */
  params({ id }: Element): object {
    forgetLockCopies(id)
    const kept = this.#away.get(id)
    if (kept !== undefined) {
      this.#keep(id, kept)
      this.#joining.add(id)
    }
    return { [filesBackParam]: true }
  }

  /** The patch that follows a join has the inputs as the server has them. */
  callbacks(dom: DomCallbacks): DomCallbacks {
    return {
      ...dom,
      onPatchEnd: (container) => {
        dom.onPatchEnd?.(container)
        if (!this.#joining.delete(container.id)) return
        const kept = this.#away.get(container.id)!
        this.#away.delete(container.id)
        for (const input of uploadInputsOf(container.id)) this.#changed.delete(input)
        const anew = this.#anew.delete(container.id)
        // A view that goes on has let go of what it does not list; another one has not heard of it.
        const isGone = (ref: string): boolean => this.#told.has(ref) && (!anew || this.#done.has(ref))
        for (const [ref, files] of kept) giveBack(findInput(ref), files, isGone)
      },
    }
  }

  /** A line that is lost again before all views are back: those that are not have what they had. */
  #leave(): void {
    this.#joining.clear()
    const away = new Map<string, Map<string, readonly ChosenFile[]>>()
    for (const { id } of document.querySelectorAll('[data-phx-session]')) {
      const kept = this.#away.get(id) ?? new Map<string, readonly ChosenFile[]>()
      away.set(id, kept)
      this.#keep(id, kept)
    }
    this.#away = away
  }

  #keep(id: string, kept: Map<string, readonly ChosenFile[]>): void {
    for (const input of uploadInputsOf(id)) {
      const isChanged = this.#changed.has(input)
      const files = isChanged ? chosenIn(input) : trackedFiles(input)
      const ref = input.getAttribute(uploadRef)!
      for (const done of refsOf(input, 'done').split(',')) this.#done.add(done)
      if (files.length > 0) kept.set(ref, files)
      else if (isChanged) kept.delete(ref)
    }
  }
}

function giveBack(
  input: HTMLInputElement | undefined,
  files: readonly ChosenFile[],
  isGone: (ref: string) => boolean,
): void {
  const listed = new Set(input === undefined ? [] : refsOf(input, 'active').split(','))
  const known = files.filter(({ _phxRef: ref }) => ref !== undefined && listed.has(ref))
  const others = files.filter((file) => !known.includes(file))
  // Chosen while nobody could be told of them; the rest the server has let go of.
  const fresh = others.filter(({ _phxRef: ref }) => ref === undefined || !isGone(ref))
  for (const file of others) forgetRef(file)
  if (input === undefined) return
  trackFiles(input, known)
  // The client tells the view of what is new, and has what starts by itself start.
  if (fresh.length > 0) giveFiles(input, fresh)
  else if (input.hasAttribute('data-phx-auto-upload') && known.length > 0) {
    input.dispatchEvent(new Event('input', { bubbles: true }))
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
