/** Sends a file over its channel, as the official client does, from where the server stands: where HTTP does not get through. */
import type { Channel } from 'phoenix'
import { chunkEvent, uploadTopicPrefix } from '../protocol/message.ts'
import { sizeOf } from './send-file.ts'

export interface ChunkConfig {
  readonly chunk_size: number
  readonly chunk_timeout: number
}

/** What of the official client opens channels. */
export interface Channels {
  channel(topic: string, params: object): Channel
}

export interface ChunkedFile {
  readonly ref: string
  readonly file: Blob
  readonly token: string
  readonly stop: AbortSignal
}

/** What became of it. `left`: nobody wants it any more. */
export type Chunked = 'done' | 'left' | { readonly failed: string }

export function sendChunks(
  channels: Channels,
  { ref, file, token, stop }: ChunkedFile,
  { chunk_size: size, chunk_timeout: timeout }: ChunkConfig,
): Promise<Chunked> {
  const channel = channels.channel(uploadTopicPrefix + ref, { token })
  return new Promise((resolve) => {
    const end = (chunked: Chunked): void => {
      if (chunked !== 'done') channel.leave()
      resolve(chunked)
    }
    const fail = ({ reason }: { readonly reason: string }): void => end({ failed: reason })
    const send = async (offset: number): Promise<void> => {
      if (stop.aborted) return end('left')
      if (offset >= sizeOf(file)) return end('done')
      const bytes = await file
        .slice(offset, offset + size)
        .arrayBuffer()
        .catch(() => undefined)
      if (bytes === undefined) return fail({ reason: 'unreadable' })
      channel
        .push(chunkEvent, bytes, timeout)
        .receive('ok', () => void send(offset + bytes.byteLength))
        .receive('error', fail)
    }
    channel.onError(() => fail({ reason: 'failed' }))
    channel.onClose(() => resolve('left'))
    // A chunk that is on its way may never be answered then.
    stop.addEventListener('abort', () => end('left'))
    channel
      .join()
      .receive('ok', ({ offset = 0 }: { readonly offset?: number }) => void send(offset))
      .receive('error', fail)
  })
}
