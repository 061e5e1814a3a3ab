import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { turn } from '../../test/support/manual-time.ts'
import { Mailbox } from './mailbox.ts'
import { Turns } from '../live/turns.ts'

/** A process that has all the time there is. */
const idle = () => new Turns({ now: () => 0, nextTurn: (run) => void setImmediate(run) })

/** A process whose time runs: each look at the clock finds it 4 ms later, so that messages wait for a turn again and again. */
function fast() {
  let now = 0
  return new Turns({ now: () => (now += 4), nextTurn: (run) => void setImmediate(run) })
}

/** A mailbox whose handler does what each message says. */
function mailboxOf(turns = idle()) {
  const log: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const gone: string[] = []
  const mailbox = new Mailbox<string>({
    turns,
    handle: (message) => {
      log.push(`begin ${message}`)
      if (message.startsWith('throw')) throw new Error(message)
      if (!message.startsWith('wait')) return undefined
      return new Promise<void>((resolve, reject) => {
        ends.set(message, (error) => (error === undefined ? resolve() : reject(error)))
      }).then(() => void log.push(`end ${message}`))
    },
    onThrow: (error, message) => log.push(`${message}: ${(error as Error).message}`),
    onGone: (message) => gone.push(message),
  })
  return { mailbox, log, gone, end: (message: string, error?: Error) => ends.get(message)!(error) }
}

describe('a mailbox', () => {
  it('handles at once what does not wait', () => {
    const { mailbox, log } = mailboxOf()
    mailbox.post('a')
    mailbox.post('b')
    expect(log).toEqual(['begin a', 'begin b'])
    expect(mailbox.running).toBeUndefined()
  })

  it('keeps messages behind an async handler, and their order', async () => {
    const { mailbox, log, end } = mailboxOf()
    mailbox.post('wait 1')
    mailbox.post('a')
    mailbox.post('wait 2')
    mailbox.post('b')
    expect(mailbox.running).toBe('wait 1')
    expect([...mailbox.waiting]).toEqual(['a', 'wait 2', 'b'])
    end('wait 1')
    await turn()
    expect(mailbox.running).toBe('wait 2')
    expect([...mailbox.waiting]).toEqual(['b'])
    end('wait 2')
    await turn()
    expect(log).toEqual(['begin wait 1', 'end wait 1', 'begin a', 'begin wait 2', 'end wait 2', 'begin b'])
    expect(mailbox.running).toBeUndefined()
  })

  it('handles what a handler posts after that handler', () => {
    const log: string[] = []
    const mailbox: Mailbox<number> = new Mailbox({
      turns: idle(),
      handle: (message) => {
        if (message < 3) mailbox.post(message + 1)
        log.push(`end ${message}`)
      },
      onThrow: () => {},
    })
    mailbox.post(0)
    expect(log).toEqual(['end 0', 'end 1', 'end 2', 'end 3'])
  })

  it('handles a long row of messages without a deep stack', () => {
    const { mailbox, log, end } = mailboxOf()
    mailbox.post('wait')
    for (let at = 0; at < 50_000; at++) mailbox.post('a')
    end('wait')
    return turn().then(() => expect(log).toHaveLength(50_002))
  })

  it('tells what a handler threw, before the next message', async () => {
    const { mailbox, log, end } = mailboxOf()
    mailbox.post('throw 1')
    mailbox.post('wait 1')
    mailbox.post('a')
    end('wait 1', new Error('late'))
    await turn()
    expect(log).toEqual(['begin throw 1', 'throw 1: throw 1', 'begin wait 1', 'wait 1: late', 'begin a'])
  })

  it('drops what waits when it is closed, and what comes later', async () => {
    const { mailbox, log, end } = mailboxOf()
    mailbox.post('wait 1')
    mailbox.post('a')
    mailbox.close()
    mailbox.post('b')
    end('wait 1')
    await turn()
    expect(log).toEqual(['begin wait 1', 'end wait 1'])
    expect([...mailbox.waiting]).toEqual([])
  })

  it('may be closed by the handler that runs', () => {
    const seen: number[] = []
    const mailbox: Mailbox<number> = new Mailbox({
      turns: idle(),
      handle: (message) => {
        seen.push(message)
        mailbox.post(message + 1)
        mailbox.close()
      },
      onThrow: () => {},
    })
    mailbox.post(0)
    expect(seen).toEqual([0])
  })

  it('lets a waiting message be taken out', async () => {
    const { mailbox, log, end } = mailboxOf()
    for (const message of ['wait 1', 'a', 'b']) mailbox.post(message)
    mailbox.remove('a')
    mailbox.remove('unknown')
    end('wait 1')
    await turn()
    expect(log).toEqual(['begin wait 1', 'end wait 1', 'begin b'])
  })

  it('awaits promises of every make', async () => {
    const log: string[] = []
    let settle = (): void => {}
    // As those of query builders: `then`, and nothing else.
    // oxlint-disable-next-line unicorn/no-thenable
    const foreign = { then: (resolve: () => void) => void (settle = resolve) } as unknown as Promise<void>
    const mailbox = new Mailbox<string>({
      turns: idle(),
      handle: (message) => {
        log.push(message)
        return message === 'foreign' ? foreign : undefined
      },
      onThrow: (error) => log.push(String(error)),
    })
    mailbox.post('foreign')
    mailbox.post('a')
    await turn()
    expect(log).toEqual(['foreign'])
    settle()
    await turn()
    expect(log).toEqual(['foreign', 'a'])
  })

  it('handles every message once, one at a time and in order, whatever waits and throws', async () => {
    const kinds = fc.array(fc.constantFrom('sync', 'async', 'slow', 'throw', 'reject'), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(kinds, async (messages) => {
        let running = 0
        const handled: number[] = []
        const thrown: number[] = []
        const gone: number[] = []
        const mailbox = new Mailbox<{ readonly at: number; readonly kind: string }>({
          turns: fast(),
          handle: ({ at, kind }) => {
            expect(++running).toBe(1)
            handled.push(at)
            if (kind === 'sync' || kind === 'throw') {
              running--
              if (kind === 'throw') throw new Error(kind)
              return undefined
            }
            return (kind === 'slow' ? turn() : Promise.resolve()).then(() => {
              running--
              if (kind === 'reject') throw new Error(kind)
            })
          },
          onThrow: (_, { at }) => thrown.push(at),
          onGone: ({ at }) => gone.push(at),
        })
        for (const [at, kind] of messages.entries()) mailbox.post({ at, kind })
        while (!mailbox.idle) await turn()
        expect(handled).toEqual(messages.map((_, at) => at))
        expect(gone).toEqual(handled)
        const throwing = messages
          .map((kind, at) => (kind === 'throw' || kind === 'reject' ? at : -1))
          .filter((at) => at >= 0)
        expect(thrown).toEqual(throwing)
      }),
    )
  })

  it('tells of each message once that it concerns nobody any more', async () => {
    const { mailbox, gone, end } = mailboxOf()
    for (const message of ['a', 'wait 1', 'b', 'c', 'd']) mailbox.post(message)
    expect(gone).toEqual(['a'])
    mailbox.remove('b')
    mailbox.close()
    mailbox.post('e')
    // What runs still holds what it was given.
    expect(gone).toEqual(['a', 'b', 'c', 'd', 'e'])
    end('wait 1')
    await turn()
    expect(gone).toEqual(['a', 'b', 'c', 'd', 'e', 'wait 1'])
  })
})

describe('a mailbox whose handler posts one message for each', () => {
  /** How often each of `count` mailboxes has handled a message when `until` comes about. */
  async function loop(count: number, sync: boolean, until: (handled: number[]) => Promise<void>): Promise<number[]> {
    const handled = Array.from({ length: count }, () => 0)
    const turns = fast()
    const mailboxes = handled.map((_, at) => {
      const mailbox: Mailbox<string> = new Mailbox({
        turns,
        handle: (message) => {
          handled[at]!++
          if (sync) return mailbox.post(message)
          return Promise.resolve().then(() => mailbox.post(message))
        },
        onThrow: () => {},
      })
      return mailbox
    })
    for (const mailbox of mailboxes) mailbox.post('again')
    await until(handled)
    for (const mailbox of mailboxes) mailbox.close()
    return handled
  }

  it.each([
    { name: 'at once', sync: true },
    { name: 'behind a promise', sync: false },
  ])('leaves the process its turns: $name', async ({ sync }) => {
    let turned = 0
    await loop(1, sync, async () => {
      for (; turned < 20; turned++) await turn()
    })
    expect(turned).toBe(20)
  })

  it('leaves other mailboxes theirs', async () => {
    const handled = await loop(5, true, async () => {
      for (let at = 0; at < 100; at++) await turn()
    })
    expect(Math.min(...handled)).toBeGreaterThan(0)
    expect(Math.max(...handled) - Math.min(...handled)).toBeLessThanOrEqual(16)
  })
})
