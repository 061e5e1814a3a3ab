import { createLiveComponent, createLiveView, each, focus_wrap, html, portal } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Context {
  readonly guests: readonly string[]
  readonly open: boolean
  readonly name: string
}

type Events = { type: 'open' | 'close' } | { type: 'typed' | 'invite'; name?: string }

const guestList = createLiveView<Context, Events>({
  mount: (socket) => {
    socket.pageTitle('Portals')
    socket.assign({ guests: ['Ada'], open: false, name: '' })
  },

  handleEvent: (socket, event) => {
    const { guests } = socket.context
    switch (event.type) {
      case 'open':
      case 'close':
        socket.assign({ open: event.type === 'open', name: '' })
        break
      case 'typed':
        socket.assign({ name: event.name ?? '' })
        break
      case 'invite': {
        const name = (event.name ?? '').trim().slice(0, 40)
        if (name !== '' && !guests.includes(name)) socket.assign({ guests: [...guests, name], open: false, name: '' })
      }
    }
  },

  render: ({ guests, open, name }, { live_component }) =>
    frame(
      page,
      html`<section class="card stack" aria-label="Guests">
          <h2>Guests</h2>
          <ul class="list" aria-label="Guests">
            ${each(guests, String, (guest) => html`<li>${guest}</li>`, [])}
          </ul>
          <div class="row"><button class="primary" phx-click="open">Invite someone</button></div>
          ${
            open &&
            portal(
              html`<dialog open class="card stack" aria-label="Invitation" phx-window-keydown="close" phx-key="Escape">
              ${focus_wrap(
                html`<form id="invitation" class="stack" phx-change="typed" phx-submit="invite">
                <div class="field">
                  <label for="guest">Name</label>
                  <input id="guest" name="name" value="${name}" autocomplete="off" />
                </div>
                <p class="hint" role="status">
                  ${guests.includes(name.trim()) ? `${name} is invited already.` : `${guests.length} on the list.`}
                </p>
                <div class="row">
                  <button class="primary">Invite</button>
                  <button type="button" class="quiet" phx-click="close">Never mind</button>
                </div>
              </form>`,
                { id: 'invitation-focus' },
              )}
            </dialog>`,
              { id: 'invitation-portal' },
            )
          }
        </section>
        ${live_component(tally, { id: 'tally' })}
        <p class="hint">
          The dialog is the last thing of the page’s body, where nothing cuts it off; what happens in it still comes to this view.
        </p>`,
    ),
})

/** What is in its portal belongs to it too. */
const tally = createLiveComponent<{ count: number }, { type: 'more' }, { id: string }>({
  mount: (socket) => socket.assign({ count: 0 }),
  handleEvent: (socket) => socket.assign({ count: socket.context.count + 1 }),
  render: ({ count }, { myself }) => html`<section class="card stack" aria-label="Tally">
    <p>A live component counted <output aria-label="Tally">${count}</output> clicks on its button, at the very end of the page.</p>
    ${portal(html`<p class="row"><button phx-click="more" phx-target=${myself}>Count (${count})</button></p>`, {
      id: 'tally-portal',
      target: '#content',
      container: { tag: 'aside', class: 'card', 'aria-label': 'Counting' },
    })}
  </section>`,
})

export const page: GalleryPage = {
  path: '/portal',
  title: 'Portals',
  about: 'Content that stands elsewhere in the page: a dialog at the end of the body, whose form is still the view’s.',
  routes: { '/portal': guestList },
}
