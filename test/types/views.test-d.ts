import {
  type ChildChange,
  createLiveComponent,
  createLiveView,
  each,
  type Flash,
  html,
  type LiveComponentSocket,
  type LiveSocket,
  type LiveViewSocket,
  type NestedView,
  type NestedViewOptions,
  type ParentView,
  portal,
  type Rendered,
  type RenderMeta,
  type SessionData,
  unchanged,
  type Unchanged,
} from 'liveloom'
import { describe, expectTypeOf, it } from 'vitest'

interface Context {
  readonly title: string
  readonly rows: readonly string[] | Unchanged
  readonly chosen?: number
}

declare const socket: LiveViewSocket<Context>
declare const part: LiveViewSocket<Context> | LiveComponentSocket<Context> | LiveSocket<Context>
declare const meta: RenderMeta

describe('flash messages', () => {
  it('are texts by kind, of a view and of a component', () => {
    part.putFlash('info', 'Saved')
    part.putFlash('my own kind', 'Saved')
    part.clearFlash('info')
    part.clearFlash()
    // @ts-expect-error No message.
    part.putFlash('info')
    // @ts-expect-error A message is a text.
    part.putFlash('info', html`<b>Saved</b>`)
    // @ts-expect-error A kind is a text.
    part.putFlash(1, 'Saved')
    // @ts-expect-error A kind is a text.
    part.clearFlash(1)
  })

  it('may be there or not, and cannot be written', () => {
    expectTypeOf(meta.flash).toEqualTypeOf<Flash>()
    expectTypeOf(meta.flash['info']).toEqualTypeOf<string | undefined>()
    // @ts-expect-error That is for putFlash.
    meta.flash['info'] = 'Saved'
    createLiveComponent({
      render: (_, { flash }) => {
        expectTypeOf(flash).toEqualTypeOf<Flash>()
        return html`<p>${flash['info']}</p>`
      },
    })
  })
})

describe('live_view', () => {
  const clock = createLiveView({ render: () => html`<time></time>` })
  const card = createLiveComponent({ render: () => html`<p></p>` })

  it('takes a view and an id', () => {
    expectTypeOf(meta.live_view(clock, { id: 'clock' })).toEqualTypeOf<NestedView>()
    meta.live_view(clock, {
      id: 'clock',
      session: { zone: 'Europe/Oslo', since: 1 },
      sticky: true,
      container: { tag: 'li', class: 'clock', hidden: false, tabindex: 0 },
    })
    expectTypeOf<NestedViewOptions['id']>().toBeString()
    createLiveComponent({ render: (_, { live_view }) => html`<p>${live_view(clock, { id: 'clock' })}</p>` })
  })

  it('refuses what is missing, wrong or unknown', () => {
    // @ts-expect-error No id.
    meta.live_view(clock, {})
    // @ts-expect-error No options.
    meta.live_view(clock)
    // @ts-expect-error An id is a text.
    meta.live_view(clock, { id: 1 })
    // @ts-expect-error A component is no view.
    meta.live_view(card, { id: 'card' })
    // @ts-expect-error A template is no view.
    meta.live_view(html`<p></p>`, { id: 'card' })
    // @ts-expect-error A session is data by name.
    meta.live_view(clock, { id: 'clock', session: 'Europe/Oslo' })
    // @ts-expect-error No such option.
    meta.live_view(clock, { id: 'clock', stiky: true })
    // @ts-expect-error The name of an element is a text.
    meta.live_view(clock, { id: 'clock', container: { tag: 1 } })
  })

  it('makes what stands in a template, and is none itself', () => {
    // @ts-expect-error It stands in a template.
    createLiveView({ render: (_, { live_view }): Rendered => live_view(clock, { id: 'clock' }) })
  })
})

describe('containers', () => {
  it('are objects, of a view and of a portal', () => {
    createLiveView({ container: { tag: 'main', class: 'wide' }, render: () => html`<p></p>` })
    portal('hi', { id: 'a', container: { tag: 'aside', class: 'wide' } })
    // @ts-expect-error Only a tag.
    createLiveView({ container: 'main', render: () => html`<p></p>` })
    // @ts-expect-error The name of an element is a text.
    createLiveView({ container: { tag: 1 }, render: () => html`<p></p>` })
    // @ts-expect-error A component has its own element.
    createLiveComponent({ container: { tag: 'main' }, render: () => html`<p></p>` })
  })
})

describe('temporary assigns', () => {
  it('are some of the context', () => {
    socket.temporaryAssigns({ rows: unchanged })
    socket.temporaryAssigns({ rows: [], chosen: 1 })
    // @ts-expect-error Not in the context.
    socket.temporaryAssigns({ lines: [] })
    // @ts-expect-error A title is a text.
    socket.temporaryAssigns({ title: 1 })
    // @ts-expect-error A title is never left out.
    socket.temporaryAssigns({ title: unchanged })
    // @ts-expect-error A list of names says no values.
    socket.temporaryAssigns(['rows'])
  })

  it('may be unchanged where each renders them', () => {
    const { rows } = socket.context
    expectTypeOf(rows).toEqualTypeOf<readonly string[] | Unchanged>()
    each(rows, String, (row) => {
      expectTypeOf(row).toBeString()
      return html`<li>${row}</li>`
    })
    // @ts-expect-error It may be unchanged.
    rows.length.toFixed()
  })
})

describe('the place of a view', () => {
  it('is known to its socket', () => {
    const view = {} as LiveViewSocket
    expectTypeOf(view.parent).toEqualTypeOf<ParentView | undefined>()
    expectTypeOf<ParentView['id']>().toEqualTypeOf<string | undefined>()
    expectTypeOf(view.session).toEqualTypeOf<SessionData>()
    expectTypeOf(view.mounts).toBeNumber()
    // @ts-expect-error It may be the page's own view.
    view.parent.id.trim()
    // @ts-expect-error It is not for the view to say.
    view.mounts = 1
  })

  it('is told of its children', () => {
    createLiveView({
      handleChild: async (_, change) => {
        expectTypeOf(change).toEqualTypeOf<ChildChange>()
        // @ts-expect-error One that mounted has not failed.
        void change.failed
        if (change.type === 'ended') expectTypeOf(change.failed).toBeBoolean()
      },
      render: () => html`<p></p>`,
    })
    // @ts-expect-error It is the view that hears.
    createLiveComponent({ handleChild: () => {}, render: () => html`<p></p>` })
  })
})

describe('a stash', () => {
  it('names keys of the context, and gives back some of them', () => {
    createLiveView<{ step: number; name: string }>({
      stash: ['step'],
      migrate: (old, version) => {
        expectTypeOf(old).toEqualTypeOf<Readonly<Record<string, unknown>>>()
        return { step: version }
      },
      mount: (socket) => {
        expectTypeOf(socket.stashed).toEqualTypeOf<Readonly<Partial<{ step: number; name: string }>> | undefined>()
        socket.assign({ step: 1, name: '', ...socket.stashed })
      },
      render: () => html`<p></p>`,
    })
    createLiveView<{ step: number }>({
      // @ts-expect-error No such key.
      stash: ['stepp'],
      render: () => html`<p></p>`,
    })
    createLiveView<{ step: number }>({
      stash: ['step'],
      // @ts-expect-error Not what a step is.
      migrate: () => ({ step: 'two' }),
      render: () => html`<p></p>`,
    })
  })
})
