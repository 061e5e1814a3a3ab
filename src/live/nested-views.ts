/** The views that one connected view has placed in its page: their containers, and what they are made of when the page joins them. */
import { LiveError } from '../errors.ts'
import { html } from '../template/html.ts'
import type { Rendered } from '../template/rendered.ts'
import type { LiveView, SessionData } from './definitions.ts'
import type { LiveHost } from './host.ts'
import type { NestedView } from './nested.ts'

/** What a page may join inside another view. */
export interface NestedChild {
  readonly view: LiveView
  readonly session: SessionData
}

/** What the container of a view carries, signed, so that the page can join it. */
export type ViewToken = { readonly id: string; readonly nonce: string } & (
  | { readonly kind: 'route'; readonly route: string; readonly session: SessionData }
  | { readonly kind: 'nested'; readonly parent: string }
  | { readonly kind: 'sticky'; readonly name: string; readonly session: SessionData }
)

export class NestedViews {
  readonly #parentId: string
  readonly #parentInstance: string
  readonly #nonce: string
  readonly #host: LiveHost
  readonly #children = new Map<string, NestedChild & { readonly token: string }>()

  constructor(parentId: string, parentInstance: string, nonce: string, host: LiveHost) {
    this.#parentId = parentId
    this.#parentInstance = parentInstance
    this.#nonce = nonce
    this.#host = host
  }

  get(id: string): NestedChild | undefined {
    return this.#children.get(id)
  }

  /** The container of a nested view: empty, since the page joins it by itself. */
  place({ view, options }: NestedView): Rendered {
    const { id, sticky = false, session = {} } = options
    const known = this.#children.get(id)
    const token =
      known?.token ??
      this.#host.signer.sign(
        'view',
        sticky
          ? stickyToken(this.#host, view, id, this.#nonce, session)
          : ({ kind: 'nested', id, nonce: this.#nonce, parent: this.#parentInstance } satisfies ViewToken),
      )
    this.#children.set(id, { view, session, token })
    return nestedContainer(options, sticky ? undefined : this.#parentId, token, '', undefined)
  }
}

/** @throws {LiveError} `ERR_VIEW` for a view that the server does not name: it could not be found when the page joins it again. */
export function stickyToken(
  host: LiveHost,
  view: LiveView,
  id: string,
  nonce: string,
  session: SessionData,
): ViewToken {
  const name = host.stickyName(view)
  if (name !== undefined) return { kind: 'sticky', id, nonce, name, session }
  throw new LiveError(
    'ERR_VIEW',
    `live_view('${id}'): a sticky view must be named in createLiveServer({ stickyViews: { name: view } })`,
  )
}

/** `parentId`: absent for a sticky view. */
export function nestedContainer(
  { id, class: classes }: NestedView['options'],
  parentId: string | undefined,
  token: string,
  staticToken: string,
  content: unknown,
): Rendered {
  return html`<div
    id="${id}"
    class=${classes}
    data-phx-session="${token}"
    data-phx-static="${staticToken}"
    data-phx-parent-id=${parentId}
    data-phx-sticky=${parentId === undefined}
  >${content}</div>`
}
