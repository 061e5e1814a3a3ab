/** All pages. To add one: its import, and its name in a group. */
import type { LiveServer, LiveSessionOptions, LiveView } from 'liveloom'
import type { GalleryPage } from './page.ts'
import { page as async } from './pages/async.ts'
import { page as auth } from './pages/auth.ts'
import { page as buckets } from './pages/buckets.ts'
import { page as checks } from './pages/checks.ts'
import { page as clientHooks } from './pages/client-hooks.ts'
import { page as components } from './pages/components.ts'
import { page as componentUploads } from './pages/component-uploads.ts'
import { page as connection } from './pages/connection.ts'
import { page as counter } from './pages/counter.ts'
import { page as development } from './pages/development.ts'
import { page as downloads } from './pages/downloads.ts'
import { page as endless } from './pages/endless.ts'
import { page as failure } from './pages/failure.ts'
import { page as flash } from './pages/flash.ts'
import { page as formBehaviour } from './pages/form-behaviour.ts'
import { page as forms } from './pages/forms.ts'
import { page as gaps } from './pages/gaps.ts'
import { page as hooks } from './pages/hooks.ts'
import { page as js } from './pages/js.ts'
import { page as lists } from './pages/lists.ts'
import { page as longPolling } from './pages/long-polling.ts'
import { page as lostLine } from './pages/lost-line.ts'
import { page as metrics } from './pages/metrics.ts'
import { page as navigation } from './pages/navigation.ts'
import { page as nested } from './pages/nested.ts'
import { page as oneMount } from './pages/one-mount.ts'
import { page as portal } from './pages/portal.ts'
import { page as presence } from './pages/presence.ts'
import { page as preparedFiles } from './pages/prepared-files.ts'
import { page as processing } from './pages/processing.ts'
import { page as pubsub } from './pages/pubsub.ts'
import { page as stash } from './pages/stash.ts'
import { page as sticky } from './pages/sticky.ts'
import { page as streams } from './pages/streams.ts'
import { page as telemetry } from './pages/telemetry.ts'
import { page as temporary } from './pages/temporary.ts'
import { page as turns } from './pages/turns.ts'
import { page as typedEvents } from './pages/typed-events.ts'
import { page as withoutJavaScript } from './pages/without-javascript.ts'
import { page as writers } from './pages/writers.ts'

export interface PageGroup {
  readonly title: string
  readonly pages: readonly GalleryPage[]
}

const all: readonly PageGroup[] = [
  { title: 'State', pages: [counter, components, pubsub, gaps, presence, temporary, stash] },
  { title: 'Lists', pages: [lists] },
  { title: 'Streams', pages: [streams, endless] },
  { title: 'Navigation', pages: [navigation, auth, hooks, flash] },
  { title: 'Forms', pages: [forms, formBehaviour, typedEvents] },
  { title: 'Browser', pages: [js, clientHooks, connection, lostLine, oneMount, longPolling] },
  { title: 'Async', pages: [async] },
  { title: 'Views', pages: [nested, sticky, portal] },
  { title: 'While you build and run it', pages: [development, failure, telemetry, metrics] },
  {
    title: 'Uploads',
    pages: [componentUploads, preparedFiles, writers, buckets, checks, turns, processing, withoutJavaScript],
  },
  { title: 'Downloads', pages: [downloads] },
]

/** The groups that have pages, in reading order. */
export const groups: readonly PageGroup[] = all.filter(({ pages }) => pages.length > 0)

/** The routes of all pages. A route that two pages claim would hide one of them. */
export function allRoutes(): Readonly<Record<string, LiveView>> {
  const routes: Record<string, LiveView> = {}
  for (const page of groups.flatMap(({ pages }) => pages)) {
    for (const [route, view] of Object.entries(page.routes)) {
      if (!`${route}/`.startsWith(`${page.path}/`)) throw new Error(`gallery: ${route} is not below ${page.path}`)
      if (Object.hasOwn(routes, route)) throw new Error(`gallery: two pages have the route ${route}`)
      routes[route] = view
    }
  }
  return routes
}

/** The live sessions of all pages. */
export function allLiveSessions(): Readonly<Record<string, LiveSessionOptions>> {
  return Object.fromEntries(
    groups.flatMap(({ pages }) => pages.flatMap((page) => Object.entries(page.liveSessions ?? {}))),
  )
}

/** Has the server take the forms of all pages. */
export function takePosts(server: LiveServer): void {
  for (const { posts } of groups.flatMap(({ pages }) => pages)) posts?.(server)
}
