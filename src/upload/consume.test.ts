import { describe, expect, it } from 'vitest'
import { turn } from '../../test/support/manual-time.ts'
import { type ConsumeUploadedEntriesMeta, isPostponed, postpone, runConsume, SavedFiles } from './consume.ts'
import type { FileStore } from './writer.ts'

/** A store whose appends end when they are told to. */
class HeldStore implements FileStore {
  readonly started: string[] = []
  readonly #ends: ((error?: Error) => void)[] = []

  resolve(dest: string): string {
    return dest.replace(/^\.\//, '/here/')
  }

  append(dest: string, src: string): Promise<void> {
    this.started.push(`${src} > ${dest}`)
    return new Promise((resolve, reject) => {
      this.#ends.push((error) => (error === undefined ? resolve() : reject(error)))
    })
  }

  end(at: number, error?: Error): void {
    this.#ends[at]!(error)
  }
}

const file = { path: '/tmp/upload' }
const full = new Error('ENOSPC')

function consume<T>(
  store: FileStore,
  fn: (meta: ConsumeUploadedEntriesMeta) => T | Promise<T>,
  saved = new SavedFiles(store),
) {
  const states: string[] = []
  const running = runConsume(file, saved, (meta) => fn(meta as ConsumeUploadedEntriesMeta))
  running.then(
    () => states.push('ok'),
    () => states.push('failed'),
  )
  return { running, states }
}

describe('a consume', () => {
  it('gives its function the path, and resolves to its result', async () => {
    expect(await consume(new HeldStore(), ({ path }) => `${path}!`).running).toBe('/tmp/upload!')
    expect(await consume(new HeldStore(), async () => 3).running).toBe(3)
  })

  it('waits for saves that nobody awaited', async () => {
    const store = new HeldStore()
    const { running, states } = consume(store, async ({ path, fileSystem }) => {
      void fileSystem.createOrAppendFile('./a', path)
      void fileSystem.createOrAppendFile('./b', path)
      return 'result'
    })
    await turn()
    expect(store.started).toEqual(['/tmp/upload > ./a', '/tmp/upload > ./b'])
    store.end(1)
    await turn()
    expect(states).toEqual([])
    store.end(0)
    expect(await running).toBe('result')
  })

  it('fails with a save that nobody awaited, after the others', async () => {
    const store = new HeldStore()
    const { running, states } = consume(store, ({ path, fileSystem }) => {
      void fileSystem.createOrAppendFile('./a', path)
      void fileSystem.createOrAppendFile('./b', path)
    })
    await turn()
    store.end(0, full)
    await turn()
    expect(states).toEqual([])
    store.end(1)
    await expect(running).rejects.toBe(full)
  })

  it('fails with what its function threw, though a save failed too, and waits for the saves', async () => {
    const store = new HeldStore()
    const mine = new Error('mine')
    const { running, states } = consume(store, ({ path, fileSystem }) => {
      void fileSystem.createOrAppendFile('./a', path)
      throw mine
    })
    await turn()
    expect(states).toEqual([])
    store.end(0, full)
    await expect(running).rejects.toBe(mine)
  })

  it('succeeds when its function dealt with a failing save itself, but not silently', async () => {
    const store = new HeldStore()
    const { running } = consume(store, async ({ path, fileSystem }) => {
      await fileSystem.createOrAppendFile('./a', path).catch(() => {})
    })
    await turn()
    store.end(0, full)
    await expect(running).rejects.toBe(full)
  })

  it('saves to one dest once, however its path is written', async () => {
    const store = new HeldStore()
    const { running } = consume(store, ({ path, fileSystem }) => {
      void fileSystem.createOrAppendFile('./a', path)
      void fileSystem.createOrAppendFile('/here/a', path)
    })
    await turn()
    expect(store.started).toEqual(['/tmp/upload > ./a'])
    store.end(0)
    await running
  })

  it('does not append again when it is tried again, unless the save failed', async () => {
    const store = new HeldStore()
    const saved = new SavedFiles(store)
    const save = ({ path, fileSystem }: ConsumeUploadedEntriesMeta) => {
      void fileSystem.createOrAppendFile('./good', path)
      void fileSystem.createOrAppendFile('./bad', path)
    }
    const first = consume(store, save, saved)
    await turn()
    store.end(0)
    store.end(1, full)
    await expect(first.running).rejects.toBe(full)
    const second = consume(store, save, saved)
    await turn()
    expect(store.started.slice(2)).toEqual(['/tmp/upload > ./bad'])
    store.end(2)
    await second.running
  })

  it('refuses a save after its function settled', async () => {
    const store = new HeldStore()
    let late: ConsumeUploadedEntriesMeta | undefined
    await consume(store, (meta) => void (late = meta)).running
    expect(() => late!.fileSystem.createOrAppendFile('./a', late!.path)).toThrow(
      expect.objectContaining({ code: 'ERR_UPLOAD_FILE' }),
    )
    expect(() => late!.fileSystem.createOrAppendFile('./a', late!.path)).toThrow(`createOrAppendFile('./a')`)
    expect(store.started).toEqual([])
  })

  it('refuses a save while it waits for others', async () => {
    const store = new HeldStore()
    let late: ConsumeUploadedEntriesMeta | undefined
    const { running } = consume(store, (meta) => {
      late = meta
      void meta.fileSystem.createOrAppendFile('./a', meta.path)
    })
    await turn()
    expect(() => late!.fileSystem.createOrAppendFile('./b', late!.path)).toThrow('the consume has settled')
    store.end(0)
    await running
  })
})

describe('postpone', () => {
  it('carries a value, and nothing else is taken for it', () => {
    expect(postpone(3).value).toBe(3)
    expect(isPostponed(postpone(undefined))).toBe(true)
    for (const other of [undefined, null, 3, 'text', {}, { value: 3 }, () => {}]) expect(isPostponed(other)).toBe(false)
  })
})
