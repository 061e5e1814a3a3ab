/**
 * Has files made ready in the browser before anybody hears of them, where the view asks for it. Whatever way they come, chosen, dropped, pasted
 * or handed over by a hook, the event that brings them is stopped, and comes again with what has become of them. Meanwhile their input holds
 * files of the same names without a byte: it is not empty, a view that comes late finds them in it, and what was chosen cannot be sent by mistake.
 */
import type { LiveSocket } from 'phoenix_live_view'
import { prepareAttribute, preparingAttribute, readPreparation } from '../protocol/preparation.ts'
import { maxEntriesAttribute, mostRefused } from '../protocol/upload-choice.ts'
import { isEarly } from './early-input.ts'
import { HeldSubmits } from './held-submits.ts'
import { type FileTransforms, prepareFile } from './prepare-file.ts'
import { fillInput, findInput, handedOver, isUploadInput, putFiles, uploadRef } from './upload-inputs.ts'

/** Files that came together. */
interface Choice {
  /** The one that they are for; another one may have come in its place. */
  input: HTMLInputElement
  readonly ref: string
  readonly standIns: ReadonlySet<File>
  /** What is ready, each at its place. */
  readonly ready: (File | undefined)[]
  /** How many have been given to the input. */
  given: number
  /** How many are given next, if not all are ready before: the first at once, so that it is sent while others are made ready. */
  batch: number
  readonly stop: AbortController
}

/** The view renders with each. */
const largestBatch = 16

/** To be called before all others of this page who hear of files and of submits. */
export function prepareFiles(transforms: FileTransforms, liveSocket: () => LiveSocket): void {
  new PreparedFiles(transforms, liveSocket).watch()
}

class PreparedFiles {
  readonly #transforms: FileTransforms
  readonly #liveSocket: () => LiveSocket
  readonly #choices = new Set<Choice>()
  /** They are not made ready a second time. */
  readonly #ready = new WeakSet<Blob>()
  readonly #held = new HeldSubmits((form) => [...this.#choices].some(({ input }) => input.form === form))
  /** What says that files of it are being made ready. */
  #said: readonly HTMLElement[] = []
  #isGiving = false

  constructor(transforms: FileTransforms, liveSocket: () => LiveSocket) {
    this.#transforms = transforms
    this.#liveSocket = liveSocket
  }

  watch(): void {
    const onFiles = (event: Event): void => this.#onFiles(event)
    addEventListener('input', onFiles, true)
    addEventListener('change', onFiles, true)
    addEventListener(handedOver, onFiles, true)
    addEventListener('reset', (event) => {
      const form = event.target
      // Whoever is told of it may still say no.
      if (form instanceof HTMLFormElement) setTimeout(() => event.defaultPrevented || this.#leave(form))
    })
  }

  #onFiles(event: Event): void {
    const { target } = event
    if (this.#isGiving || !isUploadInput(target)) return
    const handed =
      event.type === handedOver ? (event as CustomEvent<{ readonly files?: Iterable<Blob> }>).detail : target
    const files = [...(handed.files ?? [])]
    if (!target.hasAttribute(prepareAttribute) || files.every((file) => this.#ready.has(file))) return
    event.stopImmediatePropagation()
    const known = this.#choiceOf(files)
    if (known === undefined) this.#begin(target, files)
    else {
      known.input = target
      this.#give(known)
    }
  }

  #begin(input: HTMLInputElement, files: readonly Blob[]): void {
    // The newest takes the place of those before, also where nobody has heard of these.
    if (!input.multiple || isEarly(input)) for (const choice of this.#choicesOf(input)) this.#drop(choice)
    const preparation = readPreparation(input.getAttribute(prepareAttribute))!
    const allowed = Number(input.getAttribute(maxEntriesAttribute) ?? 1)
    const taken = files.slice(0, allowed + mostRefused(allowed))
    const standIns = taken.map((file) => new File([], file instanceof File ? file.name : '', { type: file.type }))
    const choice: Choice = {
      input,
      ref: input.getAttribute(uploadRef)!,
      standIns: new Set(standIns),
      ready: Array.from(taken, () => undefined),
      given: 0,
      batch: 1,
      stop: new AbortController(),
    }
    this.#choices.add(choice)
    fillInput(input, standIns)
    this.#say()
    for (const [at, file] of taken.entries()) {
      const isReady = this.#ready.has(file)
      const preparing = isReady ? file : prepareFile(file, preparation, this.#transforms, choice.stop.signal)
      void Promise.resolve(preparing).then((prepared) => {
        this.#ready.add(prepared)
        choice.ready[at] = prepared as File
        if (this.#choices.has(choice)) this.#give(choice)
      })
    }
  }

  /** Gives the input what is ready, in the order in which it was chosen. */
  #give(choice: Choice): void {
    const input = choice.input.isConnected ? choice.input : findInput(choice.ref)
    // It has left the page.
    if (input === undefined) return this.#drop(choice)
    choice.input = input
    const { ready, given } = choice
    const gap = ready.indexOf(undefined, given)
    const files = ready.slice(given, gap < 0 ? undefined : gap) as File[]
    const early = isEarly(input)
    const isAll = gap < 0
    // One that takes a single file has what came last, and for a view that is not there the input alone keeps them.
    if (isAll || (input.multiple && !early && files.length >= choice.batch)) {
      choice.given += files.length
      choice.batch = Math.min(choice.batch * 2, largestBatch)
      if (isAll) this.#choices.delete(choice)
      this.#isGiving = true
      try {
        if (early) fillInput(input, files)
        else putFiles(input, files)
      } finally {
        this.#isGiving = false
      }
    }
    this.#say()
    if (isAll) this.#held.release()
  }

  #leave(form: HTMLFormElement): void {
    this.#held.forget(form)
    for (const choice of this.#choices) if (choice.input.form === form) this.#drop(choice)
  }

  #drop(choice: Choice): void {
    this.#choices.delete(choice)
    choice.stop.abort()
    this.#say()
    this.#held.release()
  }

  #choicesOf(input: HTMLInputElement): readonly Choice[] {
    return [...this.#choices].filter((choice) => choice.input === input)
  }

  /** The one whose stand-ins these are: they come with the second event of a choice, and when a view that came late is told of them. */
  #choiceOf(files: readonly Blob[]): Choice | undefined {
    return [...this.#choices].find(({ standIns }) => standIns.has(files[0] as File))
  }

  /** Says on inputs and their forms how many are left. A patch lets that stand. */
  #say(): void {
    const left = new Map<HTMLElement, number>()
    for (const { input, ready } of this.#choices) {
      const count = ready.filter((file) => file === undefined).length
      for (const element of [input, input.form])
        if (element !== null) left.set(element, (left.get(element) ?? 0) + count)
    }
    const js = this.#liveSocket().js()
    for (const element of this.#said) if (!left.has(element)) js.removeAttribute(element, preparingAttribute)
    for (const [element, count] of left) js.setAttribute(element, preparingAttribute, String(count))
    this.#said = [...left.keys()]
  }
}
