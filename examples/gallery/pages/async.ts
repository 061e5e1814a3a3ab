import { setTimeout as sleep } from 'node:timers/promises'
import { async_result, type AsyncResult, createLiveComponent, createLiveView, html, type Rendered } from 'liveloom'
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

interface Tide {
  readonly height: AsyncResult<number>
  readonly turns: AsyncResult<string>
  readonly counted: string
}

/** Counts the tides of all visitors: a later one is higher. */
let tides = 0

/** A live component loads values and runs work of its own. */
const tide = createLiveComponent<Tide, { type: 'both' | 'height' | 'count' | 'stop' }, object>({
  mount: (socket) => {
    socket.assign({ counted: '' })
    socket.assignAsync(['height', 'turns'], (signal) => askForTide(100, signal))
  },

  handleEvent: (socket, { type }) => {
    switch (type) {
      // The height belongs to the newest who asked for it, whoever is answered first.
      case 'both':
        return socket.assignAsync(['height', 'turns'], (signal) => askForTide(1000, signal))
      case 'height':
        return socket.assignAsync('height', (signal) => askForTide(200, signal))
      case 'count':
        socket.assign({ counted: 'counting…' })
        return socket.startAsync('fish', (signal) => sleep(5_000, 12, { signal }))
      case 'stop':
        socket.cancelAsync('fish', 'the net is full')
    }
  },

  handleAsync: (socket, _name, outcome) =>
    socket.assign({ counted: outcome.ok ? `${Number(outcome.value)} fish` : `stopped: ${String(outcome.error)}` }),

  render: ({ height, turns, counted }, { myself }) => html`<section class="card stack" aria-label="Tide">
    <h2>In a live component</h2>
    <dl class="facts">
      <dt>Height</dt>
      <dd><output aria-label="Height">${loaded(height, 'cm')}</output></dd>
      <dt>Turns</dt>
      <dd><output aria-label="Turns">${loaded(turns, '')}</output></dd>
    </dl>
    <div class="row">
      <button class="primary" phx-click="both" phx-target=${myself}>Ask for both, slowly</button>
      <button phx-click="height" phx-target=${myself}>Ask for the height, quickly</button>
    </div>
    <div class="row">
      <button phx-click="count" phx-target=${myself}>Count the fish</button>
      <button phx-click="stop" phx-target=${myself}>Stop</button>
      <span role="status">${counted}</span>
    </div>
  </section>`,
})

async function askForTide(ms: number, signal: AbortSignal): Promise<{ height: number; turns: string }> {
  const asked = ++tides
  await sleep(ms, undefined, { signal })
  return { height: asked, turns: `at ${asked} o’clock` }
}

const loaded = (result: AsyncResult, unit: string): unknown =>
  async_result(result, {
    loading: () => '…',
    ok: (value, { loading }) => `${value} ${unit}${loading ? '…' : ''}`.trim(),
  })

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

  render: ({ report, broken, backup }, { live_component }) =>
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
        </section>
        ${live_component(tide, { id: 'tide' })}`,
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
