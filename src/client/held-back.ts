/**
 * What the server would not take is not sent: a frame that is too large closes the connection, and the page is mounted anew without
 * what was typed. Here it stays in its field; the page says so, and the server is told in a small message. What the server alone can
 * find out, a form with too many fields say, comes here as well.
 */
import { Socket } from 'phoenix'
import type { LiveSocket } from 'phoenix_live_view'
import { frameLimitDefaults, type FrameLimits } from '../protocol/frame-limits.ts'
import { exceedsJson } from '../protocol/json-size.ts'
import { heldBackEvent, pageEvents, viewEvents, viewTopicPrefix } from '../protocol/message.ts'
import { hideLine, type LimitLines, setLines, showLine } from './limit-line.ts'
import type { DomCallbacks } from './runtime-hooks.ts'

/** What a handler of `liveloom:limit` is told in `detail`. The names are those of `limits` of the server. */
export interface ReachedLimit {
  readonly limit: string
  /** The event that was to be sent; absent when it was, and the server refused it. */
  readonly event?: string
  /** What it would have had, in bytes; absent when that is not what counts. */
  readonly size?: number
  /** What it may have, in bytes or JSON values. */
  readonly most?: number
}

/** What the server says of itself, where that is not the default. */
export interface PageNote {
  readonly limits?: Partial<FrameLimits>
  readonly lines?: Partial<LimitLines>
}

/** A push of the client on its way, as its socket has it. */
interface Outgoing {
  readonly topic: string
  readonly event: string
  readonly ref: string
  readonly payload: Readonly<Record<string, unknown>>
}

type Encode = (message: Outgoing, done: (frame: string | ArrayBuffer) => void) => void

/** What of phoenix is not in its types. */
interface Inside {
  encode: Encode
  readonly channels: readonly { readonly topic: string; trigger(event: string, payload: object, ref: string): void }[]
}

let limits: FrameLimits = frameLimitDefaults
/** The elements that wait for an answer to what they sent last, by what that was. */
let pushed: { readonly payload: unknown; readonly element: Element } | undefined
/** What of the page was held back, and has not gone through since. */
const held = new Set<Element>()
const heldClass = 'liveloom-held-back'

/** A socket that sends no more than the server takes. It is told of by {@link watchLimits}. */
export class LimitedSocket extends Socket {
  constructor(...args: ConstructorParameters<typeof Socket>) {
    super(...args)
    const inside = this as unknown as Inside
    const { encode } = inside
    inside.encode = (message, done) =>
      encode(message, (frame) => {
        const reached = typeof frame === 'string' ? reachedBy(message, frame) : undefined
        if (reached === undefined) {
          passed(message)
          done(frame)
        } else holdBack(inside, message, reached)
      })
  }
}

/** A join is answered by the server; all else that a page sends of its own size is an event, or a list of files. */
function reachedBy({ event, payload }: Outgoing, frame: string): ReachedLimit | undefined {
  if (event !== viewEvents.event && event !== viewEvents.allowUpload) return undefined
  const { maxTextSize, maxFrameValues } = limits
  // A character is three bytes at most, and a value two characters at least.
  if (frame.length * 3 <= maxTextSize && frame.length < maxFrameValues * 2) return undefined
  const bytes = new TextEncoder().encode(frame)
  const size = bytes.length
  const name = typeof payload['event'] === 'string' ? { event: payload['event'] } : {}
  if (size > maxTextSize) return { limit: 'maxTextSize', ...name, size, most: maxTextSize }
  if (exceedsJson(bytes, { maxValues: maxFrameValues, maxDepth: Infinity }) === undefined) return undefined
  return { limit: 'maxFrameValues', ...name, most: maxFrameValues }
}

function holdBack({ channels }: Inside, message: Outgoing, reached: ReachedLimit): void {
  const { topic, ref, payload } = message
  const view = document.getElementById(topic.slice(viewTopicPrefix.length))
  const element = elementOf(payload, view)
  queueMicrotask(() => {
    // The client waits for an answer; this one leaves the page as it is.
    channels.find((channel) => channel.topic === topic)?.trigger('phx_reply', answerTo(message, reached), ref)
    if (view !== null) tellServer(view, reached)
    say(element ?? view ?? document.body, reached)
  })
}

/** A hook waits for a reply, and its promise rejects; a form is unlocked; a choice of files is refused, each by its name. */
function answerTo({ event, payload }: Outgoing, { limit }: ReachedLimit): object {
  if (payload['type'] === 'hook') return { status: 'error', response: { reason: 'too_large', limit } }
  if (event !== viewEvents.allowUpload) return { status: 'ok', response: {} }
  const { ref, entries } = payload as { readonly ref: string; readonly entries: readonly { readonly ref: string }[] }
  return { status: 'ok', response: { ref, error: [{ ref }, ...entries].map((refused) => [refused.ref, 'too_large']) } }
}

let tell: (view: Element, reached: ReachedLimit) => void = () => {}
function tellServer(view: Element, reached: ReachedLimit): void {
  tell(view, reached)
}

/** The form, or else the element, that a push came from. */
function elementOf(payload: unknown, view: Element | null): Element | undefined {
  if (pushed?.payload === payload && pushed?.element.isConnected === true) return formOf(pushed.element)
  // A form that is recovered is a copy of the page's: it is the one that holds most.
  const forms = [...(view?.querySelectorAll('form') ?? [])]
  return forms.map((form) => ({ form, size: sizeOf(form) })).toSorted((one, other) => other.size - one.size)[0]?.form
}

function formOf(element: Element): Element {
  return (element as Partial<HTMLInputElement>).form ?? element
}

function sizeOf(form: HTMLFormElement): number {
  let size = 0
  for (const value of new FormData(form).values()) if (typeof value === 'string') size += value.length
  return size
}

function say(element: Element, reached: ReachedLimit): void {
  held.add(element)
  element.classList.add(heldClass)
  const event = new CustomEvent('liveloom:limit', { detail: reached, bubbles: true, cancelable: true })
  if (element.dispatchEvent(event)) showLine(reached.limit)
}

/** Something goes through: of the same form, or of no form, it is what was held back before. */
function passed({ event, payload }: Outgoing): void {
  if (held.size === 0 || event !== viewEvents.event) return
  if (String(payload['event']).startsWith('lv:')) return
  const from = pushed?.payload === payload ? formOf(pushed!.element) : undefined
  for (const element of held) {
    if (element !== from && element.isConnected && element instanceof HTMLFormElement) continue
    held.delete(element)
    element.classList.remove(heldClass)
  }
  if (held.size === 0) hideLine()
}

/** Tells the server, hears what it says of limits, and keeps what was held back in its fields. */
export function watchLimits(dom: DomCallbacks, liveSocket: () => LiveSocket): DomCallbacks {
  tell = (view, { limit, event }) => {
    const value = { limit, event }
    liveSocket().execJS(view as HTMLElement, JSON.stringify([['push', { event: heldBackEvent, value }]]))
  }
  addEventListener('phx:push', ({ target, detail }: Event & { readonly detail?: { readonly payload?: unknown } }) => {
    if (target instanceof Element && detail?.payload !== undefined)
      pushed = { payload: detail.payload, element: target }
  })
  addEventListener(`phx:${pageEvents.note}`, (event) => {
    const note = (event as CustomEvent<PageNote>).detail
    limits = { ...limits, ...note.limits }
    setLines(note.lines ?? {})
  })
  addEventListener(`phx:${pageEvents.limit}`, (event) => {
    const element = pushed?.element.isConnected === true ? formOf(pushed.element) : document.body
    say(element, (event as CustomEvent<ReachedLimit>).detail)
  })
  return {
    ...dom,
    onBeforeElUpdated(from, to) {
      if (held.size > 0) keepHeld(from, to)
      dom.onBeforeElUpdated?.(from, to)
    },
  }
}

/** The server does not know what stands in the fields of a form that was held back: a patch would put back what it does know. */
function keepHeld(from: Element, to: Element): void {
  if (held.has(from)) return to.classList.add(heldClass)
  const form = (from as Partial<HTMLInputElement>).form
  if (!(form instanceof HTMLFormElement) || !held.has(form)) return
  if (from instanceof HTMLInputElement && to instanceof HTMLInputElement) {
    to.checked = from.checked
    if (from.type !== 'file') to.value = from.value
  } else if (from instanceof HTMLTextAreaElement && to instanceof HTMLTextAreaElement) to.value = from.value
  else if (from instanceof HTMLOptionElement && to instanceof HTMLOptionElement) to.selected = from.selected
}
