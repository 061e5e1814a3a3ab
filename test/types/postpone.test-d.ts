import { type LiveViewSocket, postpone, type UploadEntry } from 'liveloom'
import { describe, expectTypeOf, it } from 'vitest'

declare const socket: LiveViewSocket
declare const entry: UploadEntry

describe('the results of a consume', () => {
  it('are those of its function', () => {
    expectTypeOf(socket.consumeUploadedEntries('files', () => 1)).toEqualTypeOf<Promise<number[]>>()
    expectTypeOf(socket.consumeUploadedEntries('files', async () => 1)).toEqualTypeOf<Promise<number[]>>()
    expectTypeOf(socket.consumeUploadedEntry(entry, async () => 1)).toEqualTypeOf<Promise<number>>()
  })

  it('are the values of what it postpones', () => {
    expectTypeOf(socket.consumeUploadedEntries('files', () => postpone(1))).toEqualTypeOf<Promise<number[]>>()
    expectTypeOf(socket.consumeUploadedEntries('files', async () => postpone(1))).toEqualTypeOf<Promise<number[]>>()
  })

  it('may be postponed for some entries and not for others', () => {
    const sync = socket.consumeUploadedEntries('files', ({ path }) => (path === '' ? postpone('later') : path))
    const async = socket.consumeUploadedEntries('files', async ({ path }) => (path === '' ? postpone('later') : path))
    expectTypeOf(sync).toEqualTypeOf<Promise<string[]>>()
    expectTypeOf(async).toEqualTypeOf<Promise<string[]>>()
  })
})
