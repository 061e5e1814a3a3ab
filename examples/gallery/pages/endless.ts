import { createLiveView, each, html, type Rendered, type Stream } from 'liveloom'
import { js } from 'liveloom/js'
import { frame, type GalleryPage } from '../page.ts'

interface Day {
  readonly id: number
  readonly text: string
}

interface Context {
  readonly days: Stream<Day>
  /** The first and the last day that the page has. */
  readonly first: number
  readonly last: number
}

type Events = { type: 'earlier' | 'later'; _overran?: boolean } | { type: 'jump'; day?: string }

const oldest = 1
const newest = 5000
/** What one event loads, and the most that a page holds. */
const step = 30
const most = 90

const view = createLiveView<Context, Events>({
  mount: (socket) => {
    socket.pageTitle('Endless list')
    socket.stream('days', days(1, step))
    socket.assign({ first: 1, last: step })
  },

  handleEvent: (socket, event) => {
    const { first, last } = socket.context
    // Beside the first row in view the client tells that the list is scrolled past its top: for a box like this, the same again.
    if (event.type !== 'jump' && event._overran === true) return
    switch (event.type) {
      case 'later': {
        const to = Math.min(newest, last + step)
        socket.stream('days', days(last + 1, to), { limit: -most })
        return socket.assign({ first: Math.max(first, to - most + 1), last: to })
      }
      case 'earlier': {
        const from = Math.max(oldest, first - step)
        socket.stream('days', days(from, first - 1), { at: 0, limit: most })
        return socket.assign({ first: from, last: Math.min(last, from + most - 1) })
      }
      case 'jump': {
        const day = Math.min(newest, Math.max(oldest, Math.trunc(Number(event.day)) || oldest))
        // Some stand before it, so that there is something to scroll up to.
        const from = Math.min(newest - 2 * step + 1, Math.max(oldest, day - step))
        const to = from + 2 * step - 1
        socket.stream('days', days(from, to), { reset: true })
        socket.pushJs(js.focus({ to: `#days-${day}` }))
        return socket.assign({ first: from, last: to })
      }
    }
  },

  render: ({ days, first, last }) =>
    frame(
      page,
      html`<section class="card stack" aria-labelledby="diary-title">
        <h2 id="diary-title">A diary of ${newest.toLocaleString('en')} days</h2>
        <form class="row" phx-submit="jump">
          <label for="day">Go to day</label>
          <span class="grow"><input id="day" name="day" type="number" min="${oldest}" max="${newest}" value="2500" /></span>
          <button>Go</button>
        </form>
        <p role="status">The page holds days ${first} to ${last}.</p>
        <div class="scroll" tabindex="0" role="region" aria-label="Diary">
          <ul
            id="days"
            class="list"
            phx-update="stream"
            phx-viewport-top=${first > oldest && 'earlier'}
            phx-viewport-bottom=${last < newest && 'later'}
          >
            ${each(days, dayRow)}
          </ul>
        </div>
      </section>`,
    ),
})

function dayRow({ id, text }: Day, domId: string): Rendered {
  return html`<li id="${domId}" tabindex="-1"><strong>Day ${id}</strong> <span class="grow">${text}</span></li>`
}

const doings = ['walked', 'read', 'slept', 'wrote', 'swam', 'cooked', 'waited']

/** The days from one to another. They are made up as they are asked for, as a database would find them. */
function days(from: number, to: number): readonly Day[] {
  return Array.from({ length: to - from + 1 }, (_, nth) => {
    const id = from + nth
    return { id, text: `We ${doings[id % doings.length]} and ${doings[(id * 3 + 1) % doings.length]}.` }
  })
}

export const page: GalleryPage = {
  path: '/endless',
  title: 'Endless list',
  about:
    'Thousands of rows in both directions, of which the page holds ninety: scrolling brings more and drops the rest.',
  routes: { '/endless': view },
}
