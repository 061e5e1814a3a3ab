import { randomUUID } from 'node:crypto'
import {
  createLiveView,
  type Flash,
  csrf_field,
  html,
  live_navigate,
  type LiveServer,
  type OnMount,
  type Rendered,
  type SessionData,
} from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

/** Who is logged in, by the id in the session's cookie. A real application would ask its database. */
const logins = new Map<string, string>()
const password = 'loom'

function userOf({ login }: SessionData): string | undefined {
  return typeof login === 'string' ? logins.get(login) : undefined
}

/** What the views of the live session have of its hook. */
interface Guarded {
  readonly user: string
  /** Where the page was loaded. */
  readonly entrance: string
}

/** Only who is logged in may mount a view of the live session; asked over HTTP, and again for each view that connects. */
const requireUser: OnMount<Guarded> = (socket, session) => {
  const user = userOf(session)
  if (user !== undefined) {
    socket.assign({ user, entrance: String(session['entrance']) })
    return 'continue'
  }
  socket.putFlash('error', 'Log in first.')
  socket.redirect(page.path)
  return 'halt'
}

const login = createLiveView<{ user: string | undefined }>({
  mount: (socket, session) => {
    socket.pageTitle('Log in')
    socket.assign({ user: userOf(session) })
  },

  render: ({ user }, { flash, csrfToken }) =>
    frame(
      page,
      html`${messages(flash)}
        ${
          user === undefined
            ? html`<section class="card" aria-label="Log in">
                <form class="stack" action="${page.path}/login" method="post">
                  ${csrf_field({ csrfToken })}
                  <div class="columns">
                    <div class="field">
                      <label for="user">Name</label>
                      <input id="user" name="user" required maxlength="30" autocomplete="username" />
                    </div>
                    <div class="field">
                      <label for="password">Password</label>
                      <input id="password" name="password" type="password" required autocomplete="current-password" />
                      <p class="hint">It is “${password}”, for everybody.</p>
                    </div>
                  </div>
                  <p><button class="primary">Log in</button></p>
                </form>
              </section>`
            : html`<section class="card stack" aria-label="Logged in">
                <p>You are logged in as <strong>${user}</strong>.</p>
                ${logoutForm(csrfToken)}
              </section>`
        }
        <section class="card" aria-label="Guarded">
          <p>${live_navigate('The guarded pages', { to: `${page.path}/admin` })} are for those who are logged in.</p>
        </section>`,
    ),
})

const overview = createLiveView<Guarded>({
  mount: (socket) => socket.pageTitle('Guarded'),

  render: ({ user, entrance }, { flash, csrfToken }) =>
    frame(
      page,
      html`${messages(flash)}
        <section class="card stack" aria-label="Overview">
          <h2>Hello, ${user}</h2>
          <p>
            Another page of the live session: ${live_navigate('who is logged in', { to: `${page.path}/admin/logins` })}.
            The socket stays. Out of the session, ${live_navigate('to the login', { to: page.path })}, the page is loaded.
          </p>
          ${entranceHint(entrance)}
          ${logoutForm(csrfToken)}
        </section>`,
    ),
})

const list = createLiveView<Guarded & { count: number }>({
  mount: (socket) => {
    socket.pageTitle('Who is logged in')
    const { user } = socket.context
    socket.assign({ count: [...logins.values()].filter((name) => name === user).length })
  },

  render: ({ user, entrance, count }) =>
    frame(
      page,
      html`<section class="card stack" aria-label="Logins">
        <p><strong>${user}</strong> is logged in <output aria-label="Logins">${count}</output> times.</p>
        ${entranceHint(entrance)}
        <p>${live_navigate('Overview', { to: `${page.path}/admin`, class: 'button' })}</p>
      </section>`,
    ),
})

/** Of the live session's own data, which is asked for when the page is loaded and kept by navigation within. */
function entranceHint(entrance: string): Rendered {
  return html`<p class="hint">You came in at <code>${entrance}</code>.</p>`
}

function logoutForm(csrfToken: string): Rendered {
  return html`<form class="buttons" action="${page.path}/logout" method="post">
    ${csrf_field({ csrfToken })}
    <button>Log out</button>
    <button class="quiet" name="everywhere" value="yes">Log out everywhere</button>
  </form>`
}

function messages(flash: Flash): Rendered {
  return html`${Object.entries(flash).map(
    ([kind, message]) =>
      html`<p class="notice row ${kind === 'error' ? 'bad' : 'good'}" role="alert">
        <span class="grow">${message}</span>
        <button class="quiet small" phx-click="lv:clear-flash" phx-value-key="${kind}" aria-label="Close">×</button>
      </p>`,
  )}`
}

/** Cookies are set by HTTP alone, so logging in and out are forms that are posted. */
function posts(server: LiveServer): void {
  server.post(`${page.path}/login`, ({ user, password: given }) => {
    if (typeof user !== 'string' || user.trim() === '' || given !== password) {
      return { redirect: page.path, flash: { error: 'That is not the password.' } }
    }
    // A new one each time: nobody can have known it before.
    const id = randomUUID()
    logins.set(id, user.trim())
    const session = { login: id, user: user.trim() }
    return { redirect: `${page.path}/admin`, session, flash: { info: `Welcome, ${session.user}.` } }
  })
  server.post(`${page.path}/logout`, ({ everywhere }, { session: { login, user }, disconnect }) => {
    const all = [...logins].filter(([id, name]) => id === login || (everywhere === 'yes' && name === user))
    const gone = all.map(([id]) => id)
    for (const id of gone) logins.delete(id)
    // The pages that are open come back, and are asked who they are.
    disconnect((session) => gone.includes(String(session['login'])))
    return { redirect: page.path, session: null, flash: { info: 'You are logged out.' } }
  })
}

export const page: GalleryPage = {
  path: '/auth',
  title: 'Log in',
  about: 'Pages for those who are logged in: a live session with a hook that asks, a login over HTTP, and a way out.',
  routes: { '/auth': login },
  liveSessions: {
    guarded: {
      routes: { '/auth/admin': overview, '/auth/admin/logins': list },
      onMount: [requireUser],
      page: { titlePrefix: 'Members · ' },
      session: ({ url }) => ({ entrance: new URL(url).pathname }),
    },
  },
  posts,
}
