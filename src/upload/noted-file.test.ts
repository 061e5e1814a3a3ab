/** What becomes of the writer and its notes, however a file of the application's ends. */
import { describe, expect, it } from 'vitest'
import type { KeptFile, KeptWriter } from './ledger.ts'
import { lastNote, NotedFile, noteRoom } from './noted-file.ts'
import type { UploadWriter, WriterTools } from './writer.ts'

type Notes = Pick<WriterTools, 'note' | 'keep'>

/** A file of a ledger in memory, and what was asked of it and of the writers, in order. */
class World {
  readonly calls: string[] = []
  content = new Uint8Array()
  done = false
  isOurs = true
  /** How writers are; `fails`: the next ones cannot be opened. */
  pauses = true
  fails = 0

  readonly ledger: KeptFile = {
    ...{ uuid: 'a', tries: 0, take: () => true },
    received: 0,
    done: false,
    peek: async () => this.content,
    open: async () => this.#journal,
    leave: async (before) => {
      await before
      this.calls.push('left')
    },
    remove: async () => void this.calls.push('removed'),
  }

  readonly #journal: KeptWriter = {
    write: async (bytes) => void (this.content = Uint8Array.from([...this.content, ...bytes])),
    close: async (reason) => {
      expect(reason).toBe('done')
      expect(this.content).toHaveLength(noteRoom)
    },
    dispose() {},
    meta: () => ({ path: '' }),
    isOurs: async () => this.isOurs,
    beginConsume: async () => true,
    endConsume: async () => {},
    read: async () => new Uint8Array(),
    cutBack: async (size) => void (this.content = this.content.slice(0, size)),
    pause: async () => {},
  }

  file(note?: unknown): NotedFile {
    const ledger = Object.create(this.ledger, { done: { value: this.done } }) as KeptFile
    return new NotedFile(ledger, {
      size: 10,
      note,
      sign: (said) => JSON.stringify(said),
      open: (notes) => this.#open(notes),
    })
  }

  get note(): unknown {
    const last = lastNote(this.content)
    return last === undefined ? undefined : JSON.parse(last)
  }

  async #open({ note, keep }: Notes): Promise<UploadWriter> {
    this.calls.push(`open ${JSON.stringify(note)}`)
    if (this.fails-- > 0) throw new Error('away')
    return {
      offset: note === undefined ? 0 : 4,
      write: async () => keep({ at: 4 }),
      close: (reason) => void this.calls.push(`close ${typeof reason === 'string' ? reason : 'error'}`),
      dispose: (outcome) => void this.calls.push(`dispose ${outcome}`),
      meta: () => ({}),
      ...(this.pauses && { pause: () => void this.calls.push('pause') }),
    }
  }
}

/** Opens it, writes once, which is noted, and begins to watch. */
async function written(world: World): Promise<{ readonly file: NotedFile; readonly writer: KeptWriter<unknown> }> {
  const file = world.file()
  const writer = await file.open()
  await writer.write(new Uint8Array(4))
  world.calls.length = 0
  return { file, writer }
}

describe('a file that is left', () => {
  it('has its writer rest, and is gone on with from the note', async () => {
    const world = new World()
    const { file } = await written(world)
    await file.leave()
    expect(world.calls).toEqual(['pause', 'left'])
    const next = world.file(world.note)
    await next.open()
    expect(next.received).toBe(4)
    expect(world.calls.at(-1)).toBe('open {"at":4}')
  })

  it('ends where its writer cannot rest', async () => {
    const world = new World()
    world.pauses = false
    const { file } = await written(world)
    await file.leave()
    expect(world.calls).toEqual(['close cancel', 'dispose dropped', 'removed', 'left'])
  })

  it.each([true, false])(
    'ends when it is done and nothing is noted: nobody would find it (pauses: %s)',
    async (pauses) => {
      const world = new World()
      world.pauses = pauses
      const file = world.file()
      const writer = await file.open()
      await writer.close('done')
      world.calls.length = 0
      await file.leave()
      expect(world.calls).toEqual(['dispose dropped', 'removed', 'left'])
    },
  )

  it('stays when it is done and noted', async () => {
    const world = new World()
    const { file, writer } = await written(world)
    await writer.close('done')
    world.calls.length = 0
    await file.leave()
    expect(world.calls).toEqual(['pause', 'left'])
  })

  it('has nobody open it that nobody has opened', async () => {
    const world = new World()
    await world.file({ at: 4 }).leave()
    expect(world.calls).toEqual(['left'])
  })
})

describe('a file that is set aside for another receiver', () => {
  it('has its writer rest, and is gone on with from the note', async () => {
    const world = new World()
    const { file, writer } = await written(world)
    await writer.pause()
    expect(world.calls).toEqual(['pause'])
    await file.open()
    expect(world.calls.at(-1)).toBe('open {"at":4}')
  })

  it.each([true, false])(
    'has its writer end where nothing is noted: nobody could go on with it (pauses: %s)',
    async (pauses) => {
      const world = new World()
      world.pauses = pauses
      const file = world.file()
      const writer = await file.open()
      world.calls.length = 0
      await writer.pause()
      expect(world.calls).toEqual(['close cancel', 'dispose dropped'])
      await file.open()
      await file.remove()
      expect(world.calls.slice(2)).toEqual(['open undefined', 'close cancel', 'dispose dropped', 'removed'])
    },
  )
})

describe('a file that is removed', () => {
  it.each([
    ['cancel', ['close cancel', 'dispose dropped', 'removed']],
    [{ error: new Error('broken') }, ['close error', 'dispose dropped', 'removed']],
    ['consumed', ['close done', 'dispose consumed', 'removed']],
  ] as const)('has its writer end: %j', async (outcome, calls) => {
    const world = new World()
    const { file } = await written(world)
    await Promise.all([file.remove(outcome), file.remove(outcome)])
    expect(world.calls).toEqual(calls)
  })

  it('is opened for that, when something of it lies elsewhere', async () => {
    const world = new World()
    world.done = true
    await world.file({ at: 4 }).remove()
    expect(world.calls).toEqual(['open {"at":4}', 'dispose dropped', 'removed'])
  })

  it('is left alone when another process has it', async () => {
    const world = new World()
    const { file } = await written(world)
    world.isOurs = false
    await file.remove()
    expect(world.calls).toEqual(['pause', 'removed'])
  })

  it('is tried once more when it could not be opened', async () => {
    const world = new World()
    world.fails = 1
    const file = world.file({ at: 4 })
    await expect(file.open()).rejects.toThrow('away')
    world.calls.length = 0
    await file.remove()
    expect(world.calls).toEqual(['open {"at":4}', 'close cancel', 'dispose dropped', 'removed'])
  })

  it('keeps its note when it cannot be opened at all: it is all that is known of it', async () => {
    const world = new World()
    world.fails = 2
    const file = world.file({ at: 4 })
    await expect(file.open()).rejects.toThrow('away')
    world.calls.length = 0
    await expect(file.remove()).rejects.toThrow('away')
    expect(world.calls).toEqual(['open {"at":4}', 'left'])
  })
})

describe('a file that is set aside', () => {
  it('is taken up from its note', async () => {
    const world = new World()
    const { file, writer } = await written(world)
    await writer.pause()
    await file.open()
    expect(world.calls).toEqual(['pause', 'open {"at":4}'])
    expect(file.received).toBe(4)
  })

  it('begins anew where its writer cannot rest', async () => {
    const world = new World()
    world.pauses = false
    const { file, writer } = await written(world)
    await writer.pause()
    await file.open()
    expect(world.calls).toEqual(['close cancel', 'dispose dropped', 'open undefined'])
  })
})

it('begins anew once, also when the next writer cannot be opened', async () => {
  const world = new World()
  const { file, writer } = await written(world)
  world.fails = 1
  await expect(writer.cutBack(0)).rejects.toThrow('away')
  await file.remove({ error: new Error('away') })
  expect(world.calls).toEqual(['close cancel', 'dispose dropped', 'open undefined', 'removed'])
})

describe('a note', () => {
  it.each([[undefined], [() => {}], [{ at: 'x'.repeat(4096) }]])('is refused when it cannot be kept', async (note) => {
    const world = new World()
    let keep: WriterTools['keep'] | undefined
    const file = new NotedFile(world.ledger, {
      ...{ size: 10, note: undefined, sign: (said: unknown) => JSON.stringify(said) },
      open: (notes) => {
        keep = notes.keep
        return Promise.reject(new Error('as asked'))
      },
    })
    await file.open().catch(() => {})
    await expect(keep!(note)).rejects.toMatchObject({ code: 'ERR_UPLOAD_WRITER' })
  })

  it('of many the last one counts, however many they are', async () => {
    const world = new World()
    const file = world.file()
    const writer = await file.open()
    for (let nth = 0; nth < 5000; nth++) await writer.write(new Uint8Array(0))
    expect(world.note).toEqual({ at: 4 })
    expect(world.content.length).toBeLessThan(noteRoom)
  })

  it('that was cut short is none', () => {
    const text = (said: string) => lastNote(new TextEncoder().encode(said))
    expect(text('one\ntw')).toBe('one')
    expect(text('on')).toBeUndefined()
    expect(text('one\n   \n')).toBe('one')
  })
})
