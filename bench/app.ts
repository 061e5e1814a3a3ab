/** The pages that the bench drives. `PORT` and `HOST` say where. */
import { randomBytes } from 'node:crypto'
import { createLiveServer, createLiveView, each, html, live_file_input } from 'liveloom'
import { serve } from 'liveloom/node'
import './collect.ts'

const counter = createLiveView<{ count: number }, { type: 'inc' | 'dec' }>({
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

// Rows are never changed in place, so that views may share those that nobody touched.
const initialRows: readonly Row[] = Array.from({ length: 1000 }, (_, id) => ({ id, name: `Row ${id}`, amount: 100 }))

const rowKey = (row: Row) => row.id
const rowHtml = ({ id, name, amount }: Row) =>
  html`<tr>
    <td>${id}</td>
    <td>${name}</td>
    <td>${amount}</td>
    <td><button phx-click="touch" phx-value-i="${id}">+</button></td>
  </tr>`

const table = createLiveView<{ rows: readonly Row[] }, { type: 'touch'; i: string }>({
  mount: (socket) => socket.assign({ rows: initialRows }),
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

const live = createLiveServer({
  routes: { '/counter': counter, '/table': table, '/upload': upload },
  secret: process.env['LIVELOOM_SECRET'] ?? randomBytes(32).toString('hex'),
})
const { url } = await serve(live, { development: false })
console.log(url)
