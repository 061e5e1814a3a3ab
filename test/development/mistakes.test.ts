/** The likely mistakes: what each is told by, word for word as the guide has it. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findSecret } from '../../src/adapters/node/secret.ts'
import { createLiveComponent } from '../../src/live/component.ts'
import type { LiveView } from '../../src/live/definitions.ts'
import { live_form_fields } from '../../src/live/form-fields.ts'
import type { LiveViewSocket } from '../../src/live/socket.ts'
import type { RenderMeta } from '../../src/live/render-meta.ts'
import { createLiveView } from '../../src/live/view.ts'
import type { LayoutPage } from '../../src/server/layout.ts'
import { html } from '../../src/template/html.ts'
import { each } from '../../src/template/list.ts'
import type { Rendered } from '../../src/template/rendered.ts'
import type { Stream } from '../../src/template/stream.ts'
import { attrs } from '../../src/template/values.ts'
import { live_file_input } from '../../src/upload/tags.ts'
import { ManualTime, turn } from '../support/manual-time.ts'
import { World } from './world.ts'

const guide = readFileSync(new URL('../../docs/guides/common-mistakes.md', import.meta.url), 'utf8')

/** A view that shows `render` alone. */
function showing(render: (meta: RenderMeta) => unknown): LiveView {
  return createLiveView({ render: (_, meta) => render(meta) as Rendered })
}

type Line = { readonly id?: number; readonly text: string }

function streaming(items: readonly Line[], render: (lines: Stream<Line>) => Rendered): LiveView {
  return createLiveView({
    mount: (socket) => socket.stream('lines', items),
    render: ({ lines }) => render(lines as Stream<Line>),
  })
}

const page = showing(() => html`<p>Hello</p>`)
const twoElements = createLiveComponent({ render: () => html`<p>one</p><p>two</p>` })
const stars = createLiveComponent({ render: () => html`<p>stars</p>` })
const clicked = (world: World): Promise<void> => world.join().then(() => world.event('save'))

const layoutWithout =
  (part: 'meta' | 'content' | 'script') =>
  ({ csrfToken, clientUrl, content }: LayoutPage): Rendered =>
    html`<head>
      ${part !== 'meta' && html`<meta name="csrf-token" content="${csrfToken}" />`}
      ${part !== 'script' && html`<script defer src="${clientUrl}"></script>`}
    </head>
    <body>
      ${part !== 'content' && content}
    </body>`

interface Mistake {
  readonly name: string
  readonly world: () => World
  /** What brings it to light. @default the first page load */
  readonly when?: (world: World) => Promise<unknown>
  readonly message: string
}

const errors: readonly Mistake[] = [
  {
    name: 'a component that renders two elements',
    world: () =>
      World.of(showing(({ live_component }) => html`<main>${live_component(twoElements, { id: 'pair' })}</main>`)),
    message:
      "the live component with the id 'pair' must render one element with nothing beside it: no text, no value, no second " +
      'element. It renders `<p>one</p><p>two</p>…`',
  },
  {
    name: 'two components with one id',
    world: () =>
      World.of(
        showing(
          ({ live_component }) =>
            html`<main>${live_component(stars, { id: 1 })}${live_component(stars, { id: 1 })}</main>`,
        ),
      ),
    message: 'the live component with the id 1 is placed twice; ids must be unique within a view',
  },
  {
    name: 'a promise in a template',
    world: () => World.of(showing(() => html`<p>${Promise.resolve('late') as unknown}</p>`)),
    message:
      'html: a Promise cannot be rendered: await it before the render, at `…<p>${here}</p>…` (value 1 of the template)',
  },
  {
    name: 'a function in a template',
    world: () => World.of(showing(() => html`<p>${(() => 'text') as unknown}</p>`)),
    message: 'html: a function cannot be rendered: call it, at `…<p>${here}</p>…` (value 1 of the template)',
  },
  {
    name: 'an object in a template',
    world: () => World.of(showing(() => html`<p>${{ name: 'Ada' }}</p>`)),
    message:
      'html: a plain object cannot be rendered: render one of its fields, or a string made of it, at `…<p>${here}</p>…` ' +
      '(value 1 of the template)',
  },
  {
    name: 'a render that is async',
    world: () => World.of(showing(async () => html`<p></p>`)),
    message: 'render: expected html`…`, got a promise: render cannot be async',
  },
  {
    name: 'a render that gives a string',
    world: () => World.of(showing(() => '<p>Hello</p>')),
    message: "render: expected html`…`, got '<p>Hello</p>'",
  },
  {
    name: 'a render that gives nothing',
    world: () =>
      World.of(
        showing(() => {
          // Nothing.
        }),
      ),
    message: 'render: expected html`…`, got undefined',
  },
  {
    name: 'a value in a script',
    world: () => World.of(showing(() => html`<script>let name = ${'Ada'}</script>`)),
    message:
      'html: a value cannot stand in <script>, where no escaping is safe, at `…<script>let name = ${here}</script>…` ' +
      '(value 1 of the template)',
  },
  {
    name: 'a value in an event handler attribute',
    world: () => World.of(showing(() => html`<p onclick="${'run()'}"></p>`)),
    message:
      'html: a value cannot stand in onclick, which the browser runs as a script, at `…<p onclick="${here}"></p>…` ' +
      '(value 1 of the template)',
  },
  {
    name: 'a list with one key twice',
    world: () =>
      World.of(
        showing(
          () =>
            html`<ul>${each(
              [7, 7],
              (item) => item,
              (item) => html`<li>${item}</li>`,
            )}</ul>`,
        ),
      ),
    message: 'each: the key 7 occurs twice, at `…<ul>${here}</ul>…` (value 1 of the template)',
  },
  {
    name: 'a stream item without an id',
    world: () => World.of(streaming([{ text: 'one' }], () => html`<p></p>`)),
    message: "stream('lines'): an item must have an id, or the stream a domId; got a plain object",
  },
  {
    name: 'a stream row without its DOM id',
    world: () =>
      World.of(
        streaming(
          [{ id: 1, text: 'one' }],
          (lines) => html`<ul id="lines" phx-update="stream">${each(lines, ({ text }) => html`<li>${text}</li>`)}</ul>`,
        ),
      ),
    message:
      'the items of the stream \'lines\' must each be one element with id="${domId}", the second argument of its render; ' +
      '\'lines-1\' is none, at `…<ul id="lines" phx-update="stream">${here}</ul>…` (value 1 of the template)',
  },
  {
    name: 'an upload that was not allowed',
    world: () =>
      World.of(
        createLiveView({
          mount: (socket) => void socket.allowUpload('photos'),
          render: (_, { uploads }) => html`<form>${live_file_input(uploads['photo'])}</form>`,
        }),
      ),
    message: "live_file_input: there is no such upload; the allowed uploads are 'photos'",
  },
  {
    name: 'an event that nobody handles',
    world: () => World.of(page),
    when: clicked,
    message:
      "the page sent the event 'save', but the view has no handleEvent; an element with phx-target sends to a component instead",
  },
  {
    name: 'a patch to the path of another view',
    world: () =>
      new World({
        routes: {
          '/': createLiveView({ handleEvent: (socket) => socket.pushPatch('/other'), render: () => html`<p></p>` }),
          '/other': page,
        },
      }),
    when: clicked,
    message: "pushPatch('/other'): the path is not one of this view; use pushNavigate",
  },
]

const warnings: readonly Mistake[] = [
  {
    name: 'socket.connected in a mount that is adopted',
    world: () =>
      World.of(createLiveView({ adopt: true, mount: (socket) => void socket.connected, render: () => html`<p></p>` })),
    message:
      'the mount of a view with `adopt` asked for socket.connected, which is false in it, and is not asked again when the page connects: what ' +
      'needs the connection belongs in handleConnect; timers, loading values and subscriptions begin then by themselves',
  },
  {
    name: 'one DOM id twice',
    world: () => World.of(showing(() => html`<p id="total">1</p><b id="total">2</b>`)),
    message: 'ids must be unique in a page; \'total\' is at <p id="total"> and at <b id="total">',
  },
  {
    name: 'a stream in an element that does not say so',
    world: () =>
      World.of(
        streaming(
          [{ id: 1, text: 'one' }],
          (lines) => html`<ul id="lines">${each(lines, ({ text }, id) => html`<li id="${id}">${text}</li>`)}</ul>`,
        ),
      ),
    message:
      'the element around the stream \'lines\' needs an id and phx-update="stream", or its items vanish with the next render; ' +
      'got <ul>, at `…<ul id="lines">${here}</ul>…` (value 1 of the template)',
  },
  {
    name: 'a stream in an element without an id',
    world: () => World.of(showing(() => html`<ul phx-update="stream"></ul>`)),
    message: 'an element with phx-update="stream" needs an id; got <ul phx-update="stream">',
  },
  {
    name: 'a form that cannot be recovered',
    world: () => World.of(showing(() => html`<form phx-change="validate"></form>`)),
    message:
      'a form with phx-change needs an id: without one its fields are not recovered after a reconnect; got ' +
      '<form phx-change="validate">',
  },
  {
    name: 'an element that is not closed',
    world: () => World.of(showing(() => html`<section><p>one</p>`)),
    message: 'html: <section> is not closed: each template has to close what it opens',
  },
  {
    name: 'a tag that closes nothing',
    world: () => World.of(showing(() => html`<p>one</p></section>`)),
    message: 'html: </section> closes nothing that this template has opened',
  },
  {
    name: 'a block in a paragraph',
    world: () => World.of(showing(() => html`<p>one<div class="two">two</div></p>`)),
    message:
      'html: a <div> cannot stand in a <p>: the browser ends the <p> before it, and makes an empty one of </p>; got <div class="two">',
  },
  {
    name: 'a form in a form',
    world: () => World.of(showing(() => html`<form id="outer"><form id="inner"></form></form>`)),
    message: 'html: a <form> cannot stand in a <form>: the browser drops the inner one; got <form id="inner">',
  },
  {
    name: 'the same across templates',
    world: () => {
      const inner = html`<form id="inner"></form>`
      return World.of(showing(() => html`<form id="outer"><div>${inner}</div></form>`))
    },
    message: 'a <form> cannot stand in a <form>: the browser drops the inner one; got <form id="inner">',
  },
  {
    name: 'an attribute that the client does not know',
    world: () => World.of(showing(() => html`<button phx-clik="save">Save</button>`)),
    message: 'html: the client knows no phx-clik; phx-click is near: got <button phx-clik="save">',
  },
  {
    name: 'a field that is called id',
    world: () => World.of(showing(() => html`<form id="f" phx-change="v"><input name="id" /></form>`)),
    message:
      "html: a field cannot be called 'id': the form's own id would be the field, and the client doubles the form; got " +
      '<input name="id">',
  },
  {
    name: 'files outside of a form',
    world: () =>
      World.of(
        createLiveView({
          mount: (socket) => void socket.allowUpload('photos'),
          render: (_context, { uploads: { photos } }) => html`<div>${live_file_input(photos)}</div>`,
        }),
      ),
    message:
      'a live_file_input must stand in a form with phx-change, or nothing is told of the files that are chosen; that of ' +
      "'photos' stands in none",
  },
  {
    name: 'a form for browsers without JavaScript that would go into the address',
    world: () =>
      World.of(
        createLiveView({
          mount: (socket) => void socket.allowUpload('photos'),
          render: (_context, meta) =>
            html`<form id="f" phx-change="v">${live_form_fields(meta, { submit: 'save' })}</form>`,
        }),
      ),
    message:
      'a form with live_form_fields, <form id="f" phx-change="v">, needs method="post": without JavaScript its fields would go into the ' +
      'address',
  },
  {
    name: 'one whose files would stay behind',
    world: () =>
      World.of(
        createLiveView({
          mount: (socket) => void socket.allowUpload('photos'),
          render: (_context, meta) =>
            html`<form id="f" phx-change="v" method="post">${live_form_fields(meta, { submit: 'save' })}</form>`,
        }),
      ),
    message:
      'a form with live_form_fields, <form id="f" phx-change="v" method="post">, needs enctype="multipart/form-data": without JavaScript ' +
      'no file would be sent',
  },
  {
    name: 'one that says too late whose its files are',
    world: () =>
      World.of(
        createLiveView({
          mount: (socket) => void socket.allowUpload('photos'),
          render: (_context, meta) =>
            html`<form id="f" phx-change="v" method="post" enctype="multipart/form-data">${live_file_input(meta.uploads['photos'])}${live_form_fields(meta, { submit: 'save' })}</form>`,
        }),
      ),
    message:
      'a form with live_form_fields, <form id="f" phx-change="v" method="post" enctype="multipart/form-data">, must have them before its ' +
      'file inputs: they say first whose the files are',
  },
  {
    name: 'a hook without an id',
    world: () => World.of(showing(() => html`<p ${attrs({ 'phx-hook': 'Chart' })}></p>`)),
    message: 'an element with phx-hook needs an id that stays the same; got <p phx-hook="Chart">',
  },
  {
    name: 'an answer that nobody waits for',
    world: () => World.of(createLiveView({ handleEvent: () => ({ row: 1 }), render: () => html`<p></p>` })),
    when: clicked,
    message:
      "the handler of the event 'save' returned an object, and nobody waits for it: only hooks are answered. It is not sent; " +
      'return nothing, or call socket.reply',
  },
  {
    name: 'a layout without the CSRF token',
    world: () => World.of(page, { layout: layoutWithout('meta') }),
    message:
      'the layout needs <meta name="csrf-token" content="${page.csrfToken}" /> in its head; there is none, and no view will ' +
      'connect',
  },
  {
    name: 'a layout without the view',
    world: () => World.of(page, { layout: layoutWithout('content') }),
    message: 'the layout must print page.content once, unescaped as it is, in its body; it is not there',
  },
  {
    name: 'a layout without a script',
    world: () => World.of(page, { layout: layoutWithout('script') }),
    message:
      'the layout loads no script: <script defer src="${page.clientUrl}"></script>, or a bundle of yours that calls connect; ' +
      'no view will connect',
  },
  {
    name: 'a loop of messages',
    world() {
      const time = new ManualTime()
      const end = time.now + 5000
      const view = createLiveView({
        handleEvent: (socket) => socket.sendInfo('again'),
        handleInfo(socket) {
          time.advance(1)
          if (time.now < end) socket.sendInfo('again')
        },
        render: () => html`<p></p>`,
      })
      return new World({ routes: { '/': view } }, true, time)
    },
    async when(world) {
      await clicked(world)
      for (let at = 0; at < 600; at++) await turn()
    },
    message:
      'the view has handled one message after another for seconds, and its page waits: does handleInfo send an info for each that ' +
      'it gets, or handleAsync start what is there already? What shall come again and again belongs in a timer (repeat)',
  },
  {
    name: 'processes with different secrets',
    world: () => World.of(page),
    when: (world) => world.join((token) => `${token}x`),
    message:
      'a page may not connect: its tokens were signed with another secret, or are older than 14 days. Is LIVELOOM_SECRET the ' +
      'same in every process? The page loads itself anew',
  },
]

describe('a mistake that ends the view', () => {
  it.each(errors)('$name is told', async ({ world, when, message }) => {
    const running = world()
    const load = (): Promise<unknown> => running.get()
    await (when ?? load)(running)
    expect(running.messages).toEqual([message])
    if (message.includes('${here}')) expect(running.sites).toEqual([expect.stringContaining('mistakes.test.ts:')])
  })
})

describe('a mistake that a view lives with', () => {
  it.each(warnings)('$name is told once, and the page is shown', async ({ world, when, message }) => {
    const running = world()
    const load = (): Promise<unknown> => running.get()
    await (when ?? load)(running)
    await (when ?? load)(running)
    expect(running.reported).toEqual([
      { message, context: { stage: 'development', view: running.reported[0]!.context.view } },
    ])
    expect((await running.get()).status).toBe(200)
  })

  it.each(warnings.filter(({ when }) => when === undefined))(
    '$name is not looked for in production',
    async ({ world }) => {
      const { settings } = world()
      const running = new World(settings, false)
      expect((await running.get()).status).toBe(200)
      expect(running.messages).toEqual([])
    },
  )
})

it('a production without a secret is told at the start', () => {
  const { LIVELOOM_SECRET: before } = process.env
  delete process.env['LIVELOOM_SECRET']
  try {
    expect(() => findSecret(false)).toThrow(
      'in production a secret is needed: set LIVELOOM_SECRET, or the option `secret`, to 32 random bytes or more',
    )
  } finally {
    if (before !== undefined) process.env['LIVELOOM_SECRET'] = before
  }
})

describe('the guide', () => {
  it.each([...errors, ...warnings])('has the message for $name', ({ message }) => {
    expect(guide.replaceAll(/\s+/g, ' ')).toContain(message)
  })
})

describe('looking for mistakes', () => {
  it('finds none in a render that asks whether the page is connected, and in a view that is not adopted', async () => {
    const render = (_: object, { connected }: { connected: boolean }): Rendered => html`<p>${connected && 'live'}</p>`
    const asks = { handleConnect: (socket: LiveViewSocket) => void socket.connected, render }
    const views = [
      createLiveView({ adopt: true, ...asks }),
      createLiveView({ mount: (socket) => void socket.connected, ...asks }),
    ]
    for (const view of views) {
      const running = World.of(view)
      await running.join()
      expect(running.messages).toEqual([])
    }
  })

  it('renders no row of a list that the page is not sent', async () => {
    const rendered: string[] = []
    const row = (text: string): Rendered => {
      rendered.push(text)
      return html`<li>${text}</li>`
    }
    const running = World.of(showing(() => html`<ul>${each(['one', 'two'], String, row)}</ul>`))
    await running.get()
    expect(rendered).toEqual(['one', 'two'])
    await running.join()
    expect(rendered.slice(2)).toEqual(['one', 'two', 'one', 'two'])
  })
})
