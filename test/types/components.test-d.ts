import {
  type ComponentMeta,
  createLiveComponent,
  createLiveView,
  html,
  type LiveComponent,
  type LiveComponentSocket,
  type LiveSocket,
  type LiveViewSocket,
  type Rendered,
  type RenderMeta,
} from 'liveloom'
import { describe, expectTypeOf, it } from 'vitest'

type Context = { readonly count: number; readonly title: string }
type Events = { readonly type: 'more'; readonly by?: string } | { readonly type: 'clear' }
type Props = { readonly start: number; readonly title?: string }

const counter: LiveComponent<Props> = createLiveComponent<Context, Events, Props, 'photo'>({
  update: (socket, { start, title }) => {
    expectTypeOf(start).toBeNumber()
    expectTypeOf(title).toEqualTypeOf<string | undefined>()
    socket.assign({ count: start })
  },
  render: () => html`<p></p>`,
})
const box = createLiveComponent<object, never, { readonly children: Rendered; readonly row: (n: number) => Rendered }>({
  render: () => html`<p></p>`,
})
/** Its props are its context, each of them optional. */
const plain = createLiveComponent<Context>({ render: () => html`<p></p>` })

describe('a live component', () => {
  it('knows its context, its events, its props and its uploads', () => {
    createLiveComponent<Context, Events, Props, 'photo'>({
      mount: (socket) => {
        expectTypeOf(socket).toEqualTypeOf<LiveComponentSocket<Context, 'photo'>>()
        expectTypeOf(socket.id).toEqualTypeOf<string | number>()
        void socket.allowUpload('photo')
        // @ts-expect-error It has no such upload.
        void socket.allowUpload('video')
        // @ts-expect-error The context has no such field.
        socket.assign({ start: 1 })
        // @ts-expect-error Only a view has a title.
        socket.pageTitle('x')
      },
      updateMany: (updates) => {
        for (const { socket, props } of updates) {
          expectTypeOf(socket).toEqualTypeOf<LiveComponentSocket<Context, 'photo'>>()
          expectTypeOf(props).toExtend<Props>()
        }
      },
      handleEvent: (_, event) => {
        expectTypeOf(event.type).toEqualTypeOf<'more' | 'clear'>()
        if (event.type === 'more') expectTypeOf(event.by).toEqualTypeOf<string | undefined>()
        return { answer: 1 }
      },
      handleAsync: (_, name, outcome) => {
        expectTypeOf(name).toBeString()
        if (outcome.ok) expectTypeOf(outcome.value).toBeUnknown()
      },
      render: (context, meta) => {
        expectTypeOf(context).toEqualTypeOf<Readonly<Context>>()
        expectTypeOf(meta).toEqualTypeOf<ComponentMeta<'photo'>>()
        return html`<p phx-target=${meta.myself}>${meta.uploads.photo.ref}</p>`
      },
    })
  })

  it('may be async in all but its render', () => {
    createLiveComponent({
      mount: async () => {},
      update: async () => {},
      handleEvent: async () => ({ ok: true }),
      render: () => html`<p></p>`,
    })
    // @ts-expect-error A render cannot wait.
    createLiveComponent({ render: async () => html`<p></p>` })
    // @ts-expect-error A component has to render.
    createLiveComponent({})
    // @ts-expect-error A component gets no infos; sendUpdate reaches it.
    createLiveComponent({ handleInfo: () => {}, render: () => html`<p></p>` })
  })

  it('without parameters has open, but no careless, types', () => {
    const open = createLiveComponent({
      update: (socket, props) => {
        expectTypeOf(props['anything']).toBeUnknown()
        expectTypeOf(socket.context['anything']).toBeUnknown()
      },
      handleEvent: (_, event) => void expectTypeOf(event['anything']).toBeUnknown(),
      render: () => html`<p></p>`,
    })
    place(open, { id: 1, anything: {} })
  })
})

/** `meta.live_component`, outside of a render. */
const place: RenderMeta['live_component'] = {} as never

describe('placing one', () => {
  it('takes its props and an id', () => {
    place(counter, { id: 'a', start: 1 })
    place(counter, { id: 7, start: 1, title: 'x' })
    place(plain, { id: 1 })
    place(plain, { id: 1, count: 2 })
    place(box, { id: 1, children: html`<b></b>`, row: (n) => html`<i>${n.toFixed()}</i>` })
  })

  it('refuses what is missing, wrong or unknown', () => {
    // @ts-expect-error No id.
    place(counter, { start: 1 })
    // @ts-expect-error No start.
    place(counter, { id: 'a' })
    // @ts-expect-error A start is a number.
    place(counter, { id: 'a', start: '1' })
    // @ts-expect-error No such prop, beside those there are.
    place(counter, { id: 'a', start: 1, titel: 'x' })
    // @ts-expect-error No such prop, where all are optional.
    place(plain, { id: 1, cuont: 2 })
    // @ts-expect-error An id is a text or a number.
    place(plain, { id: {} })
    // @ts-expect-error A view is no component.
    place(createLiveView({ render: () => html`<p></p>` }), { id: 1 })
    // @ts-expect-error No promise for a template.
    place(box, { id: 1, children: Promise.resolve(html`<b></b>`), row: () => html`<i></i>` })
  })

  it('works the same within a component and within a view', () => {
    createLiveView({ render: (_, { live_component }) => html`<p>${live_component(counter, { id: 1, start: 1 })}</p>` })
    createLiveComponent({
      render: (_, { live_component }) => {
        // @ts-expect-error No start.
        return html`<p>${live_component(counter, { id: 1 })}</p>`
      },
    })
  })
})

describe('sendUpdate', () => {
  it('takes an id and some of the props', () => {
    const check = (socket: LiveViewSocket<Context> | LiveComponentSocket<Context> | LiveSocket): void => {
      socket.sendUpdate(counter, { id: 'a', title: 'x' }, { delay: 100 })
      // @ts-expect-error No id.
      socket.sendUpdate(counter, { title: 'x' })
      // @ts-expect-error No such prop.
      socket.sendUpdate(counter, { id: 'a', titel: 'x' })
      // @ts-expect-error A title is a text.
      socket.sendUpdate(counter, { id: 'a', title: 1 })
    }
    void check
  })
})
