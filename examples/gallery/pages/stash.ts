import { createLiveView, html, type Rendered } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Context {
  readonly step: 1 | 2 | 3
  readonly size: string
  readonly extras: readonly string[]
  /** What of it was there before this mount. */
  readonly found: string
  /** Beside the stash: a new one for each mount. */
  readonly mounted: string
}

type Events =
  | { readonly type: 'next' | 'back' | 'restart' | 'clear' }
  | { readonly type: 'choose' | 'extra'; readonly name: string }

const sizes = ['Small', 'Medium', 'Large']
const extras = ['Frame', 'Glass', 'Gift wrap']
const empty = { step: 1, size: '', extras: [] } as const

const view = createLiveView<Context, Events>({
  stash: ['step', 'size', 'extras'],
  stashVersion: 2,
  // Version 1 had one extra.
  migrate: ({ extra, ...same }) => ({ ...same, extras: typeof extra === 'string' ? [extra] : [] }),
  // Gone when the connection is: as after a restart, nothing but the stash is left.
  resumeWindow: 0,

  mount: (socket) => {
    socket.pageTitle('Stash')
    const mounted = new Date().toISOString().slice(11, 23)
    socket.assign({ ...empty, mounted, found: Object.keys(socket.stashed ?? {}).join(', '), ...socket.stashed })
  },

  handleEvent: (socket, event) => {
    const { step, extras: chosen } = socket.context
    if (event.type === 'next' && step < 3) socket.assign({ step: step === 1 ? 2 : 3 })
    if (event.type === 'back' && step > 1) socket.assign({ step: step === 3 ? 2 : 1 })
    if (event.type === 'choose' && sizes.includes(event.name)) socket.assign({ size: event.name })
    if (event.type === 'extra' && extras.includes(event.name)) {
      const others = chosen.filter((name) => name !== event.name)
      socket.assign({ extras: others.length < chosen.length ? others : [...chosen, event.name] })
    }
    if (event.type === 'clear') socket.assign(empty)
    // What ends the view as a process that dies does.
    if (event.type === 'restart') throw new Error('ended, as the button says')
  },

  render: ({ step, size, extras: chosen, found, mounted }) =>
    frame(
      page,
      html`<section class="card stack" aria-label="Order">
          <h2>A print, step ${step} of 3</h2>
          ${step === 1 && choices(sizes, 'choose', (name) => name === size)}
          ${step === 2 && choices(extras, 'extra', (name) => chosen.includes(name))}
          ${
            step === 3 &&
            html`<dl class="facts">
              <dt>Size</dt>
              <dd>${size || 'none'}</dd>
              <dt>Extras</dt>
              <dd>${chosen.join(', ') || 'none'}</dd>
            </dl>`
          }
          <div class="row">
            <button phx-click="back" disabled=${step === 1}>Back</button>
            <button class="primary" phx-click="next" disabled=${step === 3}>Next</button>
            <button class="quiet" phx-click="clear">Begin anew</button>
          </div>
        </section>

        <section class="card stack" aria-label="Server">
          <h2>The server</h2>
          <dl class="facts">
            <dt>Mounted</dt>
            <dd>${mounted}</dd>
            <dt>Found in the stash</dt>
            <dd>${found || 'nothing'}</dd>
          </dl>
          <div class="row"><button class="danger" phx-click="restart">End this view</button></div>
          <p class="hint">
            It is mounted anew, as it would be after a restart of the server, and gets its stash from the page. Loaded anew, the page
            has forgotten it: what shall outlast that needs a store.
          </p>
        </section>`,
    ),
})

function choices(names: readonly string[], event: string, isChosen: (name: string) => boolean): Rendered {
  return html`<div class="row">
    ${names.map(
      (name) =>
        html`<button phx-click="${event}" phx-value-name="${name}" aria-pressed="${isChosen(name) ? 'true' : 'false'}">${name}</button>`,
    )}
  </div>`
}

export const page: GalleryPage = {
  path: '/stash',
  title: 'Stash',
  about: 'Steps and choices that outlive a restart of the server: the page keeps them, encrypted, and gives them back.',
  routes: { '/stash': view },
}
