import { describe, expect, it } from 'vitest'
import { LiveRig } from '../../test/support/live-rig.ts'
import { ManualTime } from '../../test/support/manual-time.ts'
import { html } from '../template/html.ts'
import { each } from '../template/list.ts'
import { renderHtml } from '../template/to-html.ts'
import { createSigner } from '../token/signer.ts'
import { createLiveComponent } from '../live/component.ts'
import type { LiveHost } from '../live/host.ts'
import { NestedView, type NestedViewOptions } from '../live/nested.ts'
import { NestedViews } from './nested-views.ts'
import { createLiveView } from '../live/view.ts'

const view = createLiveView({ sticky: 'player', render: () => html`` })

function create(): { time: ManualTime; views: NestedViews; place: (options: NestedViewOptions) => string } {
  const time = new ManualTime()
  const host = {
    signer: createSigner('s'.repeat(32), () => time.now),
    now: () => time.now,
  } as Partial<LiveHost> as LiveHost
  const views = new NestedViews('parent', 'instance', { nonce: 'nonce', lang: 'en' }, host)
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

describe('nested views of one id in one page', () => {
  interface Spot {
    readonly key: string
    readonly ids: readonly string[]
  }
  interface Context {
    readonly spots: readonly Spot[]
    /** What the view places beside the rows, and a component of its. */
    readonly own?: readonly string[]
    readonly inside?: readonly string[]
  }
  const holder = createLiveComponent<{ ids?: readonly string[] }, { type: string }, { ids: readonly string[] }>({
    render: ({ ids = [] }, { live_view }) => html`<b>${ids.map((id) => live_view(view, { id }))}</b>`,
  })
  const page = createLiveView<Context, { type: string }, string, Context>({
    mount: (socket) => socket.assign({ spots: [] }),
    handleInfo: (socket, info) => socket.assign({ own: [], inside: [], ...info }),
    render: ({ spots, own = [], inside = [] }, { live_view, live_component }) =>
      html`<main>${live_component(holder, { id: 'holder', ids: inside })}</main>
        <p>${own.map((id) => live_view(view, { id }))}</p>
        <ul>${each(
          spots,
          ({ key }) => key,
          ({ ids }) => html`<li>${ids.map((id) => live_view(view, { id }))}</li>`,
          [],
        )}</ul>`,
  })
  const [one, two]: [Spot, Spot] = [
    { key: '1', ids: ['a'] },
    { key: '2', ids: ['b'] },
  ]

  it.each<{ name: string; steps: readonly Context[]; twice?: string }>([
    { name: 'in the view', steps: [{ spots: [], own: ['a', 'a'] }], twice: 'a' },
    { name: 'in the view and in a component', steps: [{ spots: [], own: ['a'], inside: ['a'] }], twice: 'a' },
    { name: 'in a component', steps: [{ spots: [], inside: ['a', 'a'] }], twice: 'a' },
    { name: 'in two rows', steps: [{ spots: [one, { key: '2', ids: ['a'] }] }], twice: 'a' },
    {
      name: 'later',
      steps: [
        { spots: [], own: ['a'] },
        { spots: [one], own: ['a'] },
      ],
      twice: 'a',
    },
    { name: 'not: in rows that are not rendered again', steps: [{ spots: [one, two] }, { spots: [one, two] }] },
    { name: 'not: in rows that change places', steps: [{ spots: [one, two] }, { spots: [two, one] }] },
    {
      name: 'not: from one row to another',
      steps: [
        { spots: [one, two] },
        {
          spots: [
            { key: '1', ids: ['b'] },
            { key: '2', ids: ['a'] },
          ],
        },
      ],
    },
    {
      name: 'not: from the view to a component, and back',
      steps: [
        { spots: [], own: ['a'] },
        { spots: [], inside: ['a'] },
        { spots: [], own: ['a'] },
      ],
    },
  ])('are refused: $name', async ({ steps, twice }) => {
    const rig = await LiveRig.joined(page)
    for (const step of steps) await rig.info(step)
    const refused = `the nested view with the id '${twice}' is placed twice; ids must be unique within a page`
    expect(rig.reported).toEqual(twice === undefined ? [] : [refused])
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
