/** The views that one connected view has placed in its page: their containers, and what they are made of when the page joins them. */
import type { Rendered } from '../template/rendered.ts'
import { renderContainer } from '../live/container.ts'
import type { LiveView, SessionData } from '../live/definitions.ts'
import type { LiveHost } from '../live/host.ts'
import type { NestedView } from '../live/nested.ts'
import { stickyNameOf } from '../live/sticky-views.ts'

/** What a page may join inside another view. */
export interface NestedChild {
  readonly view: LiveView
  readonly session: SessionData
  /** The answer to its parent's join has it: the page waits for it before it shows its parent. */
  readonly awaited: boolean
}

/** What all views of a page have of it. */
export interface OfPage {
  readonly nonce: string
  readonly lang: string
}

/** What the container of a view carries, signed, so that the page can join it. */
export type ViewToken = { readonly id: string; readonly nonce: string; readonly lang?: string } & (
  | { readonly kind: 'route'; readonly route: string; readonly session: SessionData }
  | { readonly kind: 'nested'; readonly parent: string }
  | { readonly kind: 'sticky'; readonly name: string; readonly session: SessionData }
  | { readonly kind: 'placed'; readonly name: string; readonly session: SessionData }
)

/** A sticky view outlives the pages it is on, so it has no address of its own. */
export const stickyUrl = 'http://sticky.invalid/'

/** How long one that the page has left is kept, in ms. It comes back by itself when its join timed out, or it is placed again. */
const keepLeft = 60_000

export class NestedViews {
  readonly #parentId: string
  readonly #parentInstance: string
  readonly #page: OfPage
  readonly #host: LiveHost
  readonly #children = new Map<string, NestedChild & { readonly token: string }>()
  readonly #stickies = new Map<string, { readonly says: string; readonly token: string }>()
  /** Those that the whole view which is made places; `undefined` when none is. */
  #placed: Set<string> | undefined
  /** Those that the page has left, and when; the longest gone first. */
  readonly #left = new Map<string, number>()

  constructor(parentId: string, parentInstance: string, { nonce, lang }: OfPage, host: LiveHost) {
    this.#parentId = parentId
    this.#parentInstance = parentInstance
    this.#page = { nonce, lang }
    this.#host = host
  }

  /** What the page joins. */
  get(id: string): NestedChild | undefined {
    this.#left.delete(id)
    return this.#children.get(id)
  }

  has(id: string): boolean {
    return this.#children.has(id)
  }

  /** The page has left one: it does not show it any more. */
  left(id: string): void {
    if (this.#children.has(id)) this.#left.set(id, this.#host.now())
  }

  /** A page that comes back is sent the whole view. */
  beginWhole(): void {
    this.#placed = new Set()
  }

  /** Forgets those that it does not place: the page says nothing of them. */
  endWhole(): void {
    const placed = this.#placed
    this.#placed = undefined
    if (placed === undefined) return
    for (const id of this.#children.keys()) if (!placed.has(id)) this.#children.delete(id)
  }

  /** The container of a nested view: empty, since the page joins it by itself. */
  place(nested: NestedView, awaited: boolean): Rendered {
    const { view, options } = nested
    const { id, sticky = false, session = {} } = options
    this.#left.delete(id)
    this.#forgetLeft()
    if (sticky) return nestedContainer(nested, undefined, this.#stickyToken(view, id, session), '', undefined)
    this.#placed?.add(id)
    const known = this.#children.get(id)
    const token = known?.token ?? this.#nestedToken(id)
    this.#children.set(id, { view, session, token, awaited: known?.awaited ?? awaited })
    return nestedContainer(nested, this.#parentId, token, '', undefined)
  }

  #nestedToken(id: string): string {
    const token: ViewToken = { kind: 'nested', id, ...this.#page, parent: this.#parentInstance }
    return this.#host.signer.sign('view', token)
  }

  /** The same while it says the same: a new one would be sent with each render. */
  #stickyToken(view: LiveView, id: string, session: SessionData): string {
    const content = stickyToken(view, id, this.#page, session)
    const says = JSON.stringify(content)
    const known = this.#stickies.get(id)
    if (known?.says === says) return known.token
    const token = this.#host.signer.sign('view', content)
    this.#stickies.set(id, { says, token })
    return token
  }

  #forgetLeft(): void {
    const now = this.#host.now()
    for (const [id, at] of this.#left) {
      if (now - at < keepLeft) return
      this.#left.delete(id)
      this.#children.delete(id)
    }
  }
}

/** @throws {LiveError} `ERR_VIEW` for a view without a name: it could not be found when the page joins it again. */
export function stickyToken(view: LiveView, id: string, { nonce, lang }: OfPage, session: SessionData): ViewToken {
  return { kind: 'sticky', id, nonce, lang, name: stickyNameOf(view, id), session }
}

/** `parentId`: absent for a sticky view. */
export function nestedContainer(
  { container, options: { id } }: NestedView,
  parentId: string | undefined,
  token: string,
  staticToken: string,
  content: unknown,
): Rendered {
  const identity = {
    id,
    'data-phx-session': token,
    'data-phx-static': staticToken,
    'data-phx-parent-id': parentId,
    'data-phx-sticky': parentId === undefined ? (true as const) : undefined,
  }
  return renderContainer(container, identity, content)
}
