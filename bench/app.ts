/** The pages that the bench drives. `PORT` and `HOST` say where. */
import { randomBytes } from 'node:crypto'
import {
  createLiveComponent,
  createLiveServer,
  createLiveView,
  each,
  html,
  live_file_input,
  type Stream,
} from 'liveloom'
import { serve } from 'liveloom/node'
import { askForIslands, type Island } from './asked.ts'
import './collect.ts'
import './hold.ts'

const counterOf = (more: object) =>
  createLiveView<{ count: number }, { type: 'inc' | 'dec' }>({
    ...more,
    mount: (socket) => socket.assign({ count: 0 }),
    handleEvent: (socket, { type }) => socket.assign({ count: socket.context.count + (type === 'inc' ? 1 : -1) }),
    render: ({ count }) => html`<p>
    <button phx-click="dec">-</button> <output>${count}</output> <button phx-click="inc">+</button>
  </p>`,
  })

interface Row {
  readonly id: number
  readonly name: string
  readonly amount: number
}

const rowKey = (row: Row) => row.id
const rowHtml = ({ id, name, amount }: Row) =>
  html`<tr>
    <td>${id}</td>
    <td>${name}</td>
    <td>${amount}</td>
    <td><button phx-click="touch" phx-value-i="${id}">+</button></td>
  </tr>`

/** Made with the first page that shows it: other scenarios are measured with a heap of their own size. */
function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

function tableOf(size: number) {
  // Rows are never changed in place, so that views may share those that nobody touched.
  const initialRows = once<readonly Row[]>(() =>
    Array.from({ length: size }, (_, id) => ({ id, name: `Row ${id}`, amount: 100 })),
  )
  return createLiveView<{ rows: readonly Row[] }, { type: 'touch'; i: string }>({
    mount: (socket) => socket.assign({ rows: initialRows() }),
    handleEvent: (socket, event) => {
      const { rows } = socket.context
      const i = Number(event.i)
      const row = rows[i]
      if (row !== undefined) socket.assign({ rows: rows.with(i, { ...row, amount: row.amount + 1 }) })
    },
    render: ({ rows }) => html`<table>
      <tbody>
        ${each(rows, rowKey, rowHtml, [])}
      </tbody>
    </table>`,
  })
}

const stars = createLiveComponent<{ name: string; count: number }, { type: 'more' }, { name: string }>({
  mount: (socket) => socket.assign({ count: 0 }),
  handleEvent: (socket) => socket.assign({ count: socket.context.count + 1 }),
  render: ({ name, count }, { myself }) => html`<li>
    ${name}: ${count} <button phx-click="more" phx-target=${myself}>+</button>
  </li>`,
})

const starIds = Array.from({ length: 1000 }, (_, id) => id)

const components = createLiveView({
  render: (_, { live_component }) => html`<ul>
    ${starIds.map((id) => live_component(stars, { id, name: `Component ${id}` }))}
  </ul>`,
})

interface Line {
  readonly id: number
  readonly text: string
}

const firstLines = once<readonly Line[]>(() => Array.from({ length: 10_000 }, (_, id) => ({ id, text: `Line ${id}` })))

const log = createLiveView<{ log: Stream<Line>; next: number }, { type: 'append' }>({
  mount: (socket) => {
    const lines = firstLines()
    socket.assign({ next: lines.length })
    socket.stream('log', lines)
  },
  handleEvent: (socket) => {
    const { next } = socket.context
    socket.streamInsert('log', { id: next, text: `Line ${next}` })
    socket.assign({ next: next + 1 })
  },
  render: ({ log }) => html`<ul id="log" phx-update="stream">
    ${each(log, ({ text }, domId) => html`<li id="${domId}">${text}</li>`)}
  </ul>`,
})

let published = 0

const topic = createLiveView<{ news: number }, { type: 'publish' }, string, number>({
  mount: (socket) => {
    socket.assign({ news: published })
    void socket.subscribe('news')
  },
  handleEvent: (socket) => socket.publish('news', ++published),
  handleInfo: (socket, news) => socket.assign({ news }),
  render: ({ news }) => html`<p>
    <output>${news}</output> <button phx-click="publish">Publish</button>
  </p>`,
})

interface Saved {
  readonly name: string
  readonly size: number
}

const upload = createLiveView<{ saved: readonly Saved[] }, { type: 'validate' | 'save' }, 'files'>({
  mount: (socket) => {
    socket.assign({ saved: [] })
    void socket.allowUpload('files', { maxEntries: 10, maxFileSize: 2 * 1024 ** 3 })
  },
  handleEvent: async (socket, { type }) => {
    if (type === 'save') {
      const saved = await socket.consumeUploadedEntries('files', (_meta, { clientName, clientSize }) => ({
        name: clientName,
        size: clientSize,
      }))
      socket.assign({ saved: [...socket.context.saved, ...saved] })
    }
  },
  render: ({ saved }, { uploads }) => html`<main>
    <form id="files-form" phx-change="validate" phx-submit="save">
      ${live_file_input(uploads.files)} <button>Save</button>
    </form>
    <ul>
      ${saved.map(({ name, size }) => html`<li>${name}: ${size} bytes</li>`)}
    </ul>
  </main>`,
})

/** Ten rows of a database: with one mount for a page, or with two. */
function islandsView(adopt: boolean) {
  return createLiveView<{ rows: readonly Island[] }>({
    adopt,
    mount: async (socket) => socket.assign({ rows: await askForIslands() }),
    render: ({ rows }) => html`<ul>
      ${rows.map(({ name }) => html`<li>${name}</li>`)}
    </ul>`,
  })
}

const live = createLiveServer({
  routes: {
    '/counter': counterOf({}),
    // Views that end with their lines.
    '/brief': counterOf({ resumeWindow: 0 }),
    '/table': tableOf(1000),
    '/rows': tableOf(10_000),
    '/components': components,
    '/stream': log,
    '/topic': topic,
    '/upload': upload,
    '/islands': islandsView(false),
    '/islands-once': islandsView(true),
  },
  // The clients send as fast as they are answered; how a flood is slowed down is not what is measured here.
  limits: { maxFrameBurst: 1_000_000_000, maxUploadJoins: 1_000_000_000 },
  // Who waits for whom is measured by itself.
  uploads: { maxSending: { all: Number(process.env['SENDING'] ?? 1_000_000) } },
  secret: process.env['LIVELOOM_SECRET'] ?? randomBytes(32).toString('hex'),
})
const { url } = await serve(live, { development: false })
console.log(url)
