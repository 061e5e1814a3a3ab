import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { subjectOf } from './subject.ts'

describe('a subject', () => {
  it.each([
    ['albums', 'liveloom.albums'],
    ['albums:7', 'liveloom.albums:7'],
    ['a.b *', 'liveloom.a=2e=b=20==2a='],
    ['=', 'liveloom.=3d='],
  ])('of %j can be read', (topic, subject) => {
    expect(subjectOf('liveloom', topic)).toBe(subject)
  })

  it('is one word behind its prefix, short, and no other topic’s', () => {
    const topic = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ minLength: 190, maxLength: 300 }),
      fc.constant(''),
    )
    fc.assert(
      fc.property(topic, topic, (one, other) => {
        const subject = subjectOf('p', one)
        expect(subject).toMatch(/^p\.[\w:=-]{1,200}$/)
        expect(subject === subjectOf('p', other)).toBe(one === other)
      }),
    )
  })
})
