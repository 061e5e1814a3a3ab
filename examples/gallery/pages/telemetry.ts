import { createLiveView, each, html, type Stream } from 'liveloom'
import { observe, type TelemetryEvents } from 'liveloom/telemetry'
import { frame, type GalleryPage } from '../page.ts'

/** A step of any view of this process, in words. */
interface Line {
  readonly id: number
  readonly channel: string
  readonly text: string
  readonly ms: number
}

interface Context {
  readonly lines: Stream<Line>
}

type Events = { type: 'quick' | 'slow' }

const watchers = new Set<(line: Line) => void>()
let count = 0

// Renders and messages are not shown: showing one would be the next.
watch('join', ({ view }) => view)
watch('event', ({ view, event }) => `${view}: ${event}`)
watch('params', ({ view, url }) => `${view}: ${url}`)

function watch<Name extends 'join' | 'event' | 'params'>(
  channel: Name,
  say: (step: TelemetryEvents[Name]) => string,
): void {
  observe(channel, (step) => {
    const line = { id: count++, channel, text: say(step), ms: step.durationMs }
    for (const tell of watchers) tell(line)
  })
}

const view = createLiveView<Context, Events, string, Line>({
  mount: (socket) => {
    socket.pageTitle('Telemetry')
    socket.stream('lines', [])
    if (!socket.connected) return
    const tell = (line: Line): void => socket.sendInfo(line)
    watchers.add(tell)
    socket.signal.addEventListener('abort', () => watchers.delete(tell))
  },

  handleEvent: async (_, { type }) => {
    if (type === 'slow') await new Promise((resolve) => setTimeout(resolve, 300))
  },

  handleInfo: (socket, line) => socket.streamInsert('lines', line, { at: 0, limit: 20 }),

  render: ({ lines }) =>
    frame(
      page,
      html`<section class="card stack">
        <div class="buttons">
          <button class="primary" phx-click="quick">A quick event</button>
          <button phx-click="slow">An event of 0.3 s</button>
        </div>
        <p class="quiet">Open another page of the gallery in a second window: its steps show here as well.</p>
        <ul class="list" id="lines" phx-update="stream" aria-label="Steps">
          ${each(
            lines,
            ({ channel, text, ms }, domId) => html`<li id="${domId}">
              <span class="badge">${channel}</span>
              <span class="grow">${text}</span>
              <span class="number">${ms.toFixed(1)} ms</span>
            </li>`,
          )}
        </ul>
      </section>`,
    ),
})

export const page: GalleryPage = {
  path: '/telemetry',
  title: 'Telemetry',
  about: 'What the views of this process do, and how long it takes, as a monitoring system would be told.',
  routes: { '/telemetry': view },
}
