import {
  createLiveView,
  each,
  formatLimit,
  formatSize,
  html,
  live_file_input,
  live_file_resume,
  live_img_preview,
  type Rendered,
  type UploadConfig,
  type UploadEntry,
  type WaitingEntry,
} from 'liveloom'
import { addAlbum, type Album, listAlbums } from './album-store.ts'

interface Context {
  readonly name: string
  readonly nameError: string
  readonly albums: readonly Album[]
  readonly notice: string
  /** How many albums this visitor has saved: the name's field is a new one after each, since a focused one keeps its text. */
  readonly saved: number
}

type Events =
  | { type: 'validate'; name?: string; _unused_name?: string }
  | { type: 'save'; name?: string }
  | { type: 'cancel' | 'pause' | 'resume' | 'retry'; config_name: 'photos'; ref: string }

const topic = 'albums'
const longestName = 40

export const albumView = createLiveView<Context, Events, 'photos', Album>({
  mount: (socket) => {
    socket.pageTitle('Photo album')
    // Before the albums are read. With an engine for several processes it would be awaited.
    void socket.subscribe(topic)
    socket.assign({ name: '', nameError: '', albums: listAlbums(), notice: '', saved: 0 })
    void socket.allowUpload('photos', {
      accept: ['.png', '.jpg', '.jpeg', '.gif', '.webp'],
      maxEntries: 3,
      maxFileSize: 10 * 1024 * 1024,
      keep: 'visitor',
    })
  },

  handleEvent: async (socket, event) => {
    switch (event.type) {
      case 'validate': {
        const name = event.name ?? ''
        // A field that was not touched yet is not told off.
        const nameError = event._unused_name === undefined ? checkName(name) : ''
        socket.assign({ name, nameError, notice: '' })
        break
      }
      case 'cancel':
        void socket.cancelUpload(event.config_name, event.ref)
        break
      case 'pause':
        void socket.pauseUpload(event.config_name, event.ref)
        break
      case 'resume':
        void socket.resumeUpload(event.config_name, event.ref)
        break
      case 'retry':
        void socket.retryUpload(event.config_name, event.ref)
        break
      case 'save': {
        const name = (event.name ?? '').trim()
        const nameError = checkName(name)
        if (nameError !== '') {
          socket.assign({ nameError })
          break
        }
        const photos = await socket.consumeUploadedEntries('photos', async (meta, entry) => {
          const file = fileNameFor(entry)
          await meta.fileSystem.createOrAppendFile(`./public/${file}`, meta.path)
          return { file, title: entry.clientName }
        })
        if (photos.length === 0) {
          socket.assign({ notice: 'No photo arrived. Please choose some again.' })
          break
        }
        const album: Album = { id: crypto.randomUUID(), name, photos }
        addAlbum(album)
        socket.publish(topic, album)
        socket.assign({ name: '', nameError: '', notice: `Saved “${name}”.`, saved: socket.context.saved + 1 })
        break
      }
    }
  },

  handleInfo: (socket, album) => socket.assign({ albums: [album, ...socket.context.albums] }),

  render: ({ name, nameError, albums, notice, saved }, { uploads: { photos } }) => {
    const obstacle = obstacleFor(name, photos)
    return html`<main>
      <header>
        <h1>Photo album</h1>
        <p>Three photos and a name make an album. Everyone who has this page open sees it at once.</p>
      </header>

      <section class="card" aria-labelledby="new-album">
        <h2 id="new-album">New album</h2>
        <form id="album-form" phx-change="validate" phx-submit="save">
          <label for="name-${saved}">Name</label>
          <input
            id="name-${saved}"
            class="name"
            name="name"
            value="${name}"
            autocomplete="off"
            placeholder="Summer by the lake"
            phx-debounce="150"
            aria-invalid=${nameError !== '' && 'true'}
            aria-describedby="name-error"
          />
          <p id="name-error" class="error" role="alert">${nameError}</p>

          <label class="drop-zone" phx-drop-target="${photos.ref}">
            <svg class="drop-icon" viewBox="0 0 24 24" width="28" height="28" aria-hidden="true">
              <path d="M12 16V5m0 0L7 10m5-5 5 5M4 15v4h16v-4" fill="none" stroke="currentColor" stroke-width="2" />
            </svg>
            <span><strong>Choose photos</strong> or drop them here</span>
            <small>Up to ${photos.maxEntries}, each at most ${formatLimit(photos.maxFileSize)}: ${photos.accept.join(' ')}</small>
            ${live_file_input(photos, { 'aria-describedby': 'photos-error' })}
          </label>
          <p id="photos-error" class="error" role="alert">${photos.errors}</p>
          ${photos.lost.length > 0 && html`<p class="error" role="alert">${lostNotice(photos)}</p>`}
        </form>

        <ul class="chosen" aria-label="Chosen photos">
          ${each(photos.entries, (entry) => entry.ref, chosenPhoto, [])}
        </ul>
        ${photos.waiting.length > 0 && waitingPhotos(photos)}
        ${
          isUnderWay(photos) &&
          html`<div class="all">
            <label for="all">All photos</label>
            <progress id="all" max="100" value="${photos.progress}"></progress>
            <span>${photos.progress} %</span>
          </div>`
        }

        <footer>
          <button class="save" form="album-form" phx-disable-with="Saving…" disabled=${obstacle !== ''} aria-describedby="hint">
            Save album
          </button>
          <p id="hint" role="status">${notice || obstacle}</p>
        </footer>
      </section>

      <section aria-labelledby="albums">
        <h2 id="albums">Albums</h2>
        ${albums.length === 0 && html`<p class="empty">No album yet. Yours could be the first.</p>`}
        <div class="albums">${each(albums, (album) => album.id, albumCard, [])}</div>
      </section>
    </main>`
  },
})

function chosenPhoto(entry: UploadEntry): Rendered {
  const bad = entry.errors.length > 0
  const { clientName: name, state, progress } = entry
  return html`<li class="${bad && 'bad'} ${state}">
    ${bad ? html`<span class="thumb"></span>` : live_img_preview(entry, { class: 'thumb', alt: '' })}
    <div class="about">
      <span class="file">${name}</span>
      <small>${formatSize(entry.clientSize)}${says(entry)}</small>
      ${
        bad
          ? html`<p class="error" role="alert">${entry.errors}</p>`
          : html`<progress max="100" value="${progress}" aria-label="Upload of ${name}"></progress>`
      }
    </div>
    <div class="controls">
      ${(state === 'sending' || state === 'queued' || state === 'stalled') && control('pause', 'Pause', entry)}
      ${state === 'paused' && control('resume', 'Resume', entry)} ${state === 'failed' && control('retry', 'Retry', entry)}
      ${control('cancel', 'Remove', entry)}
    </div>
  </li>`
}

/** Those that were on their way when the page was left. */
function waitingPhotos(photos: UploadConfig): Rendered {
  return html`<div class="waiting">
    <p>The page was left while these were sent. Choose them again, and they go on where they were.</p>
    ${live_file_resume('Go on with them', photos, { class: 'resume' })}
    <ul class="chosen" aria-label="Waiting photos">
      ${each(photos.waiting, (entry) => entry.ref, waitingPhoto, [])}
    </ul>
  </div>`
}

function waitingPhoto(entry: WaitingEntry): Rendered {
  const { clientName: name, clientSize, progress } = entry
  return html`<li class="paused">
    <span class="thumb"></span>
    <div class="about">
      <span class="file">${name}</span>
      <small>${formatSize(clientSize)} · ${progress} % · Waits for its file</small>
      <progress max="100" value="${progress}" aria-label="Upload of ${name}"></progress>
    </div>
    <div class="controls">${control('cancel', 'Remove', entry)}</div>
  </li>`
}

type Control = 'pause' | 'resume' | 'retry' | 'cancel'

const icons: Readonly<Record<Control, string>> = {
  pause: 'M8 5v14M16 5v14',
  resume: 'M8 5l11 7-11 7z',
  retry: 'M19 12a7 7 0 1 1-2-5l2 2m0-4v4h-4',
  cancel: 'M6 6l12 12M18 6L6 18',
}

/** A button that does something with one photo. */
function control(event: Control, label: string, { ref, clientName }: UploadEntry | WaitingEntry): Rendered {
  return html`<button
    class="control ${event}"
    phx-click="${event}"
    phx-value-config_name="photos"
    phx-value-ref="${ref}"
    aria-label="${label} ${clientName}"
    title="${label}"
  >
    <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
      <path d="${icons[event]}" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  </button>`
}

/** Where a photo stands, behind its size. */
function says({ state, progress, rate, remaining }: UploadEntry): string {
  switch (state) {
    case 'queued':
      return ' · Waits for its turn'
    case 'sending':
      return ` · ${progress} %${rate > 0 ? ` · ${formatSize(rate)}/s` : ''}${remaining === undefined ? '' : ` · ${formatTime(remaining)} left`}`
    case 'paused':
      return ` · ${progress} % · Paused`
    case 'stalled':
      return ` · ${progress} % · Waits for the connection`
    case 'done':
      return ' · Uploaded'
    default:
      return ''
  }
}

function formatTime(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  return seconds < 3600 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`
}

function isUnderWay({ entries }: UploadConfig): boolean {
  return entries.some(({ preflighted, valid, done, failed }) => preflighted && valid && !done && !failed)
}

function albumCard({ id, name, photos }: Album): Rendered {
  return html`<article id="album-${id}" class="album">
    <div class="photos photos-${photos.length}">
      ${photos.map(({ file, title }) => html`<a href="/${file}"><img src="/${file}" alt="${title}" loading="lazy" /></a>`)}
    </div>
    <h3>${name}</h3>
  </article>`
}

/** Why the album cannot be saved yet; empty when it can. */
function obstacleFor(name: string, photos: UploadConfig): string {
  if (photos.entries.some(({ state }) => state === 'failed')) return 'Retry the photos that failed, or remove them.'
  if (photos.errors.length > 0 || photos.entries.some((entry) => entry.errors.length > 0)) {
    return 'Remove the photos that cannot be used.'
  }
  if (name.trim() === '') return 'Give the album a name.'
  if (checkName(name) !== '') return 'Shorten the name.'
  return photos.entries.length === 0 ? 'Choose at least one photo.' : ''
}

/** Those that went with a page whose server was started anew. */
function lostNotice({ lost }: UploadConfig): string {
  const names = lost.map(({ clientName }) => clientName).join(', ')
  return `The connection was lost, and with it ${names}: please choose again.`
}

function checkName(name: string): string {
  if (name.trim() === '') return 'An album needs a name.'
  return name.length > longestName ? `At most ${longestName} characters, please; these are ${name.length}.` : ''
}

/** A name of ours. Of the visitor's only the ending is kept, and it is one of those that were accepted. */
function fileNameFor(entry: UploadEntry): string {
  const extension = /\.(?:png|jpe?g|gif|webp)$/i.exec(entry.clientName)?.[0].toLowerCase() ?? ''
  return `${entry.uuid}${extension}`
}
