import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualTime, turn } from '../../test/support/manual-time.ts'
import { RecordingWriter } from '../../test/support/recording-writer.ts'
import { UploadChannel, type UploadChannelOptions } from './channel.ts'
import { Receiver, type ReceiverOptions } from './receiver.ts'

const timeout = 60_000

/** A channel on its own, with what it said and told. */
class Rig {
  readonly time = new ManualTime()
  readonly writer: RecordingWriter
  /** What went to the page. */
  readonly said: string[] = []
  /** What the upload was told. */
  readonly told: string[] = []
  readonly reported: unknown[] = []
  readonly receiver: Receiver
  readonly channel: UploadChannel
  released: Promise<void> | undefined

  constructor({
    writer = new RecordingWriter(),
    ...options
  }: Partial<UploadChannelOptions & ReceiverOptions> & { writer?: RecordingWriter } = {}) {
    this.writer = writer
    this.receiver = new Receiver({
      clientSize: 10,
      openWriter: async () => writer,
      onWritten: (received) => this.told.push(`written ${received}`),
      onDone: () => this.told.push('done'),
      onFailed: (error) => {
        this.told.push(`failed ${error.code} ${JSON.stringify(error.data)}`)
        this.released = this.receiver.release({ error })
      },
      report: (error) => this.reported.push(error),
      ...options,
    })
    this.channel = new UploadChannel(this.receiver, {
      chunkSize: 4,
      chunkTimeout: timeout,
      outlet: {
        reply: (ref, status, response) => this.said.push(`${ref} ${status} ${JSON.stringify(response)}`),
        close: () => this.said.push('close'),
        error: () => this.said.push('error'),
      },
      startTimer: this.time.startTimer,
      settling: () => undefined,
      onTurn: () => {},
      onReturned: () => {
        this.told.push('returned')
        this.released = this.receiver.release('cancel')
      },
      ...options,
    })
  }

  /** Joined, and `bytes` of the file sent. */
  async running(...chunks: readonly number[]): Promise<this> {
    this.channel.open('1')
    await turn()
    for (const length of chunks) {
      this.channel.chunk('2', new Uint8Array(length))
      await turn()
    }
    this.said.length = this.told.length = 0
    return this
  }
}

const rigs: Rig[] = []
function rig(...options: ConstructorParameters<typeof Rig>): Rig {
  const made = new Rig(...options)
  rigs.push(made)
  return made
}

/** Whatever a test did: the writer's contract was kept to, and no timer is left behind by a channel that ended. */
afterEach(() => {
  for (const { writer, time, channel } of rigs.splice(0)) {
    expect(writer.faults).toEqual([])
    if (!channel.live) expect(time.running).toBe(0)
  }
})

describe('an upload channel', () => {
  it('answers the join once its writer is open', async () => {
    let open: (writer: RecordingWriter) => void = () => {}
    const made = rig({ openWriter: () => new Promise((resolve) => (open = resolve)) })
    made.channel.open('1')
    await turn()
    expect(made.said).toEqual([])
    open(made.writer)
    await turn()
    expect(made.said).toEqual(['1 ok {}'])
  })

  it('answers a chunk once it is written', async () => {
    const made = await rig().running()
    made.writer.hold()
    made.channel.chunk('2', new Uint8Array(4))
    await turn()
    expect(made.said).toEqual([])
    made.writer.letGo()
    await turn()
    expect(made.told).toEqual(['written 4'])
    expect(made.said).toEqual(['2 ok {}'])
  })

  it('closes the writer with the last byte, before it answers', async () => {
    const made = await rig().running(4, 4)
    made.channel.chunk('4', new Uint8Array(2))
    await turn()
    expect(made.writer.calls).toEqual(['write', 'write', 'write', 'close done'])
    expect(made.told).toEqual(['done'])
    expect(made.said).toEqual(['4 ok {}'])
    expect(made.channel.live).toBe(true)
    expect(made.receiver.meta()).toEqual({ path: '/recorded' })
  })

  it('stores the same bytes however a file is cut into chunks', async () => {
    const file = fc.uint8Array({ minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(file, fc.infiniteStream(fc.integer({ min: 1, max: 8 })), async (bytes, sizes) => {
        const made = rig({ clientSize: bytes.length, chunkSize: 8 })
        await made.running()
        let answered = 0
        for (let at = 0; at < bytes.length;) {
          const chunk = bytes.subarray(at, at + sizes.next().value)
          at += chunk.length
          made.channel.chunk(String(at), chunk)
          await turn()
          expect(made.said.slice(answered)).toEqual([`${at} ok {}`])
          answered = made.said.length
        }
        expect(made.told.at(-1)).toBe('done')
        expect(made.writer.bytes).toEqual([...bytes])
        expect(made.time.running).toBe(0)
        await made.receiver.release('consumed')
        expect(made.writer.calls.slice(-2)).toEqual(['close done', 'dispose consumed'])
      }),
      { numRuns: 50 },
    )
  })
})

describe('a chunk is refused', () => {
  it('past the declared size, at its first byte', async () => {
    const made = await rig({ chunkSize: 8 }).running(8)
    made.channel.chunk('3', new Uint8Array(3))
    await made.released
    expect(made.said).toEqual(['3 error {"reason":"file_size_limit_exceeded","limit":10}'])
    expect(made.told).toEqual(['failed size_exceeded {"clientSize":10}'])
    expect(made.writer.bytes).toHaveLength(8)
    expect(made.writer.calls).toEqual(['write', 'close error', 'dispose dropped'])
    expect(made.channel.live).toBe(false)
  })

  it('larger than allowed', async () => {
    const made = await rig().running()
    made.channel.chunk('2', new Uint8Array(5))
    await made.released
    expect(made.said).toEqual(['2 error {"reason":"invalid_chunk"}'])
    expect(made.told).toEqual(['failed upload_failed {"reason":"a chunk of 5 bytes where 4 were allowed"}'])
    expect(made.writer.calls).toEqual(['close error', 'dispose dropped'])
  })

  it('without bytes', async () => {
    const made = await rig().running()
    made.channel.chunk('2', new Uint8Array(0))
    await made.released
    expect(made.said).toEqual(['2 error {"reason":"invalid_chunk"}'])
    expect(made.told).toEqual(['failed upload_failed {"reason":"an empty chunk"}'])
  })

  it('before the last one was answered', async () => {
    const made = await rig().running()
    made.writer.hold()
    made.channel.chunk('2', new Uint8Array(4))
    made.channel.chunk('3', new Uint8Array(4))
    expect(made.said).toEqual(['3 error {"reason":"invalid_chunk"}'])
    expect(made.told).toEqual(['failed upload_failed {"reason":"a chunk before the last was answered"}'])
    await turn()
    expect(made.writer.calls).toEqual(['write'])
    made.writer.letGo()
    await made.released
    expect(made.writer.calls).toEqual(['write', 'close error', 'dispose dropped'])
    expect(made.said).toHaveLength(1)
  })

  it('before the join was answered', async () => {
    const made = rig()
    made.channel.open('1')
    made.channel.chunk('2', new Uint8Array(4))
    await turn()
    await made.released
    expect(made.said).toEqual(['2 error {"reason":"invalid_chunk"}'])
    expect(made.writer.calls).toEqual(['close error', 'dispose dropped'])
  })

  it('when all is there, which stays', async () => {
    const made = await rig({ clientSize: 4 }).running(4)
    made.channel.chunk('3', new Uint8Array(1))
    await turn()
    expect(made.said).toEqual(['3 error {"reason":"file_size_limit_exceeded","limit":4}'])
    expect(made.told).toEqual([])
    expect(made.channel.live).toBe(true)
  })

  it('without a word when the channel has ended', async () => {
    const made = await rig().running(4)
    made.channel.close()
    made.said.length = 0
    made.channel.chunk('3', new Uint8Array(4))
    await turn()
    expect(made.said).toEqual([])
    await made.receiver.release('cancel')
  })
})

describe('a writer that fails', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
  const says = 'failed writer_failure {"reason":"ENOSPC: no space left on device"}'

  it('to open refuses the join', async () => {
    const made = rig({ openWriter: () => Promise.reject(full) })
    made.channel.open('1')
    await turn()
    await made.released
    expect(made.said).toEqual(['1 error {"reason":"writer_error"}'])
    expect(made.told).toEqual([says])
    expect(made.reported).toEqual([full])
    expect(made.writer.calls).toEqual([])
  })

  it('to write fails the entry', async () => {
    const made = await rig({ writer: new RecordingWriter({ write: full }) }).running()
    made.channel.chunk('2', new Uint8Array(4))
    await turn()
    await made.released
    expect(made.said).toEqual(['2 error {"reason":"writer_error"}'])
    expect(made.told).toEqual([says])
    expect(made.reported).toEqual([full])
    expect(made.writer.calls).toEqual(['write', 'close error', 'dispose dropped'])
  })

  it('to close fails the entry, and is not closed again', async () => {
    const made = await rig({ clientSize: 4, writer: new RecordingWriter({ close: full }) }).running()
    made.channel.chunk('2', new Uint8Array(4))
    await turn()
    await made.released
    expect(made.said).toEqual(['2 error {"reason":"writer_error"}'])
    expect(made.told).toEqual([says])
    expect(made.writer.calls).toEqual(['write', 'close done', 'dispose dropped'])
  })

  it('to close after a cancel is disposed all the same', async () => {
    const made = await rig({ writer: new RecordingWriter({ close: full }) }).running(4)
    made.channel.close()
    await expect(made.receiver.release('cancel')).rejects.toBe(full)
    expect(made.writer.calls).toEqual(['write', 'close cancel', 'dispose dropped'])
  })
})

describe('a leave', () => {
  it('before the first byte gives the entry back', async () => {
    const made = await rig().running()
    made.channel.leave('2')
    await made.released
    expect(made.said).toEqual(['2 ok {}'])
    expect(made.told).toEqual(['returned'])
    expect(made.writer.calls).toEqual(['close cancel', 'dispose dropped'])
    expect(made.channel.live).toBe(false)
  })

  it('before the join is answered gives the entry back, and closes what opens later', async () => {
    const made = rig()
    made.channel.open('1')
    made.channel.leave('2')
    await made.released
    expect(made.said).toEqual(['2 ok {}'])
    expect(made.told).toEqual(['returned'])
    expect(made.writer.calls).toEqual(['close cancel', 'dispose dropped'])
  })

  it('after the first byte fails the entry', async () => {
    const made = await rig().running(4)
    made.channel.leave('3')
    await made.released
    expect(made.said).toEqual(['3 ok {}'])
    expect(made.told).toEqual(['failed upload_failed {"reason":"the browser left the upload"}'])
  })

  it('while the first byte is written fails the entry', async () => {
    const made = await rig().running()
    made.channel.chunk('2', new Uint8Array(4))
    made.channel.leave('3')
    await made.released
    expect(made.said).toEqual(['3 ok {}'])
    expect(made.told).toEqual(['failed upload_failed {"reason":"the browser left the upload"}'])
  })

  it('after the last byte changes nothing', async () => {
    const made = await rig({ clientSize: 4 }).running(4)
    made.channel.leave('3')
    expect(made.said).toEqual(['3 ok {}'])
    expect(made.told).toEqual([])
    expect(made.channel.live).toBe(true)
  })

  it('of a channel that has ended is answered', async () => {
    const made = await rig().running(4)
    made.channel.close()
    made.said.length = 0
    made.channel.leave('3')
    expect(made.said).toEqual(['3 ok {}'])
    expect(made.told).toEqual([])
    await made.receiver.release('cancel')
  })
})

describe('the time of a chunk', () => {
  const stalled = ['failed chunk_timeout {"chunkTimeout":60000}']

  it('counts from the join', async () => {
    const made = rig({ openWriter: () => new Promise(() => {}) })
    made.channel.open('1')
    made.time.advance(timeout - 1)
    expect(made.told).toEqual([])
    made.time.advance(1)
    expect(made.told).toEqual(stalled)
    expect(made.said).toEqual(['error'])
  })

  it('counts again from the join’s answer', async () => {
    const made = rig()
    made.channel.open('1')
    made.time.advance(timeout - 1)
    await turn()
    made.time.advance(timeout - 1)
    expect(made.told).toEqual([])
    made.time.advance(1)
    expect(made.told).toEqual(stalled)
    await made.released
  })

  it('counts again from each ack', async () => {
    const made = await rig().running()
    made.time.advance(timeout - 1)
    made.channel.chunk('2', new Uint8Array(4))
    await turn()
    made.time.advance(timeout - 1)
    expect(made.told).toEqual(['written 4'])
    made.time.advance(1)
    expect(made.told).toEqual(['written 4', ...stalled])
    expect(made.said).toEqual(['2 ok {}', 'error'])
    await made.released
    expect(made.writer.calls).toEqual(['write', 'close error', 'dispose dropped'])
  })

  it('does not count from a chunk: its ack would come when the client has given up', async () => {
    const made = await rig().running()
    made.time.advance(timeout - 1)
    made.writer.hold()
    made.channel.chunk('2', new Uint8Array(4))
    made.time.advance(1)
    expect(made.told).toEqual(stalled)
    made.writer.letGo()
    await made.released
    expect(made.said).toEqual(['error'])
    expect(made.writer.calls).toEqual(['write', 'close error', 'dispose dropped'])
  })

  it('is over when the file is complete', async () => {
    const made = await rig({ clientSize: 4 }).running(4)
    expect(made.time.running).toBe(0)
    made.time.advance(10 * timeout)
    expect(made.told).toEqual([])
  })
})

describe('the end of a channel', () => {
  it('by a cancel while a chunk is written waits for it, and never answers it', async () => {
    const made = await rig().running()
    made.writer.hold()
    made.channel.chunk('2', new Uint8Array(4))
    await turn()
    made.channel.close()
    expect(made.said).toEqual(['close'])
    const released = made.receiver.release('cancel')
    await turn()
    expect(made.writer.calls).toEqual(['write'])
    made.writer.letGo()
    await released
    expect(made.writer.calls).toEqual(['write', 'close cancel', 'dispose dropped'])
    expect(made.said).toEqual(['close'])
    expect(made.told).toEqual([])
  })

  it('by a cancel while the last chunk is closed does not close twice', async () => {
    const made = await rig({ clientSize: 4 }).running()
    made.writer.hold('close')
    made.channel.chunk('2', new Uint8Array(4))
    await turn()
    expect(made.writer.calls).toEqual(['write', 'close done'])
    made.channel.close()
    const released = made.receiver.release('cancel')
    made.writer.letGo()
    await released
    expect(made.writer.calls).toEqual(['write', 'close done', 'dispose dropped'])
    expect(made.told).toEqual([])
  })

  it('by a cancel while the writer opens answers the join first, and closes the writer when it is there', async () => {
    const made = rig()
    made.channel.open('1')
    made.channel.close()
    await made.receiver.release('cancel')
    // Unanswered, the client would ask for the join again and again.
    expect(made.said).toEqual(['1 ok {}', 'close'])
    expect(made.writer.calls).toEqual(['close cancel', 'dispose dropped'])
  })

  it('by the browser’s word is an error, once', async () => {
    const made = await rig().running(4)
    made.channel.fail({ code: 'upload_failed', data: { reason: 'gone' }, message: '' } as never)
    made.channel.fail({ code: 'upload_failed', data: { reason: 'gone' }, message: '' } as never)
    await made.released
    expect(made.said).toEqual(['error'])
    expect(made.told).toEqual(['failed upload_failed {"reason":"gone"}'])
  })

  it('is said once', async () => {
    const made = await rig().running(4)
    made.channel.close()
    made.channel.close()
    expect(made.said).toEqual(['close'])
    await made.receiver.release('cancel')
  })

  it('keeps to the writer’s contract, whatever came in whatever order', async () => {
    type Act = 'chunk' | 'large' | 'leave' | 'close' | 'fail' | 'wait' | 'hold' | 'letGo' | 'time'
    const act = fc.constantFrom<Act[]>(
      'chunk',
      'chunk',
      'wait',
      'wait',
      'large',
      'leave',
      'close',
      'fail',
      'hold',
      'letGo',
      'time',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 12 }), async (acts) => {
        const made = rig()
        const { channel, writer, time } = made
        channel.open('0')
        const perform: Record<Act, () => unknown> = {
          chunk: () => channel.chunk('c', new Uint8Array(4)),
          large: () => channel.chunk('l', new Uint8Array(9)),
          leave: () => channel.leave('v'),
          close: () => channel.close(),
          fail: () => channel.fail({ code: 'upload_failed', data: { reason: 'x' }, message: '' } as never),
          wait: turn,
          hold: () => writer.hold(),
          letGo: () => writer.letGo(),
          time: () => time.advance(timeout),
        }
        for (const next of acts) await perform[next]()
        channel.close()
        const released = made.released ?? made.receiver.release('cancel')
        writer.letGo()
        await released
        expect(writer.faults).toEqual([])
        expect(writer.calls.filter((call) => call.startsWith('close'))).toHaveLength(1)
        expect(writer.calls.at(-1)).toBe('dispose dropped')
        expect(made.said.filter((said) => said === 'close' || said === 'error').length).toBeLessThanOrEqual(1)
        expect(time.running).toBe(0)
      }),
      { numRuns: 300 },
    )
  })
})

describe('a channel that has to wait for its turn', () => {
  /** What says when it may send, as the test says. */
  class Line {
    hasTurn = false
    readonly waits: (number | undefined)[] = []
    #answer: (comes: boolean) => void = () => {}
    comes(ms?: number): Promise<boolean> {
      this.waits.push(ms)
      return new Promise((resolve) => (this.#answer = resolve))
    }
    say(comes: boolean): Promise<void> {
      this.hasTurn = comes
      this.#answer(comes)
      return turn()
    }
    giveUp(): void {
      this.#answer(false)
    }
  }

  it('answers its join when that has come, and is not held to a time meanwhile', async () => {
    const line = new Line()
    const { channel, said, told, time } = rig({ pass: line })
    channel.open('1')
    time.advance(100 * timeout)
    expect([said, told]).toEqual([[], []])
    await line.say(true)
    expect(said).toEqual(['1 ok {}'])
  })

  it('may be left meanwhile, and joined again', async () => {
    const line = new Line()
    const { channel, said, told } = rig({ pass: line })
    channel.open('1')
    channel.leave('2')
    expect(told).toEqual(['returned'])
    await line.say(false)
    expect(said).toEqual(['2 ok {}'])
  })

  it('takes a chunk now and then once its turn was given to another: its client would give up', async () => {
    const line = new Line()
    line.hasTurn = true
    const { channel, said, told } = rig({ pass: line })
    channel.open('1')
    await turn()
    line.hasTurn = false
    channel.chunk('2', new Uint8Array(4))
    await turn()
    expect(told).toEqual([])
    expect(line.waits).toEqual([timeout / 2])
    await line.say(false)
    expect(told).toEqual(['written 4'])
    expect(said).toEqual(['1 ok {}', '2 ok {}'])
  })

  it('takes no second chunk while the first one waits', async () => {
    const line = new Line()
    line.hasTurn = true
    const { channel, told } = rig({ pass: line })
    channel.open('1')
    await turn()
    line.hasTurn = false
    channel.chunk('2', new Uint8Array(4))
    channel.chunk('3', new Uint8Array(4))
    expect(told[0]).toMatch(/^failed upload_failed/)
    await line.say(false)
    expect(told).toHaveLength(1)
  })
})
