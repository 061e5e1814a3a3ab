/** Who may join: reads the tokens of a join, and says which view it leads to and what comes with it, or why it may not. */
import type { LiveView, SessionData } from '../live/definitions.ts'
import { type Flash, noFlash, toFlash } from '../live/flash.ts'
import { noRoute } from '../live/instance.ts'
import { stickyUrl, type ViewToken } from '../session/nested-views.ts'
import type { RunningView, SessionOptions } from '../session/options.ts'
import type { OnResume } from '../session/resumption.ts'
import type { StashPlace } from '../live/stash.ts'
import { stickyView } from '../live/sticky-views.ts'
import { urlWithoutBase } from '../protocol/base-path.ts'
import { viewTopicPrefix } from '../protocol/message.ts'
import type { JoinPayload } from '../protocol/payloads.ts'
import { mostChildJoins } from '../protocol/replies.ts'
import type { Signer } from '../token/signer.ts'
import { containerOf, type LiveRoute, shareDocument } from './live-sessions.ts'
import type { Router } from './router.ts'
import type { StaticToken } from './static-token.ts'
import { tokenMaxAge } from './visitor.ts'

/** What a session is made of: what was joined, and what may come with it. */
export type JoinTarget = Pick<
  SessionOptions,
  | 'view'
  | 'route'
  | 'name'
  | 'url'
  | 'nonce'
  | 'lang'
  | 'params'
  | 'session'
  | 'visitor'
  | 'mounts'
  | 'around'
  | 'onMount'
  | 'flash'
  | 'parent'
  | 'sticky'
  | 'lastTry'
  | 'container'
  | 'resumeWindow'
> & { readonly onResume: OnResume | undefined; readonly stashPlace: StashPlace }

/** The same, without what every join brings. */
type JoinPlace = Omit<JoinTarget, 'flash' | 'visitor' | 'mounts'>

/** What decides: the server's keys and routes, and what the connection knows. */
export interface Door {
  readonly signer: Signer
  readonly basePath: string
  readonly router: Router<LiveRoute>
  /** Those that pages of the application's own may hold, by name. */
  readonly views: ReadonlyMap<string, LiveView>
  /** How long views that stand in no live session are kept, in ms. */
  readonly resumeWindow: number
  /** A page came whose tokens are not those of this server: the CSRF token, or those of its views. */
  stale(what: 'csrf' | 'token'): void
  /** The session of the connection's visitor; `undefined` when the connection is not trusted. */
  readonly visitor: SessionData | undefined
  /** The view of the connection with that instance id. */
  sessionOf(instanceId: string): RunningView | undefined
  /** Whether that view has sent the page elsewhere of late. */
  hasSentAway(instanceId: string): boolean
}

/** Of a view without a route. */
function placeOf({ stash }: LiveView, name: string): StashPlace {
  return { plan: stash, name, pathParams: [] }
}

/** What a join of `topic` leads to, or the reason of its refusal. */
export function authorise(topic: string, payload: JoinPayload, door: Door): JoinTarget | string {
  const { signer, visitor } = door
  if (visitor === undefined) {
    door.stale('csrf')
    return 'stale'
  }
  const token = signer.verify('view', payload.session, tokenMaxAge) as ViewToken | undefined
  if (token === undefined || viewTopicPrefix + token.id !== topic) {
    door.stale('token')
    return 'stale'
  }
  let rendered: StaticToken | undefined
  if (payload.static !== null) {
    rendered = signer.verify('static', payload.static, tokenMaxAge) as StaticToken | undefined
    if (rendered?.id !== token.id) return 'stale'
  }
  const target =
    token.kind === 'route'
      ? authoriseRoute(token, payload, door)
      : token.kind === 'placed'
        ? authorisePlaced(token, payload, door)
        : authoriseNested(token, payload, door)
  if (typeof target === 'string') return target
  const session = { ...visitor, ...target.session }
  return { ...target, session, visitor, mounts: payload.mounts, flash: flashOf(payload, rendered, signer) }
}

function authoriseRoute(
  token: ViewToken & { kind: 'route' },
  { url: address, redirected }: JoinPayload,
  { basePath, router }: Door,
): JoinPlace | string {
  if (address === undefined) return 'stale'
  const url = urlWithoutBase(basePath, address)
  const match = router.match(new URL(url))
  const before = router.route(token.route)
  if (match === undefined || match === 'unreadable' || before === undefined) return 'unauthorized'
  const { route, params } = match
  // Out of a live session only a page load leads, so that the mount hooks of the other one are asked with the request; and out of a
  // layout, which only that exchanges.
  if (!shareDocument(route, before)) return 'unauthorized'
  // One view may have several routes.
  if (!redirected && route.view !== before.view) return 'unauthorized'
  const { nonce, lang = 'en', session } = token
  const { onMount, resumeWindow, onResume } = route.group
  return {
    view: route.view,
    route: route.facts,
    name: route.path,
    url,
    nonce,
    lang,
    params,
    session,
    onMount,
    around: undefined,
    parent: undefined,
    sticky: false,
    lastTry: false,
    container: redirected ? containerOf(route) : undefined,
    resumeWindow: route.view.resumeWindow ?? resumeWindow,
    onResume,
    stashPlace: route.stash,
  }
}

/** In a page of the application's own: it has that page's address, which leads to no view. */
function authorisePlaced(
  token: ViewToken & { kind: 'placed' },
  { url: address }: JoinPayload,
  { basePath, views, resumeWindow }: Door,
): JoinPlace | string {
  const { name, session, nonce, lang = 'en' } = token
  const view = views.get(name)
  if (view === undefined || address === undefined) return 'stale'
  return {
    ...{ view, name, session, nonce, lang, route: noRoute, params: undefined, onMount: [], onResume: undefined },
    ...{ around: undefined, parent: undefined, sticky: false, lastTry: false },
    url: urlWithoutBase(basePath, address),
    stashPlace: placeOf(view, `placed ${name}`),
    resumeWindow: view.resumeWindow ?? resumeWindow,
  }
}

function authoriseNested(
  token: Exclude<ViewToken, { kind: 'route' | 'placed' }>,
  payload: JoinPayload,
  { sessionOf, hasSentAway, resumeWindow }: Door,
): JoinPlace | string {
  const { id, nonce, lang = 'en' } = token
  const place = { name: id, route: noRoute, nonce, lang, params: undefined, onMount: [], onResume: undefined }
  if (token.kind === 'sticky') {
    const view = stickyView(token.name)
    if (view === undefined) return 'stale'
    const { session } = token
    const around = { id: undefined, session }
    return {
      ...place,
      stashPlace: placeOf(view, `sticky ${token.name}`),
      view,
      session,
      around,
      url: stickyUrl,
      parent: undefined,
      sticky: true,
      lastTry: false,
      resumeWindow: view.resumeWindow ?? resumeWindow,
    }
  }
  const parent = sessionOf(token.parent)
  const child = parent?.child(id)
  // `stale` would have the page load anew where it is, and not go where it was sent.
  if (hasSentAway(token.parent)) return 'parent_redirect'
  if (parent === undefined || child === undefined) return 'stale'
  const { view, session, awaited } = child
  const lastTry = isLastTry(payload, awaited)
  const around = { id: parent.place.id, session }
  return {
    ...place,
    stashPlace: placeOf(view, `${parent.stashPlace} > ${id}`),
    view,
    session,
    around,
    url: parent.url,
    parent,
    sticky: false,
    lastTry,
    resumeWindow: view.resumeWindow ?? parent.resumeWindow,
  }
}

/** What the page shows already, or what the page before has left for it. A token that is not ours means nothing. */
function flashOf({ flash, mounts, redirected }: JoinPayload, rendered: StaticToken | undefined, signer: Signer): Flash {
  if (flash !== undefined) return toFlash(signer.verify('flash', flash, tokenMaxAge))
  return mounts === 0 && !redirected ? (rendered?.flash ?? noFlash) : noFlash
}

/**
 * Whether the client gives up a view inside another when this join of it fails. It tries one that the page shows more than once; one
 * that came with its parent's join, and was not there before, it drops at once, and waits for it none the less.
 */
function isLastTry({ attempts, mounts, static: shown }: JoinPayload, awaited: boolean): boolean {
  return attempts >= mostChildJoins - 1 || (awaited && mounts === 0 && shown === null)
}
