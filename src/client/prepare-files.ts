/**
 * Has files made ready in the browser before anybody hears of them, where the view asks for it. Whatever way they come, chosen, dropped, pasted
 * or handed over by a hook, the event that brings them is stopped, and comes again with what has become of them. Meanwhile their input holds
 * files of the same names without a byte: it is not empty, a view that comes late finds them in it, and what was chosen cannot be sent by mistake.
 */
import type { LiveSocket } from 'phoenix_live_view'
import { prepareAttribute, preparingAttribute, readPreparation } from '../protocol/preparation.ts'
import { isEarly } from './early-input.ts'
import { HeldSubmits } from './held-submits.ts'
import { type FileTransforms, prepareFile } from './prepare-file.ts'
import { onReset } from './reset-files.ts'
import { fillInput, findInput, handedOver, isUploadInput, mostListed, putFiles } from './upload-inputs.ts'

/** Files that came together. */
interface Choice {
  /** The one that they are for; another one may have come in its place. */
  input: HTMLInputElement
  /** What is ready, each at its place. */
  readonly ready: (File | undefined)[]
  /** How many are not. */
  left: number
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
  const choices = new Set<Choice>()
  /** What stands for a file meanwhile comes with the second event of a choice, and when a view that came late is told of it. */
  const standIns = new WeakMap<Blob, Choice>()
  /** They are not made ready a second time. */
  const prepared = new WeakSet<Blob>()
  const held = new HeldSubmits((form) => [...choices].some(({ input }) => input.form === form))
  /** The input that is being given what is ready: a browser may have other objects for it. */
  let giving: HTMLInputElement | undefined
  let said: readonly HTMLElement[] = []

  const onFiles = (event: Event): void => {
    const { target, type } = event
    if (!isUploadInput(target) || (target === giving && type !== handedOver)) return
    const from = type === handedOver ? (event as CustomEvent<{ readonly files?: Iterable<Blob> }>).detail : target
    const files = [...(from.files ?? [])]
    if (!target.hasAttribute(prepareAttribute) || files.every((file) => prepared.has(file))) return
    event.stopImmediatePropagation()
    const known = standIns.get(files[0]!)
    if (known === undefined) begin(target, files)
    else if (choices.has(known)) {
      known.input = target
      give(known)
    }
  }

  const begin = (input: HTMLInputElement, files: readonly Blob[]): void => {
    // The newest takes the place of those before, also where nobody has heard of these.
    if (!input.multiple || isEarly(input)) drop((choice) => choice.input === input)
    const preparation = readPreparation(input.getAttribute(prepareAttribute))!
    const taken = files.slice(0, mostListed(input))
    const stop = new AbortController()
    const ready = taken.map(() => undefined)
    const choice: Choice = { input, ready, left: taken.length, given: 0, batch: 1, stop }
    choices.add(choice)
    fillInput(
      input,
      taken.map((file) => {
        const standIn = new File([], (file as File).name ?? '', { type: file.type })
        standIns.set(standIn, choice)
        return standIn
      }),
    )
    say()
    for (const [at, file] of taken.entries()) {
      const ends = prepared.has(file) ? file : prepareFile(file, preparation, transforms, stop.signal)
      void Promise.resolve(ends).then((made) => {
        // Of one that was dropped it is what was chosen: whoever hands that over once more has it made ready then.
        if (!choices.has(choice)) return
        prepared.add(made)
        choice.ready[at] = made as File
        choice.left--
        give(choice)
      })
    }
  }

  /** Gives the input what is ready, in the order in which it was chosen. */
  const give = (choice: Choice): void => {
    const { ready, left, given } = choice
    const input = choice.input.isConnected ? choice.input : findInput(choice.input.id)
    // It has left the page.
    if (input === undefined) return drop((one) => one === choice)
    choice.input = input
    const early = isEarly(input)
    const files = ready.slice(given, left === 0 ? undefined : ready.indexOf(undefined, given)) as File[]
    // One that takes a single file has what came last, and for a view that is not there the input alone keeps them.
    if (left === 0 || (input.multiple && !early && files.length >= choice.batch)) {
      choice.given += files.length
      choice.batch = Math.min(choice.batch * 2, largestBatch)
      if (left === 0) choices.delete(choice)
      giving = input
      try {
        if (early) fillInput(input, files)
        else putFiles(input, files)
      } finally {
        giving = undefined
      }
    }
    say()
  }

  const drop = (isGone: (choice: Choice) => boolean): void => {
    for (const choice of choices) {
      if (!isGone(choice)) continue
      choices.delete(choice)
      choice.stop.abort()
    }
    say()
  }

  /** Says on inputs and their forms how many are left, which a patch lets stand, and lets submits go where there are none. */
  const say = (): void => {
    const lefts = new Map<HTMLElement, number>()
    for (const { input, left } of choices)
      for (const element of [input, input.form])
        if (element !== null) lefts.set(element, (lefts.get(element) ?? 0) + left)
    const js = liveSocket().js()
    for (const element of said) if (!lefts.has(element)) js.removeAttribute(element, preparingAttribute)
    for (const [element, left] of lefts) js.setAttribute(element, preparingAttribute, String(left))
    said = [...lefts.keys()]
    held.release()
  }

  for (const type of ['input', 'change', handedOver]) addEventListener(type, onFiles, true)
  onReset((form) => {
    held.forget(form)
    drop(({ input }) => input.form === form)
  })
}
