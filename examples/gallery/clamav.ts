/** Asks ClamAV's daemon what is in a file, over its socket. */
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { connect, type Socket } from 'node:net'
import type { TempFileMeta, UploadEntry, Verdict } from 'liveloom'

/** What `scan` of `allowUpload` takes. `socket`: the path of the daemon's, `LocalSocket` of `clamd.conf`. */
export function clamav(socket: string) {
  return async (
    _: UploadEntry,
    { path }: TempFileMeta,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Verdict> => {
    const answer = await ask(connect(socket), path, signal)
    if (answer === 'stream: OK') return true
    // Which one it was, the page need not know.
    if (answer.endsWith(' FOUND')) return 'A virus was found in this file'
    throw new Error(`clamd: ${answer}`)
  }
}

async function ask(line: Socket, path: string, signal: AbortSignal): Promise<string> {
  const stop = (): void => void line.destroy(signal.reason as Error)
  signal.addEventListener('abort', stop)
  let answer = ''
  line.setEncoding('utf8').on('data', (data: string) => (answer += data))
  // It may answer, and hang up, before it has all: that the file is too large for it, say.
  const unlessAnswered = (error: NodeJS.ErrnoException): void => {
    if (answer !== '') return
    if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') throw error
    throw new Error('clamd hung up: is the file larger than its StreamMaxLength?', { cause: error })
  }
  const ended = once(line, 'end').catch(unlessAnswered)
  const sent = send(line, path).catch(unlessAnswered)
  try {
    await Promise.all([ended, sent])
    return answer.replace(/\0$/, '')
  } finally {
    signal.removeEventListener('abort', stop)
    line.destroy()
  }
}

/** The file in pieces, each behind its length; nothing comes behind a length of 0. */
async function send(line: Socket, path: string): Promise<void> {
  const write = (bytes: Buffer): Promise<void> =>
    new Promise((resolve, reject) => void line.write(bytes, (error) => (error ? reject(error) : resolve())))
  await write(Buffer.from('zINSTREAM\0'))
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(piece.length)
    await write(Buffer.concat([length, piece]))
  }
  await write(Buffer.alloc(4))
}
