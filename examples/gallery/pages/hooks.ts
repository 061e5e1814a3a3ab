import { createLiveComponent, createLiveView, hook, html, live_patch, type OnMount } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Activity {
  readonly events: number
  readonly infos: number
  readonly results: number
  /** As of the render before. */
  readonly renders: number
  readonly last: string
  /** What was called for the mount and for the URL, in order. */
  readonly steps: readonly string[]
}

/** Counts what happens in a view, whatever view it is: that knows nothing of it. */
const countActivity: OnMount<Activity> = (socket) => {
  socket.assign({ events: 0, infos: 0, results: 0, renders: 0, last: 'mounted', steps: ['onMount'] })
  const note = (step: string): void => socket.assign({ steps: [...socket.context.steps, step] })
  socket.attachHook('activity', 'mount', () => note('a hook of mount'))
  socket.attachHook('activity', 'handleParams', () => note('a hook of handleParams'))
  socket.attachHook('activity', 'handleEvent', (_, { type }) => {
    socket.assign({ events: socket.context.events + 1, last: `event ${type}` })
  })
  socket.attachHook('activity', 'handleInfo', () => {
    socket.assign({ infos: socket.context.infos + 1, last: 'info' })
  })
  socket.attachHook('activity', 'handleAsync', (_, name) => {
    socket.assign({ results: socket.context.results + 1, last: `result of ${name}` })
  })
  // What it assigns causes no further render.
  socket.attachHook('activity', 'afterRender', () => {
    socket.assign({ renders: socket.context.renders + 1 })
  })
}

/** Lets no URL through whose step is none of 1 to 10. */
const checkStep: OnMount = (socket) => {
  socket.attachHook('step', 'handleParams', (_, url) => {
    const step = url.searchParams.get('step') ?? '1'
    if (/^(?:[1-9]|10)$/.test(step)) return 'continue'
    socket.pushEvent('toast', { text: `There is no step of ${step}.` })
    socket.pushPatch(page.path, { replace: true })
    return 'halt'
  })
}

/** Asks on each press, and shows the answer. */
const asker = hook(
  'Asker',
  `{
    mounted() {
      this.el.querySelector('button').onclick = async () => {
        const reply = await this.pushEvent('ask', {})
        this.el.querySelector('output').textContent = 'The total is ' + reply.total + '.'
      }
    },
  }`,
)

interface Draws {
  readonly asked: number
  readonly drawn: readonly number[]
  readonly renders: number
}

/** A component with hooks of its own: the view's see nothing of it. */
const draws = createLiveComponent<Draws, { type: 'draw' }>({
  mount: (socket) => {
    socket.assign({ asked: 0, drawn: [], renders: 0 })
    socket.attachHook('limit', 'handleEvent', () => {
      if (socket.context.asked === 4) return 'halt'
      socket.assign({ asked: socket.context.asked + 1 })
    })
    socket.attachHook('odd', 'handleAsync', (_, _name, outcome) => {
      return outcome.ok && Number(outcome.value) % 2 === 0 ? 'halt' : 'continue'
    })
    socket.attachHook('renders', 'afterRender', () => socket.assign({ renders: socket.context.renders + 1 }))
  },

  handleEvent: (socket) => {
    const { asked } = socket.context
    socket.startAsync(`draw ${asked}`, () => asked)
  },

  handleAsync: (socket, _name, outcome) => {
    if (outcome.ok) socket.assign({ drawn: [...socket.context.drawn, Number(outcome.value)] })
  },

  render: ({ asked, drawn, renders }, { myself }) => html`<section class="card stack" aria-label="A component">
    <p class="row">
      <button phx-click="draw" phx-target=${myself}>Draw a number</button>
      <output class="grow" aria-label="Drawn">${drawn.join(', ') || 'none'}</output>
    </p>
    <p class="hint">
      Asked <output aria-label="Asked">${asked}</output> times, rendered <output aria-label="Rendered">${renders}</output> times
      before this one. A hook of the component ends the events after four, another keeps even numbers from it. The activity
      of the view counts none of it.
    </p>
  </section>`,
})

interface Context extends Activity {
  readonly total: number
  readonly step: number
  readonly guarded: boolean
}

type Events = { type: 'add' | 'send' | 'work' | 'guard' | 'unguard' | 'ask' }

const hooked = createLiveView<Context, Events>({
  onMount: [countActivity, checkStep],

  mount: (socket) => {
    socket.pageTitle('Lifecycle hooks')
    socket.assign({ total: 0, guarded: false, steps: [...socket.context.steps, 'mount'] })
    // An event of a browser's hook, answered by one of ours: the view's own handler never sees it.
    socket.attachHook('answers', 'handleEvent', (_, { type }) => {
      if (type !== 'ask') return 'continue'
      return { halt: true, reply: { total: socket.context.total } }
    })
  },

  handleParams: (socket, url) => {
    const step = Number(url.searchParams.get('step') ?? 1)
    socket.assign({ step, steps: [...socket.context.steps, 'handleParams'] })
  },

  handleEvent: (socket, { type }) => {
    const { total, step } = socket.context
    if (type === 'add') socket.assign({ total: total + step })
    if (type === 'send') socket.sendInfo('add')
    if (type === 'work') socket.startAsync('work', () => step)
    if (type === 'guard') {
      socket.assign({ guarded: true })
      socket.attachHook('guard', 'handleInfo', () => 'halt')
      socket.attachHook('guard', 'handleAsync', () => 'halt')
    }
    if (type === 'unguard') {
      socket.assign({ guarded: false })
      socket.detachHook('guard', 'handleInfo')
      socket.detachHook('guard', 'handleAsync')
    }
  },

  handleInfo: (socket) => socket.assign({ total: socket.context.total + socket.context.step }),

  handleAsync: (socket, _name, outcome) => {
    if (outcome.ok) socket.assign({ total: socket.context.total + Number(outcome.value) })
  },

  render: ({ total, step, guarded, events, infos, results, renders, last, steps }, meta) =>
    frame(
      page,
      html`<section class="card stack" aria-label="The view">
          <p><output class="stat" aria-label="Total">${total}</output></p>
          <div class="buttons">
            <button class="primary" phx-click="add">Add by an event</button>
            <button phx-click="send">Add by an info</button>
            <button phx-click="work">Add by a result</button>
            ${
              guarded
                ? html`<button phx-click="unguard">Detach the guard</button>`
                : html`<button phx-click="guard">Attach a guard that halts infos and results</button>`
            }
          </div>
          <p>
            Steps of <output aria-label="Step">${step}</output>. Change to
            ${live_patch('5', { to: `${page.path}?step=5` })}, ${live_patch('10', { to: `${page.path}?step=10` })}, or
            ${live_patch('11', { to: `${page.path}?step=11` })}, which a hook refuses.
          </p>
          <div id="asker" class="row" phx-hook=${asker} phx-update="ignore">
            <button class="quiet">Ask a hook</button> <output aria-label="Answer"></output>
          </div>
          ${asker.script(meta)}
        </section>

        <section class="card stack" aria-label="Activity">
          <dl class="facts">
            <dt>Events</dt>
            <dd><output aria-label="Events">${events}</output></dd>
            <dt>Infos</dt>
            <dd><output aria-label="Infos">${infos}</output></dd>
            <dt>Results</dt>
            <dd><output aria-label="Results">${results}</output></dd>
            <dt>Renders before this one</dt>
            <dd><output aria-label="Renders">${renders}</output></dd>
            <dt>Last</dt>
            <dd><output aria-label="Last">${last}</output></dd>
          </dl>
          <p class="hint">Counted by hooks that the view does not know; any view can be given them.</p>
          <p>Called for the mount and for each URL:</p>
          <ol class="list" aria-label="Calls">
            ${steps.map((name) => html`<li>${name}</li>`)}
          </ol>
        </section>
        ${meta.live_component(draws, { id: 'draws' })}`,
    ),
})

export const page: GalleryPage = {
  path: '/hooks',
  title: 'Lifecycle hooks',
  about: 'Functions that take part in the life of a view: they count its events, answer some, and keep others from it.',
  routes: { '/hooks': hooked },
}
