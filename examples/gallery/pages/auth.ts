import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import {
  createLiveView,
  type Flash,
  csrf_field,
  html,
  live_navigate,
  type OnMount,
  type Rendered,
  type SessionData,
} from 'liveloom'
import type { Middleware, NodeServer } from 'liveloom/node'
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

type Answer = readonly [to: string, cookies: string[]]

/** Cookies are set by HTTP alone, so logging in and out are forms that are posted. */
function middleware(server: () => NodeServer): Middleware {
  const logIn = (request: IncomingMessage, form: URLSearchParams): Answer => {
    const user = form.get('user')?.trim() ?? ''
    if (user === '' || form.get('password') !== password) {
      return [page.path, [server().flashCookie(request, { error: 'That is not the password.' })]]
    }
    // A new one each time: nobody can have known it before.
    const id = randomUUID()
    logins.set(id, user)
    const cookies = [
      server().sessionCookie(request, { login: id, user }),
      server().flashCookie(request, { info: `Welcome, ${user}.` }),
    ]
    return [`${page.path}/admin`, cookies]
  }
  const logOut = async (request: IncomingMessage, form: URLSearchParams): Promise<Answer> => {
    const { login, user } = await server().sessionOf(request)
    const everywhere = form.get('everywhere') === 'yes'
    const gone = [...logins].filter(([id, name]) => id === login || (everywhere && name === user)).map(([id]) => id)
    for (const id of gone) logins.delete(id)
    // The pages that are open come back, and are asked who they are.
    server().disconnect((session) => gone.includes(String(session['login'])))
    return [
      page.path,
      [server().sessionCookie(request, {}), server().flashCookie(request, { info: 'You are logged out.' })],
    ]
  }
  return async (request, response, next) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const answer = path === `${page.path}/login` ? logIn : path === `${page.path}/logout` ? logOut : undefined
    if (answer === undefined || request.method !== 'POST') return next()
    const form = await readForm(request)
    if (!server().isCsrfToken(request, form.get('_csrf_token'))) {
      response.writeHead(403).end('This form is not from here, or from long ago. Load the page and try again.\n')
      return
    }
    const [location, cookies] = await answer(request, form)
    response.writeHead(303, { location, 'set-cookie': cookies }).end()
  }
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk.toString()
    if (text.length > 10_000) throw new Error('the form is too long')
  }
  return new URLSearchParams(text)
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
  middleware,
}
