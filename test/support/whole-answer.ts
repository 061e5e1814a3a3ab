import { request, type RequestOptions } from 'node:http'

/** What became of a request: its answer as it came, whole or not. */
export interface WholeAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
  /** It ended before its end. */
  readonly broken: boolean
}

/** A request on a connection of its own. */
export function askWhole(options: RequestOptions): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request({ agent: false, ...options }, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('error', () => {})
      response.on('close', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers as WholeAnswer['headers'],
          body: Buffer.concat(pieces).toString(),
          broken: !response.complete,
        }),
      )
    })
    asked.on('error', reject).end()
  })
}
