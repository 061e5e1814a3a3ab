import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualTime, turn } from '../../test/support/manual-time.ts'
import { LongPollPeer, type PollAnswer } from './long-poll-peer.ts'

interface Started {
  readonly time: ManualTime
  readonly peer: LongPollPeer
  /** What the session told of its end. */
  readonly ends: string[]
}

function start(): Started {
  const time = new ManualTime()
  const ends: string[] = []
  const peer = new LongPollPeer({
    startTimer: time.startTimer,
    closed: () => void ends.push('closed'),
    forgotten: () => void ends.push('forgotten'),
  })
  return { time, peer, ends }
}

/** The answers of a poll: there should be one. */
function ask(peer: LongPollPeer, number: number): PollAnswer[] {
  const answers: PollAnswer[] = []
  peer.poll(number, (answer) => answers.push(answer))
  return answers
}

const frames = (number: number, ...frames: string[]): PollAnswer => ({ kind: 'frames', number, frames })
const nothing = (number: number): PollAnswer => ({ kind: 'nothing', number })
const gone: PollAnswer = { kind: 'gone' }

describe('a poll', () => {
  it('is answered at once with what waits', () => {
    const { peer } = start()
    peer.send('a')
    peer.send('b')
    expect(ask(peer, 0)).toEqual([frames(1, 'a', 'b')])
  })

  it('waits for what is sent, and takes all that is sent in one go', async () => {
    const { peer } = start()
    const answers = ask(peer, 0)
    peer.send('a')
    peer.send('b')
    expect(answers).toEqual([])
    await turn()
    expect(answers).toEqual([frames(1, 'a', 'b')])
  })

  it('is answered with nothing after 10 s', () => {
    const { peer, time } = start()
    const answers = ask(peer, 0)
    time.advance(9_999)
    expect(answers).toEqual([])
    time.advance(1)
    expect(answers).toEqual([nothing(0)])
  })

  it('is superseded by the next one', async () => {
    const { peer } = start()
    const first = ask(peer, 0)
    const second = ask(peer, 0)
    expect(first).toEqual([nothing(0)])
    peer.send('a')
    await turn()
    expect([first, second]).toEqual([[nothing(0)], [frames(1, 'a')]])
  })

  it('that repeats the number of the answer before gets the lost one again, as it was', () => {
    const { peer } = start()
    peer.send('a')
    ask(peer, 0)
    peer.send('b')
    expect(ask(peer, 0)).toEqual([frames(1, 'a')])
    expect(ask(peer, 1)).toEqual([frames(2, 'b')])
  })

  it.each([-1, 0, 2, 7, Number.NaN])(
    'of the strange number %d is told that the session is gone, which goes on',
    (number) => {
      const { peer, ends } = start()
      peer.send('a')
      ask(peer, 0)
      ask(peer, 1)
      expect(ask(peer, number)).toEqual([gone])
      expect(ends).toEqual([])
    },
  )

  it('of a client that has gone takes no frame with it', async () => {
    const { peer } = start()
    const answers: PollAnswer[] = []
    const answer = (given: PollAnswer): void => void answers.push(given)
    peer.poll(0, answer)
    peer.send('a')
    peer.abandon(answer)
    await turn()
    expect(answers).toEqual([nothing(0)])
    expect(ask(peer, 0)).toEqual([frames(1, 'a')])
  })

  it('takes so much that the rest has to wait for the next', () => {
    const { peer } = start()
    const large = 'x'.repeat(200_000)
    for (let count = 0; count < 4; count++) peer.send(large)
    expect(ask(peer, 0)).toEqual([frames(1, large, large)])
    expect(ask(peer, 1)).toEqual([frames(2, large, large)])
  })
})

describe('what is not known to have arrived', () => {
  it('is counted until the client asks for more', () => {
    const { peer } = start()
    peer.send('abc')
    peer.send('d€')
    const before = peer.flushMark
    // In bytes, and with what each frame takes beside its own.
    expect(peer.unsentBytes).toBe(3 + 4 + 2 * 256)
    ask(peer, 0)
    expect(peer.unsentBytes).toBe(3 + 4 + 2 * 256)
    expect(peer.flushMark).toBeGreaterThan(before)
    ask(peer, 1)
    expect(peer.unsentBytes).toBe(0)
  })
})

describe('a session', () => {
  it('ends when nobody has polled for 15 s', () => {
    const { time, ends } = start()
    time.advance(14_999)
    expect(ends).toEqual([])
    time.advance(1)
    expect(ends).toEqual(['closed', 'forgotten'])
    expect(time.running).toBe(0)
  })

  it('lives while somebody polls', () => {
    const { peer, time, ends } = start()
    for (let count = 0; count < 10; count++) {
      ask(peer, 0)
      time.advance(24_999)
    }
    expect(ends).toEqual([])
    time.advance(1)
    expect(ends).toEqual(['closed', 'forgotten'])
  })

  it('ends 15 s after the client of the waiting poll has gone', () => {
    const { peer, time, ends } = start()
    const answer = (): void => {}
    peer.poll(0, answer)
    time.advance(5_000)
    peer.abandon(answer)
    time.advance(14_999)
    expect(ends).toEqual([])
    time.advance(1)
    expect(ends).toEqual(['closed', 'forgotten'])
  })

  it('that is closed gives what is left, also again, and then is gone', () => {
    const { peer, time, ends } = start()
    peer.send('a')
    peer.close()
    peer.send('too late')
    expect(ends).toEqual(['closed'])
    expect(ask(peer, 0)).toEqual([frames(1, 'a')])
    expect(ask(peer, 0)).toEqual([frames(1, 'a')])
    expect(ask(peer, 1)).toEqual([gone])
    expect(ends).toEqual(['closed', 'forgotten'])
    expect(time.running).toBe(0)
  })

  it('that is closed answers the poll that waits', () => {
    const { peer, time, ends } = start()
    const answers = ask(peer, 0)
    peer.close()
    expect(answers).toEqual([gone])
    expect(ends).toEqual(['closed', 'forgotten'])
    expect(time.running).toBe(0)
  })

  it('that is closed and never polled is forgotten after 15 s', () => {
    const { peer, time, ends } = start()
    peer.send('a')
    peer.close()
    time.advance(15_000)
    expect(ends).toEqual(['closed', 'forgotten'])
  })

  it('that is terminated gives nothing more', () => {
    const { peer, time, ends } = start()
    peer.send('a')
    peer.terminate()
    expect(ask(peer, 0)).toEqual([gone])
    expect([ends, peer.unsentBytes, time.running]).toEqual([['closed', 'forgotten'], 0, 0])
  })
})

describe('a client on a bad network', () => {
  /** What happens next: the server sends a frame, the client asks, an answer is lost, a request comes twice or late, a poll is
   * broken off. */
  const step = fc.constantFrom('send', 'ask', 'lose', 'double', 'late', 'abort', 'wait')

  it('gets each frame once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { peer, time } = start()
        const got: string[] = []
        let sent = 0
        let number = 0
        const receive = (answer: PollAnswer): void => {
          expect(answer.kind).not.toBe('gone')
          // An answer to a request that came twice is read once.
          if (answer.kind === 'gone' || answer.number !== number + 1) return
          if (answer.kind === 'frames') got.push(...answer.frames)
          number = answer.number
        }
        const lose = (): void => {}
        for (const step of steps) {
          if (step === 'send') peer.send(String(sent++))
          else if (step === 'ask') peer.poll(number, receive)
          else if (step === 'lose') peer.poll(number, lose)
          else if (step === 'late') peer.poll(number - 1, lose)
          else if (step === 'double') {
            const asked = number
            peer.poll(asked, receive)
            // The second one is old when the first was answered and the client has gone on.
            if (asked === number) peer.poll(asked, receive)
          } else if (step === 'abort') {
            peer.poll(number, lose)
            peer.abandon(lose)
          } else {
            await turn()
            time.advance(100)
          }
        }
        for (let count = 0; count < 3; count++) peer.poll(number, receive)
        expect(got).toEqual(Array.from({ length: sent }, (_, at) => String(at)))
      }),
    )
  })
})
