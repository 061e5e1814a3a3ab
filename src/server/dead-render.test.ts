/** What is told of a first page that fails: the same as over the socket. */
import { describe, expect, it } from 'vitest'
import { World } from '../../test/development/world.ts'
import { turn } from '../../test/support/manual-time.ts'
import { createLiveComponent } from '../live/component.ts'
import { createLiveView } from '../live/view.ts'
import type { LiveViewCallbacks } from '../live/view.ts'
import { html } from '../template/html.ts'
import type { LiveServerOptions } from './options.ts'

type Callbacks = Partial<LiveViewCallbacks<object, { type: string }, string, unknown>>
type Throw = () => never | Promise<never>

function fail(): never {
  throw new Error('broken')
}

const ways: readonly { readonly way: string; readonly broken: Throw }[] = [
  { way: 'at once', broken: fail },
  { way: 'later', broken: () => turn().then(fail) },
]

const card = (callbacks: object) =>
  createLiveComponent<object, { type: string }, object>({ render: () => html`<b></b>`, ...callbacks })
const fine = card({})

/** Two components; the first of them is fine. */
const withCard = (callbacks: object): Callbacks => {
  const broken = card(callbacks)
  return {
    render: (_, { live_component }) =>
      html`${live_component(fine, { id: 'fine' })}${live_component(broken, { id: 'card' })}`,
  }
}

const around = (callbacks: Callbacks): Callbacks => {
  const inner = createLiveView({ render: () => html``, ...callbacks })
  return { render: (_, { live_view }) => html`<p>${live_view(inner, { id: 'inner' })}</p>` }
}

const inner = { view: 'inner' }

describe('a first page fails, and onError is told where, when what breaks is', () => {
  const rows: readonly {
    readonly name: string
    readonly callbacks: (broken: Throw) => Callbacks
    readonly context: object
  }[] = [
    { name: 'a mount hook', callbacks: (broken) => ({ onMount: [broken] }), context: { stage: 'mount' } },
    { name: 'mount', callbacks: (broken) => ({ mount: broken }), context: { stage: 'mount' } },
    { name: 'handleParams', callbacks: (broken) => ({ handleParams: broken }), context: { stage: 'params' } },
    {
      name: 'a component’s mount',
      callbacks: (broken) => withCard({ mount: broken }),
      context: { stage: 'component', component: 'card' },
    },
    {
      name: 'a component’s update',
      callbacks: (broken) => withCard({ update: broken }),
      context: { stage: 'component', component: 'card' },
    },
    {
      name: 'the mount of a nested view',
      callbacks: (broken) => around({ mount: broken }),
      context: { stage: 'mount', ...inner },
    },
    {
      name: 'a component in a nested view in another',
      callbacks: (broken) =>
        around({
          render: (_, { live_view }) =>
            html`${live_view(createLiveView(withCard({ update: broken }) as never), { id: 'deep' })}`,
        }),
      context: { stage: 'component', view: 'deep', component: 'card' },
    },
  ]
  const once: typeof rows = [
    { name: 'render', callbacks: () => ({ render: fail }), context: { stage: 'render' } },
    {
      name: 'a component’s render',
      callbacks: () => withCard({ render: fail }),
      context: { stage: 'component', component: 'card' },
    },
    {
      name: 'the render of a nested view',
      callbacks: () => around({ render: fail }),
      context: { stage: 'render', ...inner },
    },
    {
      name: 'two nested views of one id',
      callbacks: () => ({
        render: (_, { live_view }) => {
          const view = createLiveView({ render: () => html`` })
          return html`${live_view(view, { id: 'a' })}${live_view(view, { id: 'a' })}`
        },
      }),
      context: { stage: 'render' },
    },
  ]
  const check = async (callbacks: Callbacks, context: object): Promise<void> => {
    const world = World.of(createLiveView({ render: () => html``, ...callbacks }))
    const { status, body } = await world.get()
    expect(status).toBe(500)
    expect(world.reported.map((told) => told.context)).toEqual([{ view: '/', ...context }])
    // The error page says the same.
    for (const part of Object.values(context)) expect(body).toContain(`<span>${String(part)}</span>`)
  }
  for (const { way, broken } of ways) {
    it.each(rows)(`$name, ${way}`, ({ callbacks, context }) => check(callbacks(broken), context))
  }
  it.each(once)('$name', ({ callbacks, context }) => check(callbacks(fail), context))

  it.each([
    { name: 'the layout', options: { layout: fail } },
    { name: 'the session', options: { session: fail } },
  ] satisfies { name: string; options: Partial<LiveServerOptions> }[])('$name', async ({ options }) => {
    const world = World.of(createLiveView({ render: () => html`` }), options)
    expect((await world.get()).status).toBe(500)
    expect(world.reported.map((told) => told.context)).toEqual([{ stage: 'http', view: '/' }])
  })

  it('what is the visitor’s doing: nothing is told', async () => {
    const world = World.of(
      createLiveView({
        mount: () => {
          throw Object.assign(new Error('gone'), { status: 410 })
        },
        render: () => html``,
      }),
    )
    expect((await world.get()).status).toBe(410)
    expect(world.reported).toEqual([])
  })
})

it('the title is that of the page’s own view', async () => {
  const world = World.of(
    createLiveView({
      render: () => html``,
      mount: (socket) => socket.pageTitle('Outside'),
      ...around({ mount: (socket) => socket.pageTitle('Inside') }),
    }),
  )
  expect((await world.get()).body).toMatch(/<title[^>]*>Outside<\/title>/)
})
