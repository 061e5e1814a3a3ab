import { describe, expect, it } from 'vitest'
import { html } from '../template/html.ts'
import { stickyNameOf, stickyView } from './sticky-views.ts'
import { createLiveView } from './view.ts'

const make = (sticky?: string) => createLiveView({ sticky, render: () => html`` })

describe('a sticky view', () => {
  it('is found by the name that it gives itself', () => {
    const view = make('radio')
    expect(stickyView('radio')).toBe(view)
    expect(stickyNameOf(view, 'id')).toBe('radio')
    expect(stickyView('constructor')).toBeUndefined()
  })

  it('is the newest of its name, as a module that is loaded again makes it again', () => {
    const [older, newer] = [make('again'), make('again')]
    expect(stickyView('again')).toBe(newer)
    expect(stickyNameOf(newer, 'id')).toBe('again')
    expect(() => stickyNameOf(older, 'id')).toThrow("live_view('id'): two views have the sticky name 'again'")
  })

  it('cannot be placed without a name', () => {
    expect(() => stickyNameOf(make(), 'id')).toThrow("live_view('id'): a sticky view needs a name that stays the same")
  })

  it.each(['', 'a b', 'a"', 'x'.repeat(65), 7, true, {}])('has a name that fits into a token: %j', (name) => {
    expect(() => make(name as string)).toThrow('createLiveView: sticky must be a name of 1 to 64 letters')
  })
})
