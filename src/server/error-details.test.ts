import { describe, expect, it } from 'vitest'
import { renderHtml } from '../template/to-html.ts'
import { detailsHtml, errorDetails } from './error-details.ts'

function fail(): never {
  throw new Error('it breaks whoever looks at it')
}

const trap = new Proxy(new Error('never seen'), { get: fail, has: fail, getPrototypeOf: fail })
const bare = Object.create(null) as unknown
const odd = Object.assign(new Error(''), { name: { not: 'a name' }, message: { not: 'a message' } })
const circle = new Error('round')
circle.cause = circle

describe('what is shown of something that was thrown', () => {
  it.each([
    { name: 'text', thrown: 'no luck', title: ['Thrown', 'no luck'], causes: [] },
    { name: 'nothing', thrown: undefined, title: ['Thrown', 'undefined'], causes: [] },
    { name: 'a symbol', thrown: Symbol('sign'), title: ['Thrown', 'Symbol(sign)'], causes: [] },
    { name: 'an object', thrown: { status: 7 }, title: ['Thrown', 'a plain object'], causes: [] },
    { name: 'an object without a prototype', thrown: bare, title: ['Thrown', 'a plain object'], causes: [] },
    {
      name: 'an object that breaks whoever looks at it',
      thrown: trap,
      title: ['Thrown', 'a value that cannot be printed'],
      causes: [],
    },
    {
      name: 'an error whose name and message are no text',
      thrown: odd,
      title: ['a plain object', 'a plain object'],
      causes: [],
    },
    {
      name: 'an error with such a cause',
      thrown: new TypeError('top', { cause: bare }),
      title: ['TypeError', 'top'],
      causes: ['a plain object'],
    },
    {
      name: 'an error that is its own cause',
      thrown: circle,
      title: ['Error', 'round'],
      causes: Array.from({ length: 5 }, () => 'Error: round'),
    },
  ])('$name', ({ thrown, title, causes }) => {
    const details = errorDetails(thrown, { stage: 'event' }, undefined)
    expect([details.name, details.message]).toEqual(title)
    expect(details.causes).toEqual(causes)
    expect(renderHtml(detailsHtml(details))).toContain(title[1])
  })
})
