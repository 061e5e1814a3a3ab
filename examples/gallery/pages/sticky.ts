import { createLiveView, html, live_navigate, type LiveView } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Player {
  readonly song: number
  readonly playing: boolean
  /** In tenths of a second. */
  readonly position: number
}

type PlayerEvents = { type: 'play' | 'next' | 'show' | 'crash' }

const songs = ['Morning on the quay', 'Seven bridges', 'The last tram'] as const

/** Lives as long as the document: navigation between pages that show it leaves it alone. */
const player = createLiveView<Player, PlayerEvents>({
  sticky: 'player',
  mount: (socket) => {
    socket.assign({ song: 0, playing: false, position: 0 })
    socket.repeat(() => {
      const { playing, position } = socket.context
      if (playing) socket.assign({ position: position + 1 })
    }, 100)
  },

  handleEvent: (socket, { type }) => {
    const { song, playing } = socket.context
    if (type === 'crash') throw new Error('the player has fallen down')
    if (type === 'play') socket.assign({ playing: !playing })
    else if (type === 'next') socket.assign({ song: (song + 1) % songs.length, position: 0 })
    // It sends the page to another view, and goes on.
    else socket.pushNavigate('/sticky/words')
  },

  render: ({ song, playing, position }) => html`<section class="card stack" aria-label="Player">
    <p><strong>${songs[song]}</strong> <output aria-label="Position">${(position / 10).toFixed(1)}</output> s</p>
    <div class="row">
      <button class="primary" phx-click="play">${playing ? 'Pause' : 'Play'}</button>
      <button phx-click="next">Next song</button>
      <button class="quiet" phx-click="show">Show the words</button>
      <button class="small danger" phx-click="crash">Crash</button>
    </div>
    <div id="player-note-field" class="field" phx-update="ignore">
      <label for="player-note">A note of yours, known to the browser alone</label>
      <input id="player-note" autocomplete="off" />
    </div>
  </section>`,
})

function tab(title: string, text: string): LiveView {
  return createLiveView({
    mount: (socket) => socket.pageTitle(title),
    render: (_, { live_view, url }) =>
      frame(
        page,
        html`<nav class="tabs" aria-label="Parts">
            ${live_navigate('Songs', { to: '/sticky', 'aria-current': url.pathname === '/sticky' && 'page' })}
            ${live_navigate('Words', { to: '/sticky/words', 'aria-current': url.pathname !== '/sticky' && 'page' })}
            ${live_navigate('Silence', { to: '/sticky/silence' })}
          </nav>
          <section class="card" aria-label="${title}">
            <h2>${title}</h2>
            <p>${text}</p>
          </section>
          ${live_view(player, { id: 'player', sticky: true })}`,
      ),
  })
}

/** Does not show the player: there it ends. */
const silence = createLiveView({
  mount: (socket) => socket.pageTitle('Silence'),
  render: () =>
    frame(
      page,
      html`<section class="card stack" aria-label="Silence">
        <h2>Silence</h2>
        <p>This page has no player, so it has ended.</p>
        <p>${live_navigate('Back to the songs', { to: '/sticky', class: 'button' })}</p>
      </section>`,
    ),
})

export const page: GalleryPage = {
  path: '/sticky',
  title: 'Sticky views',
  about: 'A player that goes on while the page around it goes from view to view.',
  routes: {
    '/sticky': tab('Songs', songs.join(', ')),
    '/sticky/words': tab('Words', 'They come and go, the music stays.'),
    '/sticky/silence': silence,
  },
}
