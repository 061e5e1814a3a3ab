import { createLiveView, html, type Rendered } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

const sentence = 'Change this sentence, and save.'

const inProduction = process.env['NODE_ENV'] === 'production'

const view = createLiveView<{ name: string }, { type: 'type'; name?: string } | { type: 'fail' }>({
  mount: (socket) => {
    socket.pageTitle('Development')
    socket.assign({ name: '' })
  },

  handleEvent: (socket, event) => {
    if (event.type === 'fail') throw new TypeError('this button is meant to fail')
    socket.assign({ name: event.name ?? '' })
  },

  render: ({ name }) =>
    frame(
      page,
      html`${tabs('/development')} ${inProduction && html`<p class="notice warn">This gallery runs in production: none of it is on.</p>`}
        <section class="card stack" aria-labelledby="save-title">
          <h2 id="save-title">A save changes the open page</h2>
          <p class="hint">
            Start the gallery with <code>npm run gallery -- --watch</code>, write something below, then look for this sentence in
            <code>examples/gallery/pages/development.ts</code>:
          </p>
          <p class="well">${sentence}</p>
          <form id="kept" class="field" phx-change="type">
            <label for="name">What you write stays, here too</label>
            <input id="name" name="name" value="${name}" autocomplete="off" />
          </form>
          <p role="status">Process ${process.pid} knows: ${name}</p>
        </section>

        <section class="card stack" aria-labelledby="error-title">
          <h2 id="error-title">An error shows its place</h2>
          <p class="hint">It is shown over the page, with the line that it comes from. The page behind it goes on.</p>
          <div class="row"><button class="danger" phx-click="fail">Fail</button></div>
        </section>`,
    ),
})

/** Its form has no `id`: nothing fails by it, until a connection is lost and what was typed with it. */
const mistaken = createLiveView<object, { type: 'type' }>({
  mount: (socket) => socket.pageTitle('A likely mistake'),
  handleEvent: () => {},
  render: () =>
    frame(
      page,
      html`${tabs('/development/mistake')}
        <section class="card stack">
          <p>The terminal says what is wrong with this form, once.</p>
          <form class="field" phx-change="type"><input name="text" aria-label="Text" autocomplete="off" /></form>
        </section>`,
    ),
})

function tabs(current: string): Rendered {
  const tab = (path: string, title: string): Rendered =>
    html`<a href="${path}" aria-current=${path === current && 'page'}>${title}</a>`
  return html`<nav class="tabs" aria-label="What there is to see">
    ${tab('/development', 'Saves and errors')}${tab('/development/mistake', 'A likely mistake')}
  </nav>`
}

export const page: GalleryPage = {
  path: '/development',
  title: 'Development',
  about: 'For the one who writes it: open pages follow each save, errors show their place, likely mistakes are told.',
  routes: { '/development': view, '/development/mistake': mistaken },
}
