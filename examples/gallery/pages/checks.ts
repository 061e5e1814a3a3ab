/** What is looked at before a file can be used: what the browser says of it, its first bytes, how large an image is, and all of it by a scanner. */
import { readFile } from 'node:fs/promises'
import {
  createLiveView,
  each,
  formatSize,
  html,
  live_file_input,
  type Rendered,
  type TempFileMeta,
  type UploadConfig,
  type UploadEntry,
  type Verdict,
} from 'liveloom'
import { clamav } from '../clamav.ts'
import { frame, type GalleryPage } from '../page.ts'

const signature = 'LIVELOOM-TEST-SIGNATURE'
/** Where ClamAV listens, if it runs here; without it a stand-in looks for the signature. */
const { CLAMD_SOCKET } = process.env
const scanner = CLAMD_SOCKET === undefined ? search : clamav(CLAMD_SOCKET)

async function search(_: UploadEntry, { path }: TempFileMeta): Promise<Verdict> {
  return (await readFile(path)).includes(signature) ? 'A virus was found in this file' : true
}

interface Accepted {
  readonly id: string
  readonly name: string
  readonly about: string
}

interface Context {
  readonly accepted: readonly Accepted[]
  /** Scans wait until it is let go. */
  readonly held: boolean
}

type Events = { type: 'choose' | 'save' | 'hold' } | { type: 'remove'; ref?: string }

/** What scans of a page wait for, by its socket. */
const waiting = new WeakMap<object, Set<() => void>>()

const view = createLiveView<Context, Events, 'photos'>({
  mount: (socket) => {
    socket.pageTitle('Looked at first')
    socket.assign({ accepted: [], held: false })
    void socket.allowUpload('photos', {
      accept: ['image/*'],
      maxEntries: 5,
      maxTotalSize: 5 * 1024 * 1024,
      autoUpload: true,
      sniff: true,
      image: { minWidth: 16, minHeight: 16, maxPixels: 24_000_000 },
      validate: ({ clientName }) => (/draft/i.test(clientName) ? 'No drafts, please' : true),
      scan: async (entry, meta, { signal, socket: { context } }) => {
        if (context.held) await released(socket, signal)
        return scanner(entry, meta, { signal })
      },
    })
  },

  handleEvent: async (socket, event) => {
    switch (event.type) {
      case 'choose':
        break
      case 'hold':
        socket.assign({ held: !socket.context.held })
        if (!socket.context.held) for (const release of waiting.get(socket) ?? []) release()
        break
      case 'remove':
        if (event.ref !== undefined) void socket.cancelUpload('photos', event.ref)
        break
      case 'save': {
        const news = await socket.consumeUploadedEntries('photos', (_, { uuid, clientName, image }) => ({
          id: uuid,
          name: clientName,
          about: `${image?.type} of ${image?.width} × ${image?.height}`,
        }))
        socket.assign({ accepted: [...news, ...socket.context.accepted].slice(0, 20) })
      }
    }
  },

  render: ({ accepted, held }, { uploads: { photos } }) =>
    frame(
      page,
      html`<div class="columns">
        <section class="card stack" aria-label="Images">
          <h2>Images</h2>
          <form id="checked" class="stack" phx-change="choose" phx-submit="save">
            <label class="drop-zone" phx-drop-target="${photos.ref}">
              <span>Drop up to five images, or choose them</span>
              ${live_file_input(photos, { 'aria-label': 'Images' })}
            </label>
            <button class="primary" disabled=${photos.entries.length === 0} phx-disable-with="Waiting…">Save</button>
          </form>
          ${photos.errors.map((error) => html`<p class="error" role="alert">${error}</p>`)} ${chosen(photos)}
        </section>
        <section class="card stack" aria-label="Scanner">
          <h2>Scanner</h2>
          <p>It finds files with the text <code>${signature}</code> in them, and takes its time if you want it to.</p>
          <button type="button" phx-click="hold">
            ${held ? 'Let it go on' : 'Have it wait'}
          </button>
          <ul class="list" aria-label="Saved">
            ${each(
              accepted,
              ({ id }) => id,
              ({ name, about }) =>
                html`<li><span class="grow">${name}</span> <span class="badge good">${about}</span></li>`,
              [],
            )}
          </ul>
        </section>
      </div>`,
    ),
})

function released(socket: object, signal: AbortSignal): Promise<void> {
  const all = waiting.get(socket) ?? new Set()
  waiting.set(socket, all)
  return new Promise((resolve, reject) => {
    const over = (): void => void all.delete(release)
    const release = (): void => {
      over()
      resolve()
    }
    all.add(release)
    signal.addEventListener('abort', () => {
      over()
      reject(signal.reason as Error)
    })
  })
}

function chosen({ entries }: UploadConfig): Rendered {
  const row = ({ ref, clientName, clientSize, state, progress, image, errors }: UploadEntry): Rendered => html`<li>
      <span class="grow">${clientName}, ${formatSize(clientSize)}${image && ` (${image.width} × ${image.height})`}</span>
      <span class="badge ${state === 'done' ? 'good' : errors.length > 0 ? 'bad' : state === 'scanning' && 'warn'}">${state}</span>
      <button class="quiet icon" phx-click="remove" phx-value-ref="${ref}" aria-label="Remove ${clientName}">✕</button>
      <progress max="100" value="${progress}" aria-label="${clientName}"></progress>
      ${errors.map((error) => html`<p class="error" role="alert">${error}</p>`)}
    </li>`
  return html`<ul class="list" aria-label="Chosen">${each(entries, (entry) => entry.ref, row)}</ul>`
}

export const page: GalleryPage = {
  path: '/checks',
  title: 'Looked at first',
  about:
    'What the browser says of a file is checked before it is sent, its first bytes and its size in pixels as soon as they come, and all of it by a scanner before it can be saved.',
  routes: { '/checks': view },
}
