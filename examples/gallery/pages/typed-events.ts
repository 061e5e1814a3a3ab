import { createLiveView, hook, html } from 'liveloom'
import type { EventsOf } from 'liveloom/forms'
import { z } from 'zod'
import { frame, type GalleryPage } from '../page.ts'

/** What each event may bring. Numbers come as text from an attribute: the schema makes numbers of them. */
const events = {
  add: z.object({ amount: z.coerce.number().int().min(1).max(10) }),
  rename: z.object({ person: z.object({ name: z.string().trim().min(2) }), tags: z.array(z.string()).default([]) }),
}

interface Context {
  readonly total: number
  readonly name: string
  readonly tags: readonly string[]
  readonly refused: readonly string[]
}

const kept = 4

/** Pushes whatever is written into its field: what a visitor could do in the browser's console. */
const byHand = hook(
  'ByHand',
  `{
    mounted() {
      const [event, payload] = this.el.querySelectorAll('input')
      this.el.querySelector('button').onclick = () => this.pushEvent(event.value, JSON.parse(payload.value))
    },
  }`,
)

const view = createLiveView<Context, EventsOf<typeof events>>({
  events,

  mount: (socket) => {
    socket.pageTitle('Typed events')
    socket.assign({ total: 0, name: 'nobody', tags: [], refused: [] })
  },

  // Here an amount is a number from 1 to 10, whoever sent it.
  handleEvent: (socket, event) => {
    if (event.type === 'add') socket.assign({ total: socket.context.total + event.amount })
    else if (event.type === 'rename') socket.assign({ name: event.person.name, tags: event.tags })
  },

  handleInvalidEvent: (socket, { type, issues }) => {
    const reasons = issues.map(({ path, message }) => `${[type, ...path].join('.')}: ${message}`)
    socket.assign({ refused: [...reasons, ...socket.context.refused].slice(0, kept) })
  },

  render: ({ total, name, tags, refused }, meta) =>
    frame(
      page,
      html`<section class="card stack" aria-label="State">
          <dl class="facts">
            <dt>Total</dt>
            <dd><output aria-label="Total">${total}</output></dd>
            <dt>Name</dt>
            <dd><output aria-label="Name">${name}</output></dd>
            <dt>Tags</dt>
            <dd><output aria-label="Tags">${tags.join(', ')}</output></dd>
          </dl>
          <div class="row">
            <button phx-click="add" phx-value-amount="3">Add 3</button>
            <button phx-click="add" phx-value-amount="1000">Add 1000</button>
            <button phx-click="add">Add nothing</button>
          </div>
        </section>
        <form id="rename" class="card stack" aria-label="Rename" phx-submit="rename">
          <div class="columns">
            <div class="field">
              <label for="person-name">Name</label>
              <input id="person-name" name="person[name]" autocomplete="off" />
            </div>
            <div class="row">
              <label class="check"><input type="checkbox" name="tags[]" value="kind" /> kind</label>
              <label class="check"><input type="checkbox" name="tags[]" value="quick" /> quick</label>
            </div>
          </div>
          <div class="row"><button>Rename</button></div>
        </form>
        <section class="card stack" aria-label="By hand" id="by-hand" phx-hook=${byHand}>
          <h2>By hand</h2>
          <div id="by-hand-fields" class="row" phx-update="ignore">
            <input aria-label="Event" value="add" class="grow" />
            <input aria-label="Payload" value='{"amount": "a lot"}' class="grow" />
            <button type="button">Push</button>
          </div>
          ${byHand.script(meta)}
        </section>
        <section class="card stack" aria-label="Refused">
          <h2>Refused</h2>
          ${refused.length === 0 && html`<p class="empty">Nothing yet.</p>`}
          <ol class="list" aria-label="Refused">
            ${refused.map((reason) => html`<li class="error">${reason}</li>`)}
          </ol>
        </section>`,
    ),
})

export const page: GalleryPage = {
  path: '/typed-events',
  title: 'Typed events',
  about: 'A schema for each event: the handler gets what it made of the values, and never what it refused.',
  routes: { '/typed-events': view },
}
