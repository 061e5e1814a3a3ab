import { expect, it } from 'vitest'
import { ManualTime, turn } from '../../test/support/manual-time.ts'
import { FormRefusal, pacedBody } from './form-body.ts'

/** A body that comes when it is told to. */
function manualBody(): {
  readonly body: AsyncIterable<Uint8Array>
  send(bytes: number): Promise<void>
  end(): void
  fail(): void
} {
  let controller: ReadableStreamDefaultController<Uint8Array>
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given
    },
  })
  return {
    body,
    send(bytes) {
      controller.enqueue(new Uint8Array(bytes))
      return turn()
    },
    end: () => controller.close(),
    fail: () => controller.error(new Error('gone')),
  }
}

function start(most = 1_000_000) {
  const time = new ManualTime()
  const sent = manualBody()
  const read = (async () => {
    let size = 0
    for await (const chunk of pacedBody(sent.body, {
      most: () => most,
      startTimer: time.startTimer,
      now: () => time.now,
    }))
      size += chunk.length
    return size
  })()
  read.catch(() => {})
  return { time, read, ...sent }
}

it('is read to its end, as long as it moves', async () => {
  const { time, read, send, end } = start()
  for (let count = 0; count < 10; count++) {
    await send(20_000)
    time.advance(29_000)
  }
  end()
  expect(await read).toBe(200_000)
  expect(time.running).toBe(0)
})

it.each([
  ['stands still', 0],
  ['comes by the byte', 1],
])('one that %s is given up', async (_, bytes) => {
  const { time, read, send } = start()
  await send(20_000)
  for (let count = 0; count < 30; count++) {
    if (bytes > 0) await send(bytes)
    time.advance(1000)
  }
  await expect(read).rejects.toEqual(new FormRefusal(408))
  await expect(read).rejects.toHaveProperty('status', 408)
  expect(time.running).toBe(0)
})

it('one that is larger than it may be is given up', async () => {
  const { time, read, send } = start(50_000)
  await send(50_000)
  await send(1)
  await expect(read).rejects.toHaveProperty('status', 413)
  expect(time.running).toBe(0)
})

it('one that breaks off is the sender’s doing', async () => {
  const { read, send, fail } = start()
  await send(10)
  fail()
  await expect(read).rejects.toHaveProperty('status', 400)
})
