import { describe, expect, it } from 'vitest'
import { topic, topicName } from './topic.ts'

describe('a topic', () => {
  it('is called by its name, and one of many by its parts too', () => {
    const albums = topic<string>('albums')
    expect(topicName('publish', albums)).toBe('albums')
    expect(topicName('publish', 'albums')).toBe('albums')
    expect([albums.of(7).name, albums.of('a', 7).name, albums.of('a').of(7).name]).toEqual([
      'albums:7',
      'albums:a:7',
      'albums:a:7',
    ])
  })

  it('of one part is never that of another, whatever the browser put into it', () => {
    const names = [['a', 'b'], ['a:b'], ['a%3Ab'], ['a%253Ab'], ['', 'a'], ['a', ''], ['a'], [''], ['a', 'b', '']].map(
      ([first, ...rest]) => topic('albums').of(first!, ...rest).name,
    )
    expect(new Set(names).size).toBe(names.length)
  })

  it.each(['', 7, undefined, null, {}])('refuses the name %j', (name) => {
    expect(() => topic(name as string)).toThrow(
      expect.objectContaining({ code: 'ERR_TOPIC', message: expect.stringContaining('expected a name') as string }),
    )
  })

  it.each([[[]], [[undefined]], [[{}]], [['a', null]], [[Number.NaN]]])('refuses the parts %j', (parts) => {
    expect(() => topic('albums').of(...(parts as [string]))).toThrow(
      expect.objectContaining({
        code: 'ERR_TOPIC',
        message: expect.stringContaining("topic('albums').of: expected") as string,
      }),
    )
  })

  it.each([7, undefined, {}, { name: 'albums' }, ''.at(0)])('is nothing else: %j', (given) => {
    expect(() => topicName('subscribe', given as string)).toThrow('subscribe: expected a topic or its name')
  })
})
