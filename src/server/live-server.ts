/** A server as it is described: its options, resolved, and the routes of its own. It runs nowhere yet. */
import { type LiveServerOptions, resolveServerOptions, type ServerSettings } from './options.ts'
import { type Post, type PostRoute, resolvePost } from './post.ts'

/** A server that is not running yet. Hand it to a runtime: `serve` of `liveloom/node`. */
export interface LiveServer {
  readonly settings: ServerSettings
  /** What `post` was given, by path. */
  readonly posts: ReadonlyMap<string, PostRoute>
  readonly post: Post
}

/**
 * Describes a server: its views by path, and what they share.
 *
 * @throws {LiveError} `ERR_SERVER_OPTIONS` for a wrong option.
 * @example
 * import { createLiveServer, createLiveView, html } from 'liveloom'
 * import { serve } from 'liveloom/node'
 *
 * const hello = createLiveView({ render: () => html`<h1>Hello</h1>` })
 * export const start = () => serve(createLiveServer({ routes: { '/': hello } }), { port: 4000 })
 */
export function createLiveServer(options: LiveServerOptions): LiveServer {
  const settings = resolveServerOptions(options)
  const posts = new Map<string, PostRoute>()
  const isReserved = (path: string): boolean =>
    [settings.path, settings.basePath].some((other) => other !== '' && `${path}/`.startsWith(`${other}/`))
  const post = (path: string, ...rest: readonly unknown[]): void => {
    posts.set(
      path,
      resolvePost(path, rest, (other) => posts.has(other), isReserved),
    )
  }
  return { settings, posts, post }
}
