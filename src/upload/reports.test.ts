import { beforeEach, describe, expect, it } from 'vitest'
import { ManualTime } from '../../test/support/manual-time.ts'
import { Reports, silence } from './reports.ts'

let time: ManualTime
let reported: string[]
let reports: Reports

beforeEach(() => {
  time = new ManualTime()
  reported = []
  reports = new Reports({ startTimer: time.startTimer, report: (uuid) => reported.push(uuid) })
})

describe('what is written of a file', () => {
  it('is reported when nobody has said it for a while, once', () => {
    reports.written('a')
    time.advance(silence)
    expect(reported).toEqual([])
    time.advance(silence)
    expect(reported).toEqual(['a'])
    time.advance(10 * silence)
    expect(reported).toEqual(['a'])
    expect(time.running).toBe(0)
  })

  it('is reported now and then as long as it goes on, not for each chunk', () => {
    for (let at = 0; at < 100; at++) {
      reports.written('a')
      time.advance(silence / 10)
    }
    expect(reported.length).toBeGreaterThanOrEqual(3)
    expect(reported.length).toBeLessThanOrEqual(5)
  })

  it('is not reported when it was said', () => {
    for (let at = 0; at < 100; at++) {
      reports.written('a')
      time.advance(silence / 10)
      reports.said('a')
    }
    time.advance(10 * silence)
    expect(reported).toEqual([])
  })

  it('is reported of each file by itself', () => {
    reports.written('a')
    reports.written('b')
    time.advance(silence)
    reports.written('c')
    reports.said('a')
    time.advance(silence)
    expect(reported).toEqual(['b'])
    time.advance(silence)
    expect(reported).toEqual(['b', 'c'])
  })

  it('is reported later when that is asked for meanwhile', () => {
    let pause = 100
    reports = new Reports({ startTimer: time.startTimer, report: (uuid) => reported.push(uuid) }, () => pause)
    reports.written('a')
    time.advance(100)
    pause = 1000
    time.advance(100)
    expect(reported).toEqual(['a'])
    reports.written('b')
    time.advance(1999)
    expect(reported).toEqual(['a'])
    time.advance(1)
    expect(reported).toEqual(['a', 'b'])
  })

  it('concerns nobody after the end', () => {
    reports.written('a')
    time.advance(silence)
    reports.end()
    expect(time.running).toBe(0)
  })
})
