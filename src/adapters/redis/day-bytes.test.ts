import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createRedisDayBytes, type RedisDayBytes } from './day-bytes.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A client that keeps what it is asked until its server is back, as `redis` does by default. */
function keeping(): { readonly counted: RedisDayBytes; back(): void } {
  const kept: (() => void)[] = []
  const sendCommand = ([name]: string[]): Promise<unknown> =>
    new Promise((resolve) => kept.push(() => resolve(name === 'MGET' ? Array.from({ length: 24 }, () => null) : 1)))
  return {
    counted: createRedisDayBytes({ client: { isReady: false, sendCommand } }),
    back: () => kept.splice(0).forEach((answer) => answer()),
  }
}

it('does not wait for a server that is away, and asks it again when it is back', async () => {
  const { counted, back } = keeping()
  const asked = expect(counted.of('ada')).rejects.toThrow('has not answered')
  await vi.advanceTimersByTimeAsync(1000)
  await asked
  await expect(counted.of('ada')).rejects.toThrow('has not answered')
  back()
  await vi.advanceTimersByTimeAsync(0)
  const again = counted.of('ada')
  back()
  expect(await again).toEqual({ bytes: 0, resetsIn: 0 })
})

it('closes while the server is away', async () => {
  const { counted } = keeping()
  counted.add('ada', 5)
  const closed = counted.close()
  await vi.advanceTimersByTimeAsync(1000)
  await expect(closed).resolves.toBeUndefined()
})

it('has all keys of a visitor at one server of a cluster', async () => {
  const commands: string[][] = []
  const client = {
    isReady: true,
    sendCommand: (command: string[]) => {
      commands.push(command)
      return Promise.resolve(command[0] === 'MGET' ? [] : 1)
    },
  }
  await createRedisDayBytes({ client }).of('ada')
  const tags = commands[0]!.slice(1).map((key) => /\{(.*?)\}/.exec(key)?.[1])
  expect(new Set(tags)).toEqual(new Set(['ada']))
})
