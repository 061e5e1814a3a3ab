import { createLiveView, html, live_navigate } from 'liveloom'

type Events = { type: 'validate'; name?: string } | { type: 'crash' }

export const greeting = createLiveView<{ name: string }, Events>({
  mount: (socket) => {
    socket.assign({ name: '' })
  },
  handleEvent: (socket, event) => {
    if (event.type === 'crash') throw new TypeError('no <such> thing')
    socket.assign({ name: event.name ?? '' })
  },
  render: ({ name }) => html`<main>
    <h1>First version</h1>
    <form id="greeting" phx-change="validate">
      <label>Name <input name="name" value="${name}" /></label>
    </form>
    <output>Hello ${name}</output>
    <button phx-click="crash">Crash</button>
    ${live_navigate('Slow', { to: '/slow' })}
  </main>`,
})

const forever = new Promise(() => {})

export const slow = createLiveView({
  mount: async (socket) => {
    if (socket.connected) await forever
  },
  render: () => html`<h1>Slow page</h1>`,
})
