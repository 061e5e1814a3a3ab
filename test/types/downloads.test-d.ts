import { createReadStream, openAsBlob } from 'node:fs'
import { Readable } from 'node:stream'
import type { DownloadEnd, DownloadOptions, DownloadSource, LiveComponentSocket, LiveViewSocket } from 'liveloom'
import { describe, expectTypeOf, it } from 'vitest'

declare const socket: LiveViewSocket
declare const component: LiveComponentSocket

describe('a download is started from', () => {
  it('what has bytes, or will have', () => {
    const name = 'a.txt'
    socket.download('/srv/a.txt')
    socket.download({ path: 'a.txt', root: '/srv' }, { name })
    socket.download(new URL('https://files.test/a.txt'))
    socket.download({ url: 'https://files.test/a.txt' })
    socket.download(Buffer.from('a'), { name })
    socket.download(new Blob(['a']), { name })
    socket.download(new File(['a'], name))
    socket.download(new Blob(['a']).stream(), { name })
    socket.download(createReadStream('/srv/a.txt'), { name })
    socket.download(() => createReadStream('/srv/a.txt'), { name })
    socket.download(() => openAsBlob('/srv/a.txt'), { name })
    socket.download(() => Readable.from(['a']), { name })
    socket.download(async (signal) => (await fetch('https://files.test/a.txt', { signal })).body!, { name })
    socket.download(
      async function* (signal) {
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
        yield 'a'
        yield new Uint8Array()
      },
      { name },
    )
    component.download('/srv/a.txt', { onEnd: async ({ bytes }) => expectTypeOf(bytes).toBeNumber() as never })
  })

  it('nothing else', () => {
    // @ts-expect-error -- A number is no source.
    socket.download(1)
    // @ts-expect-error -- A function of a path is none.
    socket.download(() => '/srv/a.txt')
    // @ts-expect-error -- A stream of numbers has no bytes.
    socket.download(async function* () {
      yield 1
    })
    // @ts-expect-error -- There is no such option.
    socket.download('/srv/a.txt', { filename: 'a.txt' })
  })
})

it('what it is told and takes is no any', () => {
  expectTypeOf<DownloadSource>().not.toBeAny()
  expectTypeOf<DownloadOptions['onEnd']>().not.toBeAny()
  expectTypeOf<DownloadEnd['outcome']>().toEqualTypeOf<'sent' | 'aborted' | 'expired' | 'missing' | 'failed'>()
})
