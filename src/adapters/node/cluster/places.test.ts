import { describe, expect, it } from 'vitest'
import { randomVisitorId } from '../../../server/visitor.ts'
import { homeOf, Places } from './places.ts'

function visitorsOf(slot: number, count: number, many: number): string[] {
  const found: string[] = []
  while (found.length < many) {
    const id = randomVisitorId()
    if (homeOf(id, count) === slot) found.push(id)
  }
  return found
}

describe('Places', () => {
  it('has ids spread over all workers', () => {
    const counts = [0, 0, 0, 0]
    for (let made = 0; made < 4000; made++) counts[homeOf(randomVisitorId(), 4)]!++
    for (const count of counts) expect(count).toBeGreaterThan(800)
  })

  it('keeps a visitor who came while their worker was away where they are, until that one ends', () => {
    const places = new Places(3)
    for (const slot of [0, 1, 2]) places.started(slot)
    const [moved, stays] = visitorsOf(1, 3, 2) as [string, string]
    places.ended(1)
    const to = places.of(moved)!
    expect([0, 2]).toContain(to)
    places.started(1)
    expect(places.of(moved)).toBe(to)
    expect(places.of(stays)).toBe(1)
    expect(places.steady).toEqual([0, 2])
    places.ended(to)
    expect(places.of(moved)).toBe(1)
    places.started(to)
    expect(new Set(places.steady)).toEqual(new Set([0, 1, 2]))
  })

  it('knows of those who came longest ago no more', () => {
    const places = new Places(2)
    places.started(0)
    const others = visitorsOf(1, 2, 100_001)
    for (const visitor of others) expect(places.of(visitor)).toBe(0)
    places.started(1)
    expect(places.of(others[0]!)).toBe(1)
    expect(places.of(others[1]!)).toBe(0)
    expect(places.steady).toEqual([0])
    places.ended(0)
    places.started(0)
    expect(new Set(places.steady)).toEqual(new Set([0, 1]))
  })

  it('asks nobody for visitors of a worker whom nobody missed', () => {
    const places = new Places(2)
    places.started(0)
    places.started(1)
    places.ended(1)
    places.started(1)
    expect(places.steady).toEqual([0, 1])
  })

  it('has no place when there is no worker', () => {
    expect(new Places(2).of('somebody')).toBeUndefined()
  })
})
