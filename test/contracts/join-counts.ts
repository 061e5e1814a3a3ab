/** What counts for whatever counts what visitors join. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { JoinCounts } from '../../src/server/join-counts.ts'

const second = 1000

export interface JoinCountsCase {
  create(): JoinCounts | Promise<JoinCounts>
  /** Goes on by so many seconds. Absent where it has a clock of its own. */
  pass?(seconds: number): void
  end?(): void | Promise<void>
}

export function joinCountsContract(name: string, { create, pass, end = () => {} }: JoinCountsCase): void {
  describe(`what visitors have joined, ${name}`, () => {
    let counts: JoinCounts
    beforeEach(async () => {
      counts = await create()
    })
    afterEach(() => end())

    it('is nothing before they have', async () => {
      expect(await counts.of('ada')).toEqual({ joins: 0, resetsIn: 0 })
    })

    it('is all of it, each for himself, whatever a visitor is called', async () => {
      for (const who of ['ada', 'bob', 'ä b:1', '2001:db8::1', '__proto__']) counts.add(who)
      counts.add('ada')
      await vi.waitFor(async () => expect(await counts.of('ada')).toMatchObject({ joins: 2 }))
      for (const who of ['__proto__', 'ä b:1', '2001:db8::1']) expect(await counts.of(who)).toMatchObject({ joins: 1 })
      expect(await counts.of('ä b')).toMatchObject({ joins: 0 })
    })

    it('counts for a minute, in steps of ten seconds', async () => {
      for (let at = 0; at < 500; at++) counts.add('ada')
      const { joins, resetsIn } = await counts.of('ada')
      expect(joins).toBe(500)
      expect(resetsIn).toBeGreaterThan(50 * second - 1)
      expect(resetsIn).toBeLessThanOrEqual(60 * second)
    })

    it.skipIf(pass === undefined)('forgets ten seconds when they are a minute old', async () => {
      counts.add('ada')
      pass!(20)
      counts.add('ada')
      counts.add('ada')
      expect(await counts.of('ada')).toEqual({ joins: 3, resetsIn: 40 * second })
      pass!(40)
      expect(await counts.of('ada')).toEqual({ joins: 2, resetsIn: 20 * second })
      pass!(20)
      expect(await counts.of('ada')).toEqual({ joins: 0, resetsIn: 0 })
    })
  })
}
