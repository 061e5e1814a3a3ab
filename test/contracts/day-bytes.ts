/** What counts for whatever counts what visitors send. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DayBytes } from '../../src/upload/day-bytes.ts'

const hour = 60 * 60 * 1000

export interface DayBytesCase {
  create(): DayBytes | Promise<DayBytes>
  /** Goes on by so many hours. Absent where it has a clock of its own. */
  pass?(hours: number): void
  end?(): void | Promise<void>
}

export function dayBytesContract(name: string, { create, pass, end = () => {} }: DayBytesCase): void {
  describe(`what visitors have sent, ${name}`, () => {
    let counted: DayBytes
    beforeEach(async () => {
      counted = await create()
    })
    afterEach(() => end())

    it('is nothing before they have', async () => {
      expect(await counted.of('ada')).toEqual({ bytes: 0, resetsIn: 0 })
    })

    it('is all of it, each for himself, whatever a visitor is called', async () => {
      for (const visitorId of ['ada', 'bob', 'ä b:1', '__proto__']) counted.add(visitorId, 1000)
      counted.add('ada', 1)
      counted.add('ada', 0)
      await vi.waitFor(async () => expect(await counted.of('ada')).toMatchObject({ bytes: 1001 }))
      expect(await counted.of('__proto__')).toMatchObject({ bytes: 1000 })
      expect(await counted.of('ä b:1')).toMatchObject({ bytes: 1000 })
      expect(await counted.of('ä b')).toMatchObject({ bytes: 0 })
    })

    it('counts for a day, in steps of an hour', async () => {
      counted.add('ada', 7e9)
      const { bytes, resetsIn } = await counted.of('ada')
      expect(bytes).toBe(7e9)
      expect(resetsIn).toBeGreaterThan(23 * hour - 1)
      expect(resetsIn).toBeLessThanOrEqual(24 * hour)
    })

    it.skipIf(pass === undefined)('forgets an hour when it is a day old', async () => {
      counted.add('ada', 5)
      pass!(2)
      counted.add('ada', 7)
      expect(await counted.of('ada')).toEqual({ bytes: 12, resetsIn: 22 * hour })
      pass!(22)
      expect(await counted.of('ada')).toEqual({ bytes: 7, resetsIn: 2 * hour })
      pass!(2)
      expect(await counted.of('ada')).toEqual({ bytes: 0, resetsIn: 0 })
    })
  })
}
