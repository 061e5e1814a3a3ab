import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { RecordingWriter } from '../../test/support/recording-writer.ts'
import type { KeptFile, KeptWriter } from './ledger.ts'
import { Receiver } from './receiver.ts'

const bytes = Uint8Array.from({ length: 100 }, (_, at) => at)
const whole = createHash('sha256').update(bytes).digest('hex')

/** A file of which so much was written by another process. */
function keptFile(received: number): KeptFile {
  const writer = new RecordingWriter()
  const kept: KeptWriter = {
    write: (chunk) => writer.write(chunk),
    close: (reason) => writer.close(reason),
    dispose: (outcome) => writer.dispose(outcome),
    meta: () => writer.meta(),
    isOurs: async () => true,
    beginConsume: async () => true,
    endConsume: async () => {},
    read: async (from, to) => bytes.slice(from, to),
    cutBack: async () => {},
    pause: async () => {},
  }
  const file = { uuid: 'uuid', received, done: received === bytes.length, tries: 0, take: () => true }
  return { ...file, open: async () => kept, leave: async () => {}, remove: async () => {}, peek: async () => bytes }
}

function receive(kept: KeptFile | undefined, verify = true) {
  const said: (string | undefined)[] = []
  const receiver = new Receiver({
    clientSize: bytes.length,
    verify,
    kept,
    openWriter: async () => new RecordingWriter(),
    onWritten: () => {},
    onDone: (sha256) => said.push(sha256),
    onFailed: () => {},
    report: (error) => said.push(String(error)),
  })
  return { receiver, said }
}

describe('the digest of what is received', () => {
  it.each([
    { from: 'the start', received: 0, kept: false },
    { from: 'the start of a kept file', received: 0, kept: true },
    { from: 'where another process stopped', received: 37, kept: true },
  ])('is that of the whole, from $from', async ({ received, kept }) => {
    const { receiver, said } = receive(kept ? keptFile(received) : undefined)
    await receiver.open()
    for (let at = received; at < bytes.length; at += 30) await receiver.write([bytes.subarray(at, at + 30)])
    await receiver.finish()
    expect(said).toEqual([whole])
    expect(receiver.sha256).toBe(whole)
  })

  it('of a file that was done before is known when it is consumed', async () => {
    const { receiver } = receive(keptFile(bytes.length))
    expect(receiver.sha256).toBeUndefined()
    expect(await receiver.beginConsume()).toBe(true)
    expect(receiver.sha256).toBe(whole)
  })

  it('is not taken where nobody asks for it', async () => {
    const { receiver, said } = receive(undefined, false)
    await receiver.open()
    await receiver.write([bytes])
    await receiver.finish()
    expect(said).toEqual([undefined])
  })
})
