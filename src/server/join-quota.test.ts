import { describe, expect, it } from 'vitest'
import { ManualTime, turn } from '../../test/support/manual-time.ts'
import { LiveError } from '../errors.ts'
import type { LiveRequest } from './http.ts'
import type { JoinCounts } from './join-counts.ts'
import { type JoinOptions, JoinQuota, resolveJoins } from './join-quota.ts'

const request = (address: string): LiveRequest => ({
  method: 'GET',
  url: 'http://localhost/',
  headers: new Headers({ 'x-forwarded-for': address }),
})

function quotaOf(options: JoinOptions & { readonly joined: JoinCounts }, most = 3) {
  const time = new ManualTime()
  const reported: unknown[] = []
  const { joined, by } = resolveJoins(options, (message) => new LiveError('ERR_SERVER_OPTIONS', message))
  const host = { startTimer: time.startTimer, report: (error: unknown) => reported.push(error) }
  return { quota: new JoinQuota(most, joined!, by, host), time, reported }
}

const counted = (joins: number, resetsIn = 30_000): JoinCounts => ({ add: () => {}, of: () => ({ joins, resetsIn }) })

describe('the quota of joins', () => {
  it.each([
    ['has room for who has joined nothing', 0, 0, 0],
    ['has room for one that is left', 2, 30_000, 0],
    ['has none when all are taken, until the oldest do not count any more', 3, 30_000, 30_000],
    ['has none at the moment in which that is', 3, 0, 1],
  ])('%s', async (_, joins, resetsIn, wait) => {
    expect(await quotaOf({ joined: counted(joins, resetsIn) }).quota.wait('ada')).toBe(wait)
  })

  it('counts with whom the application says, and with the visitor where it says nothing', () => {
    const added: string[] = []
    const by: JoinOptions['by'] = ({ headers }) => headers.get('x-forwarded-for') || undefined
    const { quota } = quotaOf({ joined: { add: (who) => added.push(who), of: () => ({ joins: 0, resetsIn: 0 }) }, by })
    for (const address of ['192.0.2.1', '']) quota.add(quota.whose(request(address), 'visitor'))
    expect(added).toEqual(['192.0.2.1', 'visitor'])
    const wrong = quotaOf({ joined: counted(0), by: () => 7 as unknown as string })
    expect(() => wrong.quota.whose(request(''), 'v')).toThrow('joins.by: expected a text or undefined, got 7')
  })

  it('keeps nobody out while the count cannot be asked, and says so once until it can', async () => {
    let away = true
    const of: JoinCounts['of'] = async () => {
      if (away) throw new Error('the line broke')
      return { joins: 9, resetsIn: 1000 }
    }
    const { quota, reported } = quotaOf({ joined: { add: () => {}, of } })
    expect([await quota.wait('ada'), await quota.wait('bob')]).toEqual([0, 0])
    expect(reported).toMatchObject([{ message: 'the line broke' }])
    away = false
    expect(await quota.wait('ada')).toBe(1000)
    away = true
    expect(await quota.wait('ada')).toBe(0)
    expect(reported).toHaveLength(2)
  })

  it('does not wait longer than a second for the count', async () => {
    const { quota, time, reported } = quotaOf({ joined: { add: () => {}, of: () => new Promise(() => {}) } })
    let waited: number | undefined
    void quota.wait('ada').then((wait) => (waited = wait))
    time.advance(999)
    await turn()
    expect(waited).toBeUndefined()
    time.advance(1)
    await turn()
    expect(waited).toBe(0)
    expect(reported).toMatchObject([{ code: 'ERR_JOINS' }])
    expect(time.running).toBe(0)
  })

  it.each([
    ['no object', 7, 'joins must be an object, got 7'],
    ['an unknown option', { most: 5 }, 'unknown option joins.most; known are joined, by'],
    ['what counts nothing', { joined: { add() {} } }, 'joins.joined must have the functions add and of'],
    ['a key that is no function', { by: 'address' }, "joins.by must be a function, got 'address'"],
  ])('refuses %s', (_, options, message) => {
    const fail = (text: string): LiveError => new LiveError('ERR_SERVER_OPTIONS', text)
    expect(() => resolveJoins(options as never, fail)).toThrow(message)
  })
})
