/** What a page is told of downloads, and asks for by HTTP. */
import type { Page, RawView, Reply } from './raw-client.ts'
import { askWhole, type WholeAnswer } from './whole-answer.ts'

export interface Told {
  readonly url: string
  readonly as: string
}

/** The downloads that an answer starts. */
export function toldIn({ response }: Reply): readonly Told[] {
  const { e = [] } = (response['diff'] ?? {}) as { readonly e?: readonly (readonly [string, Told])[] }
  return e.flatMap(([name, payload]) => (name === 'liveloom:download' ? [payload] : []))
}

/** Starts those of an event of the view, and gives their addresses. */
export async function start(view: RawView, event: string, value: unknown = {}): Promise<readonly string[]> {
  return toldIn(await view.event(event, value)).map(({ url }) => url)
}

/** Asks for a path of the page's server as its browser does, or otherwise. */
export function download(
  page: Page,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Readonly<Record<string, string>> } = {},
): Promise<WholeAnswer> {
  const { hostname, port, pathname, search } = new URL(path, page.url)
  return askWhole({ hostname, port, path: pathname + search, method, headers: { cookie: page.cookie, ...headers } })
}
