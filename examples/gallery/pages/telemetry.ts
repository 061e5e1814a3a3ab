import { createLiveComponent, createLiveView, each, html, live_file_input, type Stream } from 'liveloom'
import { observe, type TelemetryEvents } from 'liveloom/telemetry'
import { frame, type GalleryPage } from '../page.ts'

/** A step of any view of this process, in words. */
interface Line {
  readonly id: number
  readonly channel: string
  readonly text: string
  readonly ms: number | undefined
}

interface Context {
  readonly lines: Stream<Line>
}

const watchers = new Set<(line: Line) => void>()
let count = 0

watch('join', ({ view }) => view)
watch('params', ({ view, url }) => `${view}: ${url}`)
watch('event', ({ view, component, event }) => `${placeOf(view, component)}: ${event}`)
watch('timer', ({ view, component }) => placeOf(view, component))
watch('async', ({ view, name }) => `${view}: ${name}`)
watch('outcome', ({ view, name, ok }) => `${view}: ${name} ${ok ? 'is there' : 'failed'}`)
watch('update', ({ view, component }) => placeOf(view, component))
watch('render', ({ view, component }) => placeOf(view, component))
watch('diff', ({ view, components }) => `${view}: ${components} components`)
watch('upload', (step) => `${step.view}: ${step.upload} ${step.what}`)
watch('download', ({ view, component, outcome }) => `${placeOf(view, component)}: ${outcome}`)
watch('navigation', ({ view, kind, to }) => `${view}: ${kind} to ${to}`)

function placeOf(view: string, component?: string | number): string {
  return component === undefined ? view : `${view}, ${component}`
}

function watch<Name extends keyof TelemetryEvents>(
  channel: Name,
  say: (step: TelemetryEvents[Name] & { readonly view: string }) => string,
): void {
  observe(channel, (event) => {
    const step = event as TelemetryEvents[Name] & { readonly view: string }
    // The view that shows a step renders because of it: shown too, that would be the next.
    if (step.view === page.path && (channel === 'render' || channel === 'diff')) return
    const ms = 'durationMs' in step ? step.durationMs : undefined
    const line = { id: count++, channel, text: say(step), ms }
    for (const tell of watchers) tell(line)
  })
}

const counter = createLiveComponent<{ readonly count?: number }, { type: string }, { count: number }>({
  update: (socket, { count }) => socket.assign({ count }),
  render: ({ count }) => html`<b>${count}</b>`,
})

type Steps = 'quick' | 'slow' | 'load' | 'chosen' | 'send'

/** What the steps are of. Nested, so that what it renders can be told from what the list of steps does. */
const playground = createLiveView<{ count: number }, { type: Steps }, 'files'>({
  mount: (socket) => {
    socket.assign({ count: 0 })
    void socket.allowUpload('files', { maxEntries: 1 })
  },

  handleEvent: async (socket, { type }) => {
    switch (type) {
      case 'slow':
        await new Promise((resolve) => setTimeout(resolve, 300))
        break
      case 'load':
        return socket.startAsync('price', () => 5)
      case 'chosen':
        return undefined
      case 'send':
        await socket.consumeUploadedEntries('files', () => undefined)
    }
    socket.assign({ count: socket.context.count + 1 })
  },

  handleAsync: () => {},

  render: ({ count }, { live_component, uploads: { files } }) =>
    html`<div class="stack">
      <div class="buttons">
        <button class="primary" phx-click="quick">A quick event</button>
        <button phx-click="slow">An event of 0.3 s</button>
        <button phx-click="load">Async work</button>
      </div>
      <p>${live_component(counter, { id: 'counter', count })} events so far</p>
      <form class="row" id="upload" phx-change="chosen" phx-submit="send">
        ${live_file_input(files, { 'aria-label': 'A file' })}
        <button>Upload</button>
      </form>
    </div>`,
})

const view = createLiveView<Context, never, string, Line>({
  mount: (socket) => {
    socket.pageTitle('Telemetry')
    socket.stream('lines', [])
    if (!socket.connected) return
    const tell = (line: Line): void => socket.sendInfo(line)
    watchers.add(tell)
    socket.signal.addEventListener('abort', () => watchers.delete(tell))
  },

  handleInfo: (socket, line) => socket.streamInsert('lines', line, { at: 0, limit: 40 }),

  render: ({ lines }, { live_view }) =>
    frame(
      page,
      html`<section class="card stack">
        ${live_view(playground, { id: 'playground' })}
        <p class="quiet">Open another page of the gallery in a second window: its steps show here as well.</p>
        <ul class="list" id="lines" phx-update="stream" aria-label="Steps">
          ${each(
            lines,
            ({ channel, text, ms }, domId) => html`<li id="${domId}">
              <span class="badge">${channel}</span>
              <span class="grow">${text}</span>
              ${ms !== undefined && html`<span class="number">${ms.toFixed(1)} ms</span>`}
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
