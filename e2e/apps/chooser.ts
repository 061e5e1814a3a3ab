import {
  createLiveComponent,
  createLiveView,
  hook,
  html,
  live_file_input,
  live_file_resume,
  type LiveView,
  type Rendered,
  type UploadConfig,
  type UploadConfigOptions,
} from 'liveloom'
import { entryList } from './entries.ts'
import { type SavedFile, store } from './storage.ts'

interface Context {
  readonly saved: readonly SavedFile[]
}

type Events =
  | { readonly type: 'choose' | 'save' | 'dismiss' | 'crash' }
  | { readonly type: 'cancel'; readonly config_name: 'photos'; readonly ref: string }

/** Hands over an empty file and one of four bytes, as a page's own script does: a camera, a clipboard. */
const hander = hook(
  'Hander',
  `{
    mounted() {
      this.el.onclick = () => this.upload('photos', [new File([], 'nothing.png'), new File(['four'], 'four.png')])
    },
  }`,
)

/** A form with an upload and all ways to fill and to empty it. */
export function createChooser(options: UploadConfigOptions): LiveView {
  return createLiveView<Context, Events, 'photos'>({
    mount: (socket) => {
      socket.assign({ saved: [] })
      void socket.allowUpload('photos', { ...options, progress: undefined })
    },
    handleEvent: async (socket, event) => {
      if (event.type === 'cancel') void socket.cancelUpload(event.config_name, event.ref)
      if (event.type === 'crash') throw new Error('crashed on request')
      if (event.type === 'dismiss') socket.dismissLost('photos')
      if (event.type !== 'save') return
      const saved = await socket.consumeUploadedEntries('photos', store)
      socket.assign({ saved: [...socket.context.saved, ...saved] })
    },
    render: ({ saved }, meta) => html`
      <form id="album" phx-change="choose" phx-submit="save">
        <label>Name <input name="name" value="" /></label>
        <label>Photos ${live_file_input(meta.uploads.photos)}</label>
        <button>Save</button>
        <button type="reset">Reset</button>
      </form>
      <p id="drop-zone" phx-drop-target="${meta.uploads.photos.ref}">Drop photos here</p>
      <button type="button" id="hander" phx-hook=${hander}>Hand over</button>
      ${hander.script(meta)} ${lostList(meta.uploads.photos)}
      <button type="button" id="dismiss" phx-click="dismiss">Dismiss</button>
      <button type="button" phx-click="crash">Crash</button>
      ${entryList(meta.uploads.photos, 'Chosen')}
      <ul aria-label="Saved">
        ${saved.map(({ file, name }) => html`<li data-file="${file}">${name}</li>`)}
      </ul>
    `,
  })
}

function lostList({ lost }: UploadConfig): Rendered {
  return html`<p class="lost">${lost.map(({ clientName, clientSize }) => `${clientName} ${clientSize}`).join(', ')}</p>`
}

const part = createLiveComponent<object, { readonly type: 'choose' }, { readonly id: string }, 'photos'>({
  mount: (socket) => void socket.allowUpload('photos', { maxEntries: 3 }),
  handleEvent: () => {},
  render: (_, { uploads: { photos }, myself }) => html`<section>
    <form phx-change="choose" phx-target=${myself}>${live_file_input(photos)}</form>
    <ul>${photos.entries.map(({ clientName }) => html`<li>${clientName}</li>`)}</ul>
    ${lostList(photos)}
  </section>`,
})

type KeptEvents = { readonly type: 'choose' } | { readonly type: 'remove'; readonly ref: string }

const keptPart = createLiveComponent<object, KeptEvents, { readonly id: string }, 'photos'>({
  mount: (socket) =>
    void socket.allowUpload('photos', { maxEntries: 3, maxFileSize: 1e9, autoUpload: true, keep: 'visitor' }),
  handleEvent: (socket, event) => {
    if (event.type === 'remove') void socket.cancelUpload('photos', event.ref)
  },
  render: (_, { uploads: { photos }, myself }) => html`<section>
    <form phx-change="choose" phx-target=${myself}>${live_file_input(photos)}</form>
    <p phx-drop-target="${photos.ref}">Drop here</p>
    ${live_file_resume('Go on', photos)}
    <ul aria-label="Waiting">${photos.waiting.map(({ clientName }) => html`<li>${clientName}</li>`)}</ul>
    ${photos.entries.map(
      ({ clientName, progress, ref }) => html`<li data-name="${clientName}">
        <output>${progress}</output>
        <button type="button" phx-click="remove" phx-target=${myself} phx-value-ref="${ref}">Remove ${clientName}</button>
      </li>`,
    )}
  </section>`,
})

/** The same upload in two components, kept for the visitor. */
export const keptParts: LiveView = createLiveView({
  render: (_, { live_component }) => html`<div id="one">${live_component(keptPart, { id: 'one' })}</div>
    <div id="two">${live_component(keptPart, { id: 'two' })}</div>`,
})

const inner = createLiveView<object, { readonly type: 'choose' }, 'photos'>({
  mount: (socket) => void socket.allowUpload('photos', { maxEntries: 3 }),
  handleEvent: () => {},
  render: (
    _,
    { uploads: { photos } },
  ) => html`<form id="inner-form" phx-change="choose">${live_file_input(photos)}</form>
    <ul>${photos.entries.map(({ clientName }) => html`<li>${clientName}</li>`)}</ul>
    ${lostList(photos)}`,
})

/** The same upload in two components, and in a view inside the view. */
export const parts: LiveView = createLiveView({
  render: (_, { live_component, live_view }) => html`<div id="one">${live_component(part, { id: 'one' })}</div>
    <div id="two">${live_component(part, { id: 'two' })}</div>
    <div id="nested">${live_view(inner, { id: 'inner' })}</div>`,
})
