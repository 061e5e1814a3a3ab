import { createLiveView, html, type LiveView, live_navigate } from 'liveloom'

/** A view inside the other, with a stash of its own. */
const notes = createLiveView<{ notes: number }, { type: 'note' }>({
  stash: ['notes'],
  mount: (socket) => socket.assign({ notes: 0, ...socket.stashed }),
  handleEvent: (socket) => socket.assign({ notes: socket.context.notes + 1 }),
  render: ({ notes }) => html`<button phx-click="note">Note</button> <output id="notes">${notes}</output>`,
})

interface Context {
  readonly step: number
  readonly colours: readonly string[]
  readonly shows: boolean
  /** Not stashed: the page says it again. */
  readonly name: string
}

type Events =
  | { readonly type: 'next' | 'toggle' }
  | { readonly type: 'named'; readonly name: string }
  | { readonly type: 'colour'; readonly colour: string }

/** A form in steps, of which the chosen things outlive the process. */
export const draft: LiveView = createLiveView<Context, Events>({
  stash: ['step', 'colours'],
  mount: (socket) => socket.assign({ step: 1, colours: [], shows: true, name: '', ...socket.stashed }),
  handleEvent: (socket, event) => {
    const { step, colours, shows } = socket.context
    if (event.type === 'next') socket.assign({ step: step + 1 })
    else if (event.type === 'toggle') socket.assign({ shows: !shows })
    else if (event.type === 'named') socket.assign({ name: event.name })
    else if (event.type === 'colour') socket.assign({ colours: [...colours, event.colour] })
  },
  render: ({ step, colours, shows, name }, { live_view }) =>
    html`<p id="step">Step ${step}</p>
      <p id="colours">${colours.join(', ')}</p>
      <button phx-click="next">Next</button>
      <button phx-click="colour" phx-value-colour="red">Red</button>
      <button phx-click="toggle">Toggle</button>
      ${live_navigate('Help', { to: '/draft/help' })}
      <form id="name" phx-change="named"><label>Name <input name="name" value="${name}" /></label></form>
      ${shows && live_view(notes, { id: 'notes-of-draft' })}`,
})

export const help: LiveView = createLiveView({
  render: () => html`<h1>Help</h1>
    ${live_navigate('Back', { to: '/draft' })}`,
})
