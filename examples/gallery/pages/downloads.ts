import { fileURLToPath } from 'node:url'
import { createLiveComponent, createLiveView, type DownloadEnd, formatSize, html, type Rendered } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Context {
  readonly clicks: number
  readonly rows: number
  /** What became of the downloads of this page, the newest first. */
  readonly ends: readonly Ended[]
}

interface Ended extends DownloadEnd {
  readonly name: string
}

type Events = { type: 'file' | 'three' | 'show' | 'missing' | 'broken' | 'click' } | { type: 'rows'; rows?: string }

/** This page's own source. */
const source = fileURLToPath(import.meta.url)
const mostRows = 5_000_000
const block = 1000

/** Makes rows while they are sent, and no faster than the browser takes them. */
async function* table(rows: number): AsyncGenerator<string> {
  yield 'number,square\n'
  for (let from = 1; from <= rows; from += block) {
    let text = ''
    for (let row = from; row < from + block && row <= rows; row++) text += `${row},${row * row}\n`
    yield text
  }
}

async function* broken(): AsyncGenerator<string> {
  yield* table(10)
  throw new Error('the table ends here')
}

const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8" width="400" height="400">
  <rect width="8" height="8" fill="#2f6fed" /><circle cx="4" cy="4" r="2" fill="#fff" />
  <script>document.documentElement.remove()</script>
</svg>`

/** A live component starts downloads as a view does. */
const letter = createLiveComponent<{ readonly sent: number }, { type: 'fetch' }, object>({
  mount: (socket) => socket.assign({ sent: 0 }),

  handleEvent: (socket) =>
    socket.download(new Blob(['Dear reader,\n\nthis came from a live component.\n']), {
      name: 'letter.txt',
      onEnd: ({ outcome }) => {
        if (outcome === 'sent') socket.assign({ sent: socket.context.sent + 1 })
      },
    }),

  render: ({ sent }, { myself }) => html`<section class="card stack" aria-label="Letter">
    <h2>From a live component</h2>
    <div class="row">
      <button phx-click="fetch" phx-target=${myself}>A letter</button>
      <span role="status">Sent ${sent} times</span>
    </div>
  </section>`,
})

const view = createLiveView<Context, Events>({
  mount: (socket) => {
    socket.pageTitle('Downloads')
    socket.assign({ clicks: 0, rows: 1000, ends: [] })
  },

  handleEvent: (socket, event) => {
    const follow = (name: string) => ({
      name,
      onEnd: (end: DownloadEnd) => socket.assign({ ends: [{ ...end, name }, ...socket.context.ends].slice(0, 10) }),
    })
    switch (event.type) {
      case 'file':
        return socket.download(source, follow('The page “Downloads”.ts'))
      case 'rows': {
        const rows = Math.min(Math.max(Number.parseInt(event.rows ?? '', 10) || 0, 1), mostRows)
        socket.assign({ rows })
        return socket.download(() => table(rows), follow('squares.csv'))
      }
      case 'three':
        for (const name of ['one.txt', 'two.txt', 'three.txt']) socket.download(new Blob([name]), follow(name))
        return
      case 'show':
        return socket.download(new Blob([drawing], { type: 'image/svg+xml' }), {
          ...follow('drawing.svg'),
          inline: true,
        })
      case 'missing':
        return socket.download(`${source}.gone`, follow('gone.txt'))
      case 'broken':
        return socket.download(broken, follow('broken.csv'))
      case 'click':
        socket.assign({ clicks: socket.context.clicks + 1 })
    }
  },

  render: ({ clicks, rows, ends }, { live_component }) =>
    frame(
      page,
      html`<section class="card stack" aria-label="Files">
          <h2>Files and streams</h2>
          <div class="row">
            <button class="primary" phx-click="file">This page’s source</button>
            <button phx-click="three">Three at once</button>
            <button phx-click="show">A drawing, in a window</button>
          </div>
          <form class="stack" id="rows" phx-submit="rows">
            <div class="row">
              <label class="field">Rows <input type="number" name="rows" min="1" max="${mostRows}" value="${rows}" /></label>
            </div>
            <div class="row"><button>A table, made while it is sent</button></div>
          </form>
          <p class="hint">
            A file can be resumed by this browser. A stream is there once: it is opened when the browser asks for it.
          </p>
        </section>

        <section class="card stack" aria-label="Failures">
          <h2>What fails</h2>
          <div class="row">
            <button phx-click="missing">A file that is gone</button>
            <button phx-click="broken">A table that breaks off</button>
          </div>
          <p class="hint">The browser says that it failed, and the page stays.</p>
        </section>

        <section class="card stack" aria-label="Meanwhile">
          <h2>The page lives on</h2>
          <div class="row"><button phx-click="click">Clicked ${clicks} times</button></div>
          ${ends.length === 0 ? html`<p class="empty">Nothing has been downloaded yet.</p>` : list(ends)}
        </section>
        ${live_component(letter, { id: 'letter' })}`,
    ),
})

const looks: Readonly<Record<DownloadEnd['outcome'], string>> = {
  sent: 'good',
  aborted: 'warn',
  expired: 'warn',
  missing: 'bad',
  failed: 'bad',
}

function list(ends: readonly Ended[]): Rendered {
  return html`<ul class="list" aria-label="Ended">
    ${ends.map(
      ({ name, outcome, bytes }) =>
        html`<li><span class="grow">${name}</span> ${formatSize(bytes)} <span class="badge ${looks[outcome]}">${outcome}</span></li>`,
    )}
  </ul>`
}

export const page: GalleryPage = {
  path: '/downloads',
  title: 'Downloads',
  about: 'An event starts a download: a file of the server, or a stream that is made while it is sent. The page stays.',
  routes: { '/downloads': view },
}
