import { createLiveComponent, createLiveView, csrf_field, html, portal, type Rendered } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Fields {
  readonly debounced?: string
  readonly blurred?: string
  readonly volume?: string
  readonly first?: string
  readonly second?: string
  readonly step?: string
  readonly note?: string
  readonly name?: string
  readonly elsewhere?: string
}

type Names = 'elsewhere' | 'rate' | 'click' | 'save' | 'used' | 'restore' | 'wizard' | 'send'
type Events = { readonly type: Names; readonly values: unknown } & Fields

interface Context {
  /** How many events came, by field. */
  readonly counts: Readonly<Record<string, number>>
  readonly rates: Fields
  readonly saved: number
  readonly used: Readonly<Record<string, unknown>>
  /** The wizard's state is more than its fields: which step it is in. */
  readonly step: number
  readonly note: string
  readonly restored: string
  readonly elsewhere: string
  readonly name: string
  readonly go: boolean
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const view = createLiveView<Context, Events>({
  mount: (socket) => {
    socket.pageTitle('How forms behave')
    socket.assign({
      counts: {},
      rates: {},
      saved: 0,
      used: {},
      step: 1,
      note: '',
      restored: '',
      elsewhere: '',
      name: '',
      go: false,
    })
  },

  handleEvent: async (socket, event) => {
    const { counts, saved } = socket.context
    const count = (what: string): void => socket.assign({ counts: { ...counts, [what]: (counts[what] ?? 0) + 1 } })
    switch (event.type) {
      case 'rate':
        count(targetOf(event.values))
        return socket.assign({ rates: event })
      case 'click':
        return count('click')
      case 'save':
        await wait(600)
        return socket.assign({ saved: saved + 1 })
      case 'used':
        return socket.assign({ used: event.values as Record<string, unknown> })
      case 'wizard':
        return socket.assign({ step: Number(event.step) === 1 ? 2 : 1, note: event.note ?? '' })
      // Sent in place of the form's change event when the page is back: here it also brings the step back.
      case 'restore':
        return socket.assign({ step: Number(event.step) === 2 ? 2 : 1, note: event.note ?? '', restored: 'by restore' })
      case 'elsewhere':
        return socket.assign({ elsewhere: event.elsewhere ?? '' })
      case 'send': {
        const name = (event.name ?? '').trim()
        socket.assign({ name, go: name !== '' })
      }
    }
  },

  render: (context, { csrfToken, live_component }) =>
    frame(
      page,
      html`${rates(context)} ${submit(context)} ${used(context)} ${recovery(context)}
        ${live_component(inComponent, { id: 'in-component' })} ${inPortal(context)} ${native(context, csrfToken)}`,
    ),
})

/** The field that a change event came from. From the browser. */
function targetOf(values: unknown): string {
  const target = (values as { readonly _target?: unknown })._target
  return Array.isArray(target) ? String(target[0]) : ''
}

function rates({ counts, rates }: Context): Rendered {
  const counter = (name: string): Rendered =>
    html`<span class="badge" role="status" aria-label="Events of ${name}">${counts[name] ?? 0}</span>`
  return html`<form id="rates" class="card stack" aria-label="Sending less" phx-change="rate">
    <h2>Sending less</h2>
    <div class="columns">
      <div class="field">
        <label for="debounced">Waits for 300 ms of silence ${counter('debounced')}</label>
        <input id="debounced" name="debounced" phx-debounce="300" autocomplete="off" />
        <p class="hint">Arrived: <output aria-label="Debounced">${rates.debounced}</output></p>
      </div>
      <div class="field">
        <label for="blurred">Waits until you leave it ${counter('blurred')}</label>
        <input id="blurred" name="blurred" phx-debounce="blur" autocomplete="off" />
        <p class="hint">Arrived: <output aria-label="Left">${rates.blurred}</output></p>
      </div>
      <div class="field">
        <label for="volume">At most once a second ${counter('volume')}</label>
        <input id="volume" name="volume" type="range" phx-throttle="1000" />
        <p class="hint">Arrived: <output aria-label="Volume">${rates.volume}</output></p>
      </div>
      <div class="row">
        <button type="button" phx-click="click" phx-throttle="2000">At most every 2 s</button> ${counter('click')}
      </div>
    </div>
  </form>`
}

function submit({ saved }: Context): Rendered {
  return html`<form id="slow" class="card row" aria-label="A slow save" phx-submit="save">
    <input name="text" aria-label="Text" class="grow" autocomplete="off" />
    <button phx-disable-with="Saving…">Save</button>
    <span class="badge" role="status">saved ${saved}</span>
  </form>`
}

function used({ used }: Context): Rendered {
  return html`<form id="used" class="card stack" aria-label="Used fields" phx-change="used">
    <h2>Used fields</h2>
    <div class="columns">
      <input name="first" aria-label="First" autocomplete="off" />
      <input name="second" aria-label="Second" autocomplete="off" />
      <input name="third" aria-label="Third" autocomplete="off" phx-no-unused-field />
    </div>
    <pre aria-label="What came">${JSON.stringify(used)}</pre>
  </form>`
}

function recovery({ step, note, restored }: Context): Rendered {
  return html`<form
    id="wizard"
    class="card stack"
    aria-label="Two steps"
    phx-change="restore"
    phx-submit="wizard"
    phx-auto-recover="restore"
  >
    <h2>Two steps</h2>
    <p>Step <output aria-label="Step">${step}</output> <span role="status">${restored}</span></p>
    <input type="hidden" name="step" value="${step}" />
    <input name="note" aria-label="Note" value="${note}" autocomplete="off" />
    <div class="row"><button>${step === 1 ? 'Next' : 'Back'}</button></div>
  </form>`
}

/** Its form is recovered with what it holds, and sent to it. */
const inComponent = createLiveComponent<{ kept: string; changes: number }, { type: 'keep'; kept?: string }>({
  mount: (socket) => socket.assign({ kept: '', changes: 0 }),
  handleEvent: (socket, { kept }) => socket.assign({ kept: kept ?? '', changes: socket.context.changes + 1 }),
  render: ({ kept, changes }, { myself }) => html`<form
    id="in-component-form"
    class="card stack"
    aria-label="In a component"
    phx-change="keep"
    phx-target=${myself}
  >
    <h2>In a live component</h2>
    <input name="kept" aria-label="Kept" value="${kept}" autocomplete="off" />
    <p class="hint"><output aria-label="Arrived">${kept}</output> after <output aria-label="Changes">${changes}</output></p>
  </form>`,
})

/** A form that stands elsewhere in the page is the view's all the same. */
function inPortal({ elsewhere }: Context): Rendered {
  return portal(
    html`<form id="in-portal-form" class="card stack" aria-label="In a portal" phx-change="elsewhere">
      <h2>In a portal</h2>
      <input name="elsewhere" aria-label="Elsewhere" value="${elsewhere}" autocomplete="off" />
      <p class="hint"><output aria-label="Arrived">${elsewhere}</output></p>
    </form>`,
    { id: 'in-portal', target: '#content' },
  )
}

function native({ name, go }: Context, csrfToken: string): Rendered {
  return html`<form
    id="native"
    class="card row"
    aria-label="Over HTTP"
    action="/form-behaviour/receive"
    method="post"
    phx-submit="send"
    phx-trigger-action=${go}
  >
    ${csrf_field({ csrfToken })}
    <input name="name" aria-label="Name" class="grow" value="${name}" autocomplete="off" />
    <button name="by" value="button">Send</button>
  </form>`
}

const received = createLiveView<{ name: string; by: string }>({
  mount: (socket, _session, params) => {
    socket.pageTitle('Received')
    socket.assign({ name: String(params['name'] ?? ''), by: String(params['by'] ?? '') })
  },
  render: ({ name, by }) => frame(page, html`<p class="notice good">Received over HTTP: ${name}, by ${by}</p>`),
})

export const page: GalleryPage = {
  path: '/form-behaviour',
  title: 'How forms behave',
  about: 'When fields are sent, what a submit shows, what is back after a lost connection, and a form that leaves.',
  routes: { '/form-behaviour': view, '/form-behaviour/received': received },
  posts: (server) =>
    server.post('/form-behaviour/receive', ({ name, by }) => {
      const query = new URLSearchParams({ name: String(name ?? ''), by: String(by ?? '') })
      return { redirect: `/form-behaviour/received?${query}` }
    }),
}
