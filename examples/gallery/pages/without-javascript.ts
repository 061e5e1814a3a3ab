import {
  createLiveView,
  each,
  html,
  live_file_input,
  live_form_fields,
  live_img_preview,
  type Rendered,
  type RenderMeta,
} from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Postcard {
  readonly id: string
  readonly greeting: string
  /** Paths that the gallery serves. */
  readonly pictures: readonly string[]
}

interface Desk {
  readonly greeting: string
  readonly fault: string | undefined
  readonly sent: readonly Postcard[]
}

type DeskEvents = { type: 'write' | 'send'; greeting?: unknown } | { type: 'cancel'; ref?: string }

const extensions: Readonly<Record<string, string>> = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/gif': 'gif' }
const mostShown = 6

/** Outlives the views: without JavaScript each page is another one. Of all visitors, the newest first. */
let postcards: readonly Postcard[] = []

const faultOf = (greeting: string): string | undefined =>
  greeting.trim().length < 2 ? 'Write at least two letters' : undefined

const desk = createLiveView<Desk, DeskEvents, 'pictures'>({
  mount: (socket) => {
    socket.pageTitle('Without JavaScript')
    socket.assign({ greeting: '', fault: undefined, sent: postcards })
    void socket.allowUpload('pictures', {
      accept: Object.keys(extensions),
      maxEntries: 2,
      maxFileSize: 5 * 1024 * 1024,
    })
  },

  handleEvent: async (socket, event) => {
    if (event.type === 'cancel') {
      if (event.ref !== undefined) void socket.cancelUpload('pictures', event.ref)
      return
    }
    const greeting = String(event.greeting ?? '')
    if (event.type === 'write') return socket.assign({ greeting, fault: undefined })
    const fault = faultOf(greeting)
    if (fault !== undefined) return socket.assign({ greeting, fault })
    const pictures = await socket.consumeUploadedEntries('pictures', async ({ path, fileSystem }, entry) => {
      // Never a name of the browser's choice.
      const name = `${entry.uuid}.${extensions[entry.clientType] ?? 'png'}`
      await fileSystem.createOrAppendFile(`./assets/saved/${name}`, path)
      return `/saved/${name}`
    })
    postcards = [{ id: crypto.randomUUID(), greeting, pictures }, ...postcards].slice(0, mostShown)
    socket.putFlash('info', 'Your postcard is on its way.')
    socket.assign({ sent: postcards, greeting: '' })
    // Without JavaScript this answers 303: a reload sends nothing again.
    socket.pushPatch('/without-javascript', { replace: true })
  },

  render: ({ greeting, fault, sent }, meta) =>
    frame(
      page,
      html`<p class="notice">
          Turn JavaScript off in this browser, and load the page anew: the form goes on working, with the same handlers.
        </p>
        ${meta.flash['info'] !== undefined && html`<p class="notice good" role="status">${meta.flash['info']}</p>`}
        <form
          id="postcard"
          class="card stack"
          aria-label="Postcard"
          method="post"
          enctype="multipart/form-data"
          phx-change="write"
          phx-submit="send"
        >
          ${live_form_fields(meta, { submit: 'send', change: 'write' })}
          <div class="field">
            <label for="greeting">Greeting</label>
            <input id="greeting" name="greeting" value="${greeting}" aria-invalid=${fault !== undefined && 'true'} />
            ${fault !== undefined && html`<p class="error" role="alert">${fault}</p>`}
          </div>
          <div class="field">
            <label for="${meta.uploads.pictures.ref}">Up to two pictures, of 5 MB at most</label>
            ${live_file_input(meta.uploads.pictures)}
          </div>
          ${chosen(meta)}
          <div class="row"><button class="primary" phx-disable-with="Sending…">Send</button></div>
        </form>
        <section class="card stack" aria-label="Postcards">
          <h2>Sent</h2>
          ${sent.length === 0 && html`<p class="empty">Nothing yet.</p>`}
          <ul class="list">${each(sent, ({ id }) => id, postcard)}</ul>
        </section>`,
    ),
})

function chosen({ uploads: { pictures } }: RenderMeta<'pictures'>): Rendered {
  return html`${pictures.errors.map((error) => html`<p class="error" role="alert">${error}</p>`)}
    <ul class="list" aria-label="Chosen">
      ${each(
        pictures.entries,
        ({ ref }) => ref,
        (entry) => html`<li>
          ${entry.valid && live_img_preview(entry, { width: 48, height: 48, alt: '' })}
          <span class="grow">${entry.clientName}</span>
          <button type="button" class="quiet icon" phx-click="cancel" phx-value-ref="${entry.ref}"
            aria-label="Cancel ${entry.clientName}">✕</button>
          ${entry.errors.map((error) => html`<p class="error" role="alert">${error}</p>`)}
        </li>`,
      )}
    </ul>`
}

function postcard({ greeting, pictures }: Postcard): Rendered {
  return html`<li>
    ${pictures.map((path) => html`<img src="${path}" width="48" height="48" alt="Picture of the postcard" />`)}
    <span class="grow">${greeting}</span>
  </li>`
}

export const page: GalleryPage = {
  path: '/without-javascript',
  title: 'Without JavaScript',
  about:
    'A form with pictures that also works where no script runs, or has not run yet: the browser sends it to the page’s own address.',
  routes: { '/without-javascript': desk },
}
