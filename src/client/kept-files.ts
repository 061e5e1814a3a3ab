/**
 * Where the browser keeps handles of files, those that a page was sending go on after a reload without being chosen again: by themselves where
 * the page may read them still, else with one click on the button of `live_file_resume`. Only files that the server lists for this visitor are
 * looked for, and only those that are as they were are given.
 */
import { awaitedAttribute, keepAttribute, readAwaited, resumeAttribute } from '../protocol/file-handles.ts'
import { zoneInput } from './drop-zones.ts'
import { chosen, dropped, type Found, hasDialog } from './file-handles.ts'
import { type FileHandle, findHandles, forgetHandles, keepHandles, mostHandles } from './handle-store.ts'
import type { DomCallbacks } from './runtime-hooks.ts'
import { listedIn } from './upload-lists.ts'
import {
  attributeOf,
  findInput,
  isUploadInput,
  maxEntriesOf,
  putFiles,
  trackedFiles,
  uploadRef,
} from './upload-inputs.ts'

const reading = { mode: 'read' } as const
/** Where it asks for each file, so many with one click: nobody can take the rest of them back. */
const mostAsked = 10

export class KeptFiles {
  /** What each input had on its way, or awaits, by the refs of inputs: of what leaves it the handle is forgotten. Files go by their keys. */
  readonly #had = new Map<string, ReadonlySet<string>>()
  /** The files of entries that the server has listed, by the refs of entries. */
  readonly #listed = new Map<string, string>()
  /** What was awaited when it was last looked for, by the refs of inputs. */
  readonly #looked = new Map<string, string>()
  /** What a click has go on, by the refs of inputs. */
  readonly #offers = new Map<string, readonly FileHandle[]>()
  /** What the page has given by itself: a second time only when it is told to. */
  readonly #given = new Set<string>()
  #isChoosing = false
  /** A patch hides the buttons again, as the server has them. */
  readonly #hidden = new MutationObserver(() => this.#showButtons())

  watch(): void {
    const onDrop = (event: DragEvent): void => {
      const input = zoneInput(event.target)
      if (input !== undefined && isKept(input)) void dropped(event).then((found) => keep(input, found))
    }
    // Before the listeners that take them in.
    addEventListener('drop', onDrop, true)
    // Behind those of the page.
    addEventListener('click', (event) => {
      const { target } = event
      if (event.defaultPrevented || !(target instanceof Element)) return
      const button = target.closest(`[${resumeAttribute}]`)
      if (button !== null) void this.#resume(button.getAttribute(resumeAttribute)!)
      else if (isUploadInput(target) && isKept(target) && hasDialog(target)) {
        event.preventDefault()
        void this.#choose(target)
      }
    })
  }

  callbacks(dom: DomCallbacks): DomCallbacks {
    return {
      ...dom,
      onPatchEnd: (container) => {
        dom.onPatchEnd?.(container)
        for (const input of document.querySelectorAll<HTMLInputElement>(`[${keepAttribute}]`)) this.#follow(input)
        this.#showButtons()
      },
    }
  }

  async #choose(input: HTMLInputElement): Promise<void> {
    // The browser shows one at a time.
    if (this.#isChoosing) return
    this.#isChoosing = true
    try {
      const found = await chosen(input)
      const now = findInput(refOf(input))
      if (found === undefined) now?.dispatchEvent(new Event('cancel', { bubbles: true }))
      else if (now !== undefined) {
        void keep(now, found)
        putFound(now, found)
      }
    } catch {
      input.showPicker()
    } finally {
      this.#isChoosing = false
    }
  }

  /** Forgets what is done or cancelled, and looks for what is awaited. */
  #follow(input: HTMLInputElement): void {
    const ref = refOf(input)
    const active = listedIn([input], 'active')
    const done = listedIn([input], 'done')
    const has = new Set(awaitedBy(input))
    for (const file of trackedFiles(input)) {
      const { _phxRef: entry = '' } = file
      if (active.has(entry)) this.#listed.set(entry, keyOf(input, file))
      // The server has not heard of it yet.
      else if (!this.#listed.has(entry)) has.add(keyOf(input, file))
    }
    for (const [entry, key] of this.#listed) if (active.has(entry) && !done.has(entry)) has.add(key)
    const gone = [...(this.#had.get(ref) ?? [])].filter((key) => !has.has(key))
    if (gone.length > 0) void forgetHandles(gone)
    this.#had.set(ref, has)
    const awaited = attributeOf(input, awaitedAttribute)
    if (awaited === (this.#looked.get(ref) ?? '')) return
    this.#looked.set(ref, awaited)
    void this.#look(input)
  }

  /** Gives what may be read, as far as there is room; the rest is offered. */
  async #look(input: HTMLInputElement): Promise<void> {
    const ref = refOf(input)
    const awaited = this.#looked.get(ref)
    const asks: FileHandle[] = []
    const able: Found[] = []
    for (const [key, handle] of await findHandles(awaitedBy(input))) {
      const may = this.#given.has(key) ? 'prompt' : await handle.queryPermission(reading).catch(() => 'denied')
      if (may === 'prompt') asks.push(handle)
      if (may !== 'granted') continue
      const file = await handle.getFile().catch(() => undefined)
      if (file !== undefined && keyOf(input, file) === key) able.push([file, handle])
      else void forgetHandles([key])
    }
    const now = findInput(ref)
    // Somebody may have chosen them meanwhile.
    if (now === undefined || this.#looked.get(ref) !== awaited) return
    const given = able.splice(0, roomOf(now))
    for (const [file] of given) this.#given.add(keyOf(now, file))
    this.#offers.set(ref, [...asks, ...able.map(([, handle]) => handle)])
    this.#showButtons()
    if (given.length > 0) putFound(now, given)
  }

  async #resume(ref: string): Promise<void> {
    // All at once: behind the first answer the click would be too long ago. Chromium makes one question of them where it can.
    const asked = (this.#offers.get(ref) ?? []).slice(0, mostAsked)
    await Promise.allSettled(asked.map((handle) => handle.requestPermission(reading)))
    this.#given.clear()
    const input = findInput(ref)
    if (input !== undefined) await this.#look(input)
  }

  #showButtons(): void {
    for (const button of document.querySelectorAll<HTMLElement>(`[${resumeAttribute}]`)) {
      const ref = button.getAttribute(resumeAttribute)!
      const input = findInput(ref)
      const isHidden = input === undefined || roomOf(input) < 1 || !this.#offers.get(ref)?.length
      this.#hidden.observe(button, { attributeFilter: ['hidden'] })
      if (button.hidden === isHidden) continue
      // The focus stays near.
      if (isHidden && button === document.activeElement) input?.focus()
      button.hidden = isHidden
    }
  }
}

function putFound(input: HTMLInputElement, found: readonly Found[]): void {
  putFiles(
    input,
    found.map(([file]) => file),
  )
}

async function keep(input: HTMLInputElement, found: readonly Found[]): Promise<void> {
  const [, keepFor] = keptAs(input)
  const handles = found.slice(0, mostHandles).map(([file, handle]) => [keyOf(input, file), handle] as const)
  await keepHandles(new Map(handles), Number(keepFor))
}

function isKept(input: Element): boolean {
  return input.hasAttribute(keepAttribute)
}

function keptAs(input: Element): readonly string[] {
  return attributeOf(input, keepAttribute).split(' ')
}

function refOf(input: Element): string {
  return input.getAttribute(uploadRef)!
}

/** How many more it takes; below 0 when there are too many. */
function roomOf(input: HTMLInputElement): number {
  return maxEntriesOf(input) - listedIn([input], 'active').size
}

function awaitedBy(input: Element): readonly string[] {
  return readAwaited(attributeOf(input, awaitedAttribute)).map(([name, size, lastModified]) =>
    keyOf(input, { name, size, lastModified }),
  )
}

/** What the handle of a file is kept under. */
function keyOf(input: Element, { name, size, lastModified }: Pick<File, 'name' | 'size' | 'lastModified'>): string {
  return JSON.stringify([keptAs(input)[0], name, size, lastModified])
}
