/** One receiver takes over the file of another, which is still writing to it. */
import { expect, it } from 'vitest'
import { ManualTime } from '../../test/support/manual-time.ts'
import type { KeptFile, KeptWriter } from './ledger.ts'
import { Receiver } from './receiver.ts'
import { UploadResource } from './resource.ts'

class SlowFile implements KeptFile {
  readonly uuid = 'a'
  readonly done = false
  readonly tries = 0
  readonly content: number[] = []
  readonly #waiting: (() => void)[] = []

  get received(): number {
    return this.content.length
  }

  take = (): boolean => true
  leave = async (): Promise<void> => {}
  remove = async (): Promise<void> => {}
  peek = async (): Promise<Uint8Array> => new Uint8Array()

  goOn(): void {
    for (const go of this.#waiting.splice(0)) go()
  }

  open(): Promise<KeptWriter> {
    const nothing = async (): Promise<void> => {}
    return Promise.resolve({
      write: async (chunk) => {
        await new Promise<void>((resolve) => this.#waiting.push(resolve))
        this.content.push(...chunk)
      },
      close: nothing,
      dispose: nothing,
      meta: () => ({ path: '' }),
      isOurs: async () => true,
      beginConsume: async () => true,
      endConsume: nothing,
      read: async () => new Uint8Array(),
      cutBack: nothing,
      pause: nothing,
    })
  }
}

async function* bodyOf(...bytes: readonly number[]): AsyncIterable<Uint8Array> {
  yield Uint8Array.from(bytes)
}

it('what the first has still to write counts for the second, and nothing is written twice', async () => {
  const file = new SlowFile()
  const time = new ManualTime()
  const failures: unknown[] = []
  const resourceOf = (before?: Promise<unknown>): { receiver: Receiver; resource: UploadResource } => {
    const receiver = new Receiver({
      clientSize: 6,
      kept: file,
      before,
      openWriter: () => Promise.reject(new Error('it is kept')),
      onWritten() {},
      onDone() {},
      onFailed: (error) => void failures.push(error),
      report: (error) => void failures.push(error),
    })
    const resource = new UploadResource(receiver, {
      chunkTimeout: 1000,
      resumeFor: 1000,
      pausedFor: 1000,
      verify: false,
      now: () => time.now,
      startTimer: (ms, fire) => time.startTimer(ms, fire),
      onStarted() {},
      onComing() {},
      onBroken() {},
    })
    return { receiver, resource }
  }
  const first = resourceOf()
  const running = first.resource.inTurn(() => first.resource.append(bodyOf(1, 2, 3), false))
  await first.receiver.open()
  await new Promise(setImmediate)
  const second = resourceOf(first.receiver.pause())
  const offset = second.resource.inTurn(async () => second.resource.offset)
  file.goOn()
  await running
  expect(await offset).toBe(3)
  const rest = second.resource.inTurn(() => second.resource.append(bodyOf(4, 5), false))
  await second.receiver.open()
  await new Promise(setImmediate)
  file.goOn()
  expect(await rest).toBe('written')
  expect(file.content).toEqual([1, 2, 3, 4, 5])
  expect(second.resource.offset).toBe(5)
  expect(failures).toEqual([])
})
