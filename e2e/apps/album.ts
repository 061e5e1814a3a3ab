import { setTimeout as delay } from 'node:timers/promises'
import {
  createLiveView,
  each,
  html,
  live_file_input,
  live_file_resume,
  type LiveView,
  type Rendered,
  type UploadConfig,
  type UploadConfigOptions,
  type UploadEntry,
} from 'liveloom'
import { entryList } from './entries.ts'
import { type SavedFile, store } from './storage.ts'

interface Context {
  readonly name: string
  readonly nameError: string | undefined
  readonly pings: number
  readonly saved: readonly SavedFile[]
}

type Events =
  | { readonly type: 'validate' | 'save'; readonly name: string }
  | { readonly type: 'cancel'; readonly config_name: 'photos'; readonly ref: string }
  | { readonly type: 'pause' | 'resume' | 'retry'; readonly ref: string }
  | { readonly type: 'ping' | 'crash' }

export interface AlbumOptions extends UploadConfigOptions {
  /** How long `save` takes before it consumes, in ms. */
  readonly saveTakes?: number
  readonly folder?: boolean
  /** Its files are counted, not listed. */
  readonly counts?: boolean
}

/** An album with a name that is validated, photos that are uploaded to it, and a list of all that anybody saved. */
export function createAlbum({ saveTakes = 0, folder = false, counts = false, ...options }: AlbumOptions): LiveView {
  let saved: readonly SavedFile[] = []
  const topic = `album-${Math.random()}`
  return createLiveView<Context, Events, 'photos', readonly SavedFile[]>({
    mount: (socket) => {
      socket.assign({ name: '', nameError: undefined, pings: 0, saved })
      void socket.subscribe(topic)
      void socket.allowUpload('photos', { ...options, progress: undefined })
    },
    handleEvent: async (socket, event) => {
      switch (event.type) {
        case 'ping':
          return socket.assign({ pings: socket.context.pings + 1 })
        case 'crash':
          throw new Error('crashed on request')
        case 'cancel':
          return void socket.cancelUpload(event.config_name, event.ref)
        case 'pause':
          return void socket.pauseUpload('photos', event.ref)
        case 'resume':
          return void socket.resumeUpload('photos', event.ref)
        case 'retry':
          return void socket.retryUpload('photos', event.ref)
        case 'validate':
          return socket.assign({ name: event.name, nameError: errorOf(event.name) })
        case 'save': {
          const nameError = errorOf(event.name)
          socket.assign({ name: event.name, nameError })
          if (nameError !== undefined) return
          if (saveTakes > 0) await delay(saveTakes)
          const files = await socket.consumeUploadedEntries('photos', store)
          saved = [...saved, ...files]
          socket.assign({ name: '' })
          socket.publish(topic, saved)
        }
      }
    },
    handleInfo: (socket, info) => socket.assign({ saved: info }),
    render: ({ name, nameError, pings, saved }, { uploads }) => html`
      <h1>Album</h1>
      <button type="button" id="ping" phx-click="ping">Pinged ${pings}</button>
      <form id="album" phx-change="validate" phx-submit="save">
        <label>Name <input name="name" value="${name}" autocomplete="off" /></label>
        ${nameError === undefined ? '' : html`<p id="name-error">${nameError}</p>`}
        <label>Photos ${live_file_input(uploads.photos, { webkitdirectory: folder })}</label>
        <button>Save</button>
      </form>
      <p id="drop-zone" phx-drop-target="${uploads.photos.ref}">Drop photos here</p>
      ${counts ? countOf(uploads.photos) : entryList(uploads.photos, 'Chosen', controlOf)}
      ${live_file_resume('Go on', uploads.photos)}
      <ul aria-label="Waiting">
        ${uploads.photos.waiting.map(
          ({ ref, clientName, progress }) => html`<li data-waiting="${clientName}">
            ${clientName} <output>${progress}</output>
            <button type="button" phx-click="cancel" phx-value-config_name="photos" phx-value-ref="${ref}">
              Forget ${clientName}
            </button>
          </li>`,
        )}
      </ul>
      <ul aria-label="Saved">
        ${each(
          saved,
          ({ file }) => file,
          ({ file, name, path }) => html`<li data-file="${file}">${path === '' ? name : path}</li>`,
        )}
      </ul>
      <button type="button" phx-click="crash">Crash</button>
    `,
  })
}

function countOf({ entries }: UploadConfig): Rendered {
  return html`<p id="count">${entries.filter(({ done }) => done).length} of ${entries.length}</p>`
}

function errorOf(name: string): string | undefined {
  return name.length > 20 ? 'A name has at most 20 letters' : undefined
}

/** What can be done with an entry as it stands. */
function controlOf({ state, ref, clientName }: UploadEntry): Rendered | undefined {
  const control = controls[state]
  if (control === undefined) return undefined
  const [event, label] = control
  return html`<button type="button" phx-click="${event}" phx-value-ref="${ref}" aria-label="${label} ${clientName}">
    ${label}
  </button>`
}

const controls: { readonly [State in UploadEntry['state']]?: readonly [event: string, label: string] } = {
  queued: ['pause', 'Pause'],
  sending: ['pause', 'Pause'],
  stalled: ['pause', 'Pause'],
  paused: ['resume', 'Resume'],
  failed: ['retry', 'Retry'],
}
