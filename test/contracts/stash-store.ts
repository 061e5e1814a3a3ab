/** What every `StashStore` must do. Run it with a function that makes a fresh one, and one that lets time pass for it. */
import type { StashStore } from 'liveloom'
import { describe, expect, it } from 'vitest'

export interface StashStoreCase {
  readonly store: StashStore
  /** The same store, as another process has it. */
  readonly again: () => StashStore
  /** So many ms go by for the store. */
  readonly advance: (ms: number) => void | Promise<void>
}

export function stashStoreContract(name: string, create: () => StashStoreCase | Promise<StashStoreCase>): void {
  const hour = 3_600_000
  const key = 'k'.repeat(43)
  const other = 'K'.repeat(43)

  describe(`the stash store ${name}`, () => {
    it('has nothing under a key that was never written', async () => {
      const { store } = await create()
      expect(await store.read(key)).toBeUndefined()
    })

    it('gives back what was written last, also to another process', async () => {
      const { store, again } = await create()
      await store.write(key, 'first', hour)
      await store.write(key, 'second', hour)
      expect(await store.read(key)).toBe('second')
      expect(await again().read(key)).toBe('second')
      await again().write(key, 'third', hour)
      expect(await store.read(key)).toBe('third')
    })

    it('keeps keys apart, also those that differ in case alone', async () => {
      const { store } = await create()
      await store.write(key, 'a', hour)
      await store.write(other, 'b', hour)
      await store.write('-_' + key.slice(2), 'c', hour)
      expect(await store.read(key)).toBe('a')
      expect(await store.read(other)).toBe('b')
      expect(await store.read('-_' + key.slice(2))).toBe('c')
    })

    it('keeps the longest value whole', async () => {
      const { store } = await create()
      const value = 'v'.repeat(48 * 1024)
      await store.write(key, value, hour)
      expect(await store.read(key)).toBe(value)
    })

    it('forgets what was removed, and removes what is not there without failing', async () => {
      const { store } = await create()
      await store.write(key, 'a', hour)
      await store.remove(key)
      expect(await store.read(key)).toBeUndefined()
      await store.remove(key)
    })

    it('forgets what has had its time, counted from the last write', async () => {
      const { store, advance } = await create()
      await store.write(key, 'a', hour)
      await advance(hour / 2)
      expect(await store.read(key)).toBe('a')
      await store.write(key, 'b', hour)
      await advance(hour / 2 + 1000)
      expect(await store.read(key)).toBe('b')
      await advance(hour / 2)
      expect(await store.read(key)).toBeUndefined()
    })

    it('never gives back a part of a value, whoever writes meanwhile', async () => {
      const { store, again } = await create()
      const values = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(40_000))
      await store.write(key, values[0]!, hour)
      const writes = values.map(async (value, at) => (at % 2 === 0 ? store : again()).write(key, value, hour))
      for (let reads = 0; reads < 20; reads++) expect(values).toContain(await store.read(key))
      await Promise.all(writes)
      expect(values).toContain(await store.read(key))
    })
  })
}
