import {
  createLiveComponent,
  createLiveView,
  hook,
  html,
  live_navigate,
  portal,
  type Rendered,
  type RenderMeta,
} from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Context {
  readonly points: readonly number[]
  readonly count: number
  /** Which of two hooks the place has that comes later. */
  readonly later: 'none' | 'red' | 'blue'
  readonly badge: boolean
  readonly noted: readonly string[]
}

type Events =
  | { type: 'point' | 'count' | 'later' | 'badge' }
  | { type: 'add'; a?: unknown; b?: unknown }
  | { type: 'note'; values: unknown }

/** Draws what the server sends; the page's patches leave its element alone. */
const chart = hook(
  'Chart',
  `{
    mounted() {
      this.points = []
      this.handleEvent('points', ({ points }) => this.draw(points))
    },
    draw(points) {
      const { el } = this
      const context = el.getContext('2d')
      context.clearRect(0, 0, el.width, el.height)
      context.strokeStyle = getComputedStyle(el).color
      context.beginPath()
      points.forEach((point, at) => context.lineTo((at / Math.max(1, points.length - 1)) * el.width, el.height - point))
      context.stroke()
      el.setAttribute('aria-label', 'A chart of ' + points.join(', '))
    },
  }`,
)

/** Asks the server, and shows what it answers. */
const adder = hook(
  'Adder',
  `{
    mounted() {
      const [a, b] = this.el.querySelectorAll('input')
      const result = this.el.querySelector('output')
      this.el.querySelector('.ask').onclick = async () => {
        const reply = await this.pushEvent('add', { a: a.valueAsNumber, b: b.valueAsNumber })
        result.textContent = reply.error ?? reply.sum
      }
      this.el.querySelector('.ask-component').onclick = async () => {
        const [{ value }] = await this.pushEventTo('#tally', 'tally', { by: a.valueAsNumber })
        result.textContent = 'the component has ' + value.reply.total
      }
    },
  }`,
)

/** Notes what the counter showed when each event came. */
const witness = hook(
  'Witness',
  `{
    mounted() {
      const note = (when) => () => this.pushEvent('note', when + ': ' + document.getElementById('count').textContent)
      this.handleEvent('before', note('before'))
      this.handleEvent('after', note('after'))
    },
  }`,
)

const paint = (color: string): string => `{
  mounted() { this.el.textContent = 'painted ${color}' },
  updated() { this.el.textContent = 'painted ${color}' },
}`
const colors = { red: hook('Paint', paint('red')), blue: hook('Paint', paint('blue')) }

const tally = createLiveComponent<{ total: number }, { type: 'tally'; by?: unknown }>({
  mount: (socket) => socket.assign({ total: 0 }),
  handleEvent: (socket, { by }) => {
    const total = socket.context.total + (typeof by === 'number' ? by : 0)
    socket.assign({ total })
    return { total }
  },
  render: ({ total }) => html`<p id="tally">A component: ${total}</p>`,
})

const view = createLiveView<Context, Events>({
  mount: (socket) => {
    socket.pageTitle('Client hooks')
    const points = [10, 40, 25]
    socket.assign({ points, count: 0, later: 'none', badge: false, noted: [] })
    socket.pushEvent('points', { points })
  },

  handleEvent: (socket, event) => {
    const { points, count, later, noted } = socket.context
    switch (event.type) {
      case 'point': {
        const more = [...points, (points.length * 37) % 90].slice(-12)
        socket.assign({ points: more })
        return socket.pushEvent('points', { points: more })
      }
      case 'add':
        return typeof event.a === 'number' && typeof event.b === 'number'
          ? { sum: event.a + event.b }
          : { error: 'two numbers, please' }
      case 'count':
        socket.assign({ count: count + 1 })
        socket.pushEvent('after')
        return socket.pushEvent('before', {}, { beforePatch: true })
      case 'note':
        return socket.assign({ noted: [...noted, String(event.values).slice(0, 40)].slice(-4) })
      case 'later':
        return socket.assign({ later: later === 'red' ? 'blue' : 'red' })
      case 'badge':
        return socket.assign({ badge: true })
    }
  },

  render: (context, meta) =>
    frame(
      page,
      html`<section class="card stack" aria-label="A chart">
          <h2>A chart</h2>
          <div id="chart-frame" phx-update="ignore">
            <canvas id="chart" role="img" width="600" height="96" phx-hook=${chart}></canvas>
          </div>
          <div class="row">
            <button phx-click="point">Another point</button> <span class="badge">${context.points.length} points</span>
          </div>
          ${chart.script(meta)}
        </section>
        ${questions(meta)}
        <section class="card stack" aria-label="Before and after">
          <h2>Before and after</h2>
          <div class="row">
            <button phx-click="count">Count</button> <output id="count" aria-label="Count">${context.count}</output>
          </div>
          <span id="witness" phx-hook=${witness}></span>
          <ol class="list" aria-label="Noted">
            ${context.noted.map((line) => html`<li>${line}</li>`)}
          </ol>
          ${witness.script(meta)}
        </section>
        ${comesLater(context, meta)} ${elsewhere(context, meta)}
        <p class="row">
          ${live_navigate('A second view with a hook of its own', { to: '/client-hooks/second' })}
          ${live_navigate('The life of a hook', { to: '/client-hooks/life' })}
        </p>`,
    ),
})

function questions(meta: RenderMeta): Rendered {
  return html`<section class="card stack" aria-label="Questions" id="adder" phx-hook=${adder}>
    <h2>Questions</h2>
    <div id="adder-fields" class="row" phx-update="ignore">
      <input type="number" value="1" aria-label="First" class="grow" />
      <input type="number" value="2" aria-label="Second" class="grow" />
      <button type="button" class="ask">Ask for the sum</button>
      <button type="button" class="ask-component">Tell the component</button>
      <output aria-label="Answer"></output>
    </div>
    ${meta.live_component(tally, { id: 'tally' })} ${adder.script(meta)}
  </section>`
}

/** The element and its script come with a patch; then another hook takes the place of the first. */
function comesLater({ later }: Context, meta: RenderMeta): Rendered {
  const color = later === 'none' ? undefined : colors[later]
  return html`<section class="card stack" aria-label="Later">
    <h2>What comes later</h2>
    <div class="row"><button phx-click="later">Paint</button></div>
    ${color !== undefined && html`<p id="painted" phx-hook=${color}></p>`} ${color?.script(meta)}
  </section>`
}

const clock = hook('Clock', `{ mounted() { this.el.textContent = 'The clock of the portal runs.' } }`)
const badge = hook('Badge', `{ mounted() { this.el.textContent = 'The badge came later.' } }`)

/** Hooks and their scripts in a portal: one is there from the start, one comes with a patch. */
function elsewhere({ badge: hasBadge }: Context, meta: RenderMeta): Rendered {
  return html`<section class="card stack" aria-label="Elsewhere">
    <h2>Elsewhere in the page</h2>
    <div class="row"><button phx-click="badge">Add a badge</button></div>
    ${portal(
      html`<p class="hint" id="clock" phx-update="ignore" phx-hook=${clock}></p>
        ${clock.script(meta)} ${hasBadge && html`<p class="hint" id="badge" phx-update="ignore" phx-hook=${badge}></p>${badge.script(meta)}`}`,
      { id: 'elsewhere', target: '#content' },
    )}
  </section>`
}

const greet = (text: string): string => `{
  mounted() { this.el.textContent = 'The hook of the second view says ${text}.' },
}`
/** The join brings another script than the first page: as it does when the server was started anew with a changed source. */
const greeters = { first: hook('Greeter', greet('nothing yet')), joined: hook('Greeter', greet('hello')) }

const second = createLiveView({
  mount: (socket) => socket.pageTitle('Client hooks, second view'),
  render: (_, meta) => {
    const greeter = meta.connected ? greeters.joined : greeters.first
    return frame(
      page,
      html`<p id="greeter" class="notice" phx-hook=${greeter}></p>
        <p>${live_navigate('Back', { to: '/client-hooks' })}</p>
        ${greeter.script(meta)}`,
    )
  },
})

/** Writes down what it is called for, where no patch reaches. */
const life = hook(
  'Life',
  `{
    mounted() {
      this.note('mounted ' + this.el.dataset.age)
      // What its commands do stays through patches.
      this.js().addClass(this.el, 'good')
    },
    beforeUpdate(to) { this.note('beforeUpdate ' + this.el.dataset.age + ' to ' + to.dataset.age) },
    updated() { this.note('updated ' + this.el.dataset.age) },
    disconnected() { this.note('disconnected') },
    reconnected() { this.note('reconnected') },
    destroyed() { this.note('destroyed') },
    note(text) {
      const line = document.createElement('li')
      line.textContent = text
      document.getElementById('life-log').append(line)
    },
  }`,
)

const lives = createLiveView<{ age: number; alive: boolean }, { type: 'grow' | 'end' | 'shout'; text?: unknown }>({
  mount: (socket) => {
    socket.pageTitle('The life of a hook')
    socket.assign({ age: 1, alive: true })
  },

  handleEvent: (socket, event) => {
    if (event.type === 'grow') return socket.assign({ age: socket.context.age + 1 })
    if (event.type === 'end') return socket.assign({ alive: false })
    return { heard: `${String(event.text).slice(0, 40).toUpperCase()}!` }
  },

  render: ({ age, alive }, meta) =>
    frame(
      page,
      html`<section class="card stack" aria-label="A life">
          <h2>A life</h2>
          ${alive && html`<p><span id="life" class="badge" data-age="${age}" phx-hook=${life}>${age} years</span></p>`}
          <div class="row"><button phx-click="grow">Grow</button> <button phx-click="end">End</button></div>
          <ol id="life-log" class="list" aria-label="Called" phx-update="ignore"></ol>
          ${life.script(meta)}
        </section>
        <section class="card stack" aria-label="A script of one’s own">
          <h2>A script of one’s own</h2>
          <p class="row"><button id="shout" phx-hook="Shout" phx-update="ignore" data-text="hello">Shout</button></p>
        </section>
        <p>${live_navigate('Back', { to: '/client-hooks' })}</p>`,
    ),
})

export const page: GalleryPage = {
  path: '/client-hooks',
  title: 'Client hooks',
  about: 'JavaScript for single elements, written beside their template: events both ways, answers, and a canvas.',
  routes: { '/client-hooks': view, '/client-hooks/second': second, '/client-hooks/life': lives },
}
