/** Sends a file over its channel, as the official client does, from where the server stands: where HTTP does not get through. */
import type { Channel } from 'phoenix'
import type { LiveSocket } from 'phoenix_live_view'
import { chunkEvent, uploadTopicPrefix } from '../protocol/message.ts'

export interface ChunkConfig {
  readonly chunk_size: number
  readonly chunk_timeout: number
}

export interface ChunkedFile {
  readonly ref: string
  readonly file: Blob
  readonly token: string
  readonly stop: AbortSignal
}

/** Resolves to why it failed; `undefined` when the server has all of it, or it was stopped. */
export function sendChunks(
  liveSocket: LiveSocket,
  { ref, file, token, stop }: ChunkedFile,
  { chunk_size: size, chunk_timeout: timeout }: ChunkConfig,
): Promise<string | undefined> {
  const channel = (liveSocket as LiveSocket & { channel(topic: string, params: object): Channel }).channel(
    uploadTopicPrefix + ref,
    { token },
  )
  return new Promise((resolve) => {
    const end = (reason?: string): void => {
      if (reason !== undefined || stop.aborted) channel.leave()
      resolve(reason)
    }
    const send = async (offset: number): Promise<void> => {
      if (stop.aborted || offset >= file.size) return end()
      // What cannot be read has been told by `read-files.ts`.
      const bytes = await file
        .slice(offset, offset + size)
        .arrayBuffer()
        .catch(() => undefined)
      if (bytes === undefined) return end('unreadable')
      channel
        .push(chunkEvent, bytes, timeout)
        .receive('ok', () => void send(offset + bytes.byteLength))
        .receive('error', ({ reason }: { readonly reason: string }) => end(reason))
    }
    channel.onError(() => end('failed'))
    channel
      .join()
      .receive('ok', ({ offset = 0 }: { readonly offset?: number }) => void send(offset))
      .receive('error', ({ reason }: { readonly reason: string }) => end(reason))
  })
}
