import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Line } from './line.ts'

it('is an array of which the first are taken', () => {
  const step = fc.oneof(fc.nat(5), fc.constant('shift'), fc.constant('clear'), fc.constant('remove'))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.constantFrom(1, 700), (steps, times) => {
      const line = new Line<number>()
      let array: number[] = []
      for (const step of steps) {
        for (let at = 0; at < times; at++) {
          if (typeof step === 'number') {
            line.push(step)
            array.push(step)
          } else if (step === 'shift') expect(line.shift()).toBe(array.shift())
        }
        if (step === 'clear') {
          line.clear()
          array = []
        } else if (step === 'remove') {
          const at = array.indexOf(3)
          expect(line.remove(3)).toBe(at >= 0)
          if (at >= 0) array.splice(at, 1)
        }
        expect(line.length).toBe(array.length)
      }
      expect([...line]).toEqual(array)
    }),
    { numRuns: 50 },
  )
})
