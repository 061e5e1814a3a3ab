/** What a page is told of downloads, and asks for by HTTP. */
import { request } from 'node:http'
import type { Page, RawView, Reply } from './raw-client.ts'

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

export interface Downloaded {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
  readonly broken: boolean
}

/** Asks for a path of the page's server as its browser does, or otherwise. */
export function download(
  page: Page,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Readonly<Record<string, string>> } = {},
): Promise<Downloaded> {
  return new Promise((resolve, reject) => {
    const asked = request(
      new URL(path, page.url),
      { method, agent: false, headers: { cookie: page.cookie, ...headers } },
      (response) => {
        const pieces: Buffer[] = []
        response.on('data', (piece: Buffer) => pieces.push(piece))
        response.on('error', () => {})
        response.on('close', () =>
          resolve({
            status: response.statusCode!,
            headers: response.headers as Downloaded['headers'],
            body: Buffer.concat(pieces).toString(),
            broken: !response.complete,
          }),
        )
      },
    )
    asked.on('error', reject).end()
  })
}
