import { describe, expect, it } from 'vitest'
import { ManualTime } from '../../test/support/manual-time.ts'
import { html } from '../template/html.ts'
import { renderHtml } from '../template/to-html.ts'
import { createSigner } from '../token/signer.ts'
import type { LiveHost } from './host.ts'
import { NestedView, type NestedViewOptions } from './nested.ts'
import { NestedViews } from './nested-views.ts'
import { createLiveView } from './view.ts'

const view = createLiveView({ render: () => html`` })

function create(): { time: ManualTime; views: NestedViews; place: (options: NestedViewOptions) => string } {
  const time = new ManualTime()
  const host = {
    signer: createSigner('s'.repeat(32), () => time.now),
    stickyName: () => 'player',
    now: () => time.now,
  } as Partial<LiveHost> as LiveHost
  const views = new NestedViews('parent', 'instance', 'nonce', host)
  return { time, views, place: (options) => renderHtml(views.place(new NestedView(view, options), false)) }
}

describe('what a view has placed', () => {
  it('is known from its placing on, with the session of its last', () => {
    const { views, place } = create()
    expect(views.get('a')).toBeUndefined()
    place({ id: 'a', session: { n: 1 } })
    place({ id: 'a', session: { n: 2 } })
    expect(views.get('a')).toMatchObject({ view, session: { n: 2 } })
  })

  it('is forgotten a minute after the page has left it, when something else is placed', () => {
    const { time, views, place } = create()
    for (const id of ['a', 'b', 'c']) place({ id })
    views.left('a')
    time.advance(30_000)
    views.left('b')
    time.advance(30_000)
    place({ id: 'c' })
    expect([views.get('a'), views.get('b')]).toEqual([undefined, expect.anything()])
  })

  it.each([
    {
      name: 'placed again',
      back: (views: NestedViews, place: (options: NestedViewOptions) => unknown) => place({ id: 'a' }),
    },
    { name: 'joined again', back: (views: NestedViews) => views.get('a') },
  ])('stays when it is $name meanwhile', ({ back }) => {
    const { time, views, place } = create()
    place({ id: 'a' })
    views.left('a')
    back(views, place)
    time.advance(120_000)
    place({ id: 'b' })
    expect(views.get('a')).toBeDefined()
  })

  it('is not known by a sticky one’s id: that is joined by its name', () => {
    const { views, place } = create()
    place({ id: 'a', sticky: true })
    expect(views.get('a')).toBeUndefined()
  })

  it('has the same container while it says the same', () => {
    const { time, place } = create()
    for (const sticky of [true, false]) {
      const options = { id: `a-${sticky}`, sticky, session: { song: 1 } }
      const first = place(options)
      time.advance(1000)
      expect(place({ ...options, session: { song: 1 } })).toBe(first)
      // The session of a sticky one is in its container, that of another here.
      expect(place({ ...options, session: { song: 2 } }) === first).toBe(!sticky)
    }
  })
})

describe('live_view', () => {
  it.each(['', 'a b', 'a"b', "a'b", 'a<b', 'a\\b', 7, undefined])('refuses the id %j', (id) => {
    expect(() => new NestedView(view, { id: id as string })).toThrow('live_view: expected an id')
  })

  it.each([undefined, {}, () => view])('refuses what is no view', (other) => {
    expect(() => new NestedView(other as never, { id: 'a' })).toThrow('live_view: expected a view of createLiveView')
  })
})
