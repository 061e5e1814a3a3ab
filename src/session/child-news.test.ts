import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChildChange } from '../live/definitions.ts'
import { ChildNews } from './child-news.ts'

const mounted = (id: string): ChildChange => ({ type: 'mounted', id })
const ended = (id: string, failed = false): ChildChange => ({ type: 'ended', id, failed })

/** A view that is busy until it is asked. */
function busy(): { news: ChildNews; posted: () => number; drain: () => ChildChange[] } {
  let posted = 0
  const news = new ChildNews(() => void posted++)
  const drain = (): ChildChange[] => {
    const heard: ChildChange[] = []
    for (let change = news.next(); change !== undefined; change = news.next()) heard.push(change)
    return heard
  }
  return { news, posted: () => posted, drain }
}

describe('what a view hears of its children', () => {
  it.each<{ name: string; told: readonly ChildChange[]; heard: readonly ChildChange[] }>([
    { name: 'all, in order', told: [mounted('a'), mounted('b')], heard: [mounted('a'), mounted('b')] },
    { name: 'nothing of one that came and went', told: [mounted('a'), ended('a')], heard: [] },
    {
      name: 'but that it failed',
      told: [mounted('a'), ended('a', true)],
      heard: [ended('a', true)],
    },
    {
      name: 'that one was mounted anew',
      told: [ended('a'), mounted('a')],
      heard: [ended('a'), mounted('a')],
    },
    {
      name: 'no more of one that goes and comes over and over',
      told: [ended('a'), mounted('a'), ended('a', true), mounted('a'), ended('a'), mounted('a')],
      heard: [ended('a'), mounted('a')],
    },
    {
      name: 'of one failure, of several',
      told: [ended('a', true), ended('a', true), ended('a', true)],
      heard: [ended('a', true)],
    },
  ])('$name, while it was busy', ({ told, heard }) => {
    const { news, posted, drain } = busy()
    for (const change of told) news.told(change)
    expect(posted()).toBe(heard.length === 0 ? 1 : Math.min(1, told.length))
    expect(drain()).toEqual(heard)
  })

  it('is never more than two of one child, nor more than one message at a time', () => {
    const changes = fc.array(
      fc.oneof(
        fc.constantFrom('a', 'b').map(mounted),
        fc.tuple(fc.constantFrom('a', 'b'), fc.boolean()).map(([id, failed]) => ended(id, failed)),
      ),
    )
    fc.assert(
      fc.property(changes, (told) => {
        const { news, posted, drain } = busy()
        for (const change of told) news.told(change)
        expect(posted()).toBeLessThanOrEqual(1)
        const heard = drain()
        for (const id of ['a', 'b']) {
          const of = heard.filter((change) => change.id === id)
          expect(of.length).toBeLessThanOrEqual(2)
          // What it ends with is so.
          const last = told.findLast((change) => change.id === id)
          if (of.length > 0) expect(of.at(-1)!.type).toBe(last!.type)
        }
      }),
    )
  })
})
