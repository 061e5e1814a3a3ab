import { setTimeout as sleep } from 'node:timers/promises'
import { async_result, type AsyncResult, createLiveView, html, type Rendered } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Context {
  readonly report: AsyncResult<Report>
  /** The service that reports fails while this is set. */
  readonly broken: boolean
  readonly backup: Backup
}

interface Report {
  readonly number: number
  readonly degrees: number
}

type Backup =
  | { readonly state: 'none' | 'cancelled' }
  | { readonly state: 'running'; readonly percent: number }
  | { readonly state: 'done'; readonly files: number }
  | { readonly state: 'failed'; readonly reason: string }

type Events = { type: 'load' | 'forget' | 'break' | 'back-up' | 'cancel' }

/** Counts the reports of all visitors, so that a new one can be told from the one before. */
let reports = 0

async function askForReport(broken: boolean, signal: AbortSignal): Promise<{ report: Report }> {
  await sleep(1000, undefined, { signal })
  if (broken) throw new Error('The weather station does not answer.')
  return { report: { number: ++reports, degrees: 12 + (reports % 9) } }
}

const files = 20

/** Copies file after file, and says how far it is. */
async function backUp(signal: AbortSignal, progress: (percent: number) => void): Promise<number> {
  for (let file = 1; file <= files; file++) {
    await sleep(100, undefined, { signal })
    progress((file / files) * 100)
  }
  return files
}

const view = createLiveView<Context, Events, string, { readonly percent: number }>({
  mount: (socket) => {
    socket.pageTitle('Async')
    socket.assign({ broken: false, backup: { state: 'none' } })
    socket.assignAsync('report', (signal) => askForReport(false, signal))
  },

  handleEvent: (socket, { type }) => {
    const { broken } = socket.context
    switch (type) {
      case 'load':
      case 'forget':
        socket.assignAsync('report', (signal) => askForReport(broken, signal), { reset: type === 'forget' })
        break
      case 'break':
        socket.assign({ broken: !broken })
        break
      case 'back-up':
        socket.assign({ backup: { state: 'running', percent: 0 } })
        socket.startAsync('backup', (signal) => backUp(signal, (percent) => socket.sendInfo({ percent })))
        break
      case 'cancel':
        socket.cancelAsync('backup')
    }
  },

  // An info of a backup that was cancelled meanwhile says nothing any more.
  handleInfo: (socket, { percent }) => {
    if (socket.context.backup.state === 'running') socket.assign({ backup: { state: 'running', percent } })
  },

  handleAsync: (socket, _name, outcome) => {
    if (outcome.ok) socket.assign({ backup: { state: 'done', files: Number(outcome.value) } })
    else if ((outcome.error as Error).name === 'AbortError') socket.assign({ backup: { state: 'cancelled' } })
    else socket.assign({ backup: { state: 'failed', reason: String(outcome.error) } })
  },

  render: ({ report, broken, backup }) =>
    frame(
      page,
      html`<section class="card stack" aria-label="Weather">
          <h2>A value that loads</h2>
          ${async_result(report, {
            loading: () =>
              html`<p role="status"><span class="spinner" aria-hidden="true"></span> Asking the weather station…</p>`,
            failed: (error) => html`<p class="notice bad" role="alert">${(error as Error).message}</p>`,
            ok: weather,
          })}
          <div class="row">
            <button class="primary" phx-click="load">Ask again</button>
            <button phx-click="forget">Forget and ask</button>
            <button class="quiet" phx-click="break" aria-pressed="${broken ? 'true' : 'false'}">Break the station</button>
          </div>
          <p class="hint">While it asks again the last report stays. A failure keeps it too, and says what went wrong.</p>
        </section>

        <section class="card stack" aria-label="Backup">
          <h2>Work with progress</h2>
          ${backupState(backup)}
          <div class="row">
            <button class="primary" phx-click="back-up" disabled=${backup.state === 'running'}>Back up</button>
            <button phx-click="cancel" disabled=${backup.state !== 'running'}>Cancel</button>
          </div>
        </section>`,
    ),
})

function weather({ number, degrees }: Report, { loading, error }: AsyncResult<Report>): Rendered {
  return html`<div class="stack">
    <p><output class="stat" aria-label="Temperature">${degrees} °C</output></p>
    <p role="status">Report ${number} ${loading && html`<span class="badge">asking again…</span>`}</p>
    ${!loading && error !== undefined && html`<p class="notice warn" role="alert">${(error as Error).message} This is the last report.</p>`}
  </div>`
}

function backupState(backup: Backup): Rendered {
  switch (backup.state) {
    case 'none':
      return html`<p role="status" class="quiet">Nothing backed up yet.</p>`
    case 'running':
      return html`<progress max="100" value="${backup.percent}" aria-label="Backup">${backup.percent} %</progress>`
    case 'done':
      return html`<p role="status" class="notice good">${backup.files} files are safe.</p>`
    case 'cancelled':
      return html`<p role="status" class="notice warn">Cancelled.</p>`
    case 'failed':
      return html`<p role="alert" class="notice bad">${backup.reason}</p>`
  }
}

export const page: GalleryPage = {
  path: '/async',
  title: 'Async',
  about: 'Values that load while the page is there already, and work that reports its progress and can be cancelled.',
  routes: { '/async': view },
}
