import { setTimeout as sleep } from 'node:timers/promises'
import { createLiveComponent, createLiveView, html, live_navigate, type Rendered } from 'liveloom'
import { js, type JsCommands } from 'liveloom/js'
import { frame, type GalleryPage } from '../page.ts'

interface Context {
  readonly saved: number
  readonly deleted: boolean
}

const fade = { in: ['fade', 'faded', 'shown'], out: ['fade', 'shown', 'faded'] } as const

const openDialog = js
  .pushFocus()
  .show({ to: '#dialog', display: 'grid', transition: fade.in, time: 150 })
  .focusFirst({ to: '#dialog-content' })
const closeDialog = js.hide({ to: '#dialog', transition: fade.out, time: 150 }).popFocus()
/** The server may render other commands there: all ways to close follow. */
const close = js.exec('data-close', { to: '#dialog' })

const closeMenu = js.hide({ to: '#menu' }).setAttribute('aria-expanded', 'false', { to: '#menu-button' })

const view = createLiveView<Context, { type: 'save' | 'delete' | 'undo' }>({
  mount: (socket) => {
    socket.pageTitle('JS commands')
    socket.assign({ saved: 0, deleted: false })
  },

  handleEvent: (socket, { type }) => {
    if (type === 'save') {
      const saved = socket.context.saved + 1
      socket.assign({ saved })
      socket.pushJs(js.addClass('good').setAttribute('title', `Saved ${saved} times`), { to: '.save-badge' })
      socket.pushJs(js.dispatch('phx:toast', { detail: { text: `The server says: saved ${saved}` } }))
    } else socket.assign({ deleted: type === 'delete' })
  },

  render: ({ saved, deleted }) =>
    frame(
      page,
      html`${dialog(deleted)} ${menu()} ${tabs(['tea', 'coffee', 'water'])} ${changes()}
        <section class="card stack" aria-label="From the server">
          <h2>From the server</h2>
          <div class="row">
            <button phx-click="save">Save</button>
            <span class="badge save-badge" role="status">saved ${saved}</span>
            <span class="badge save-badge">here too</span>
          </div>
          <p class="hint">The handler calls <code>socket.pushJs</code>: what it adds stays through later patches.</p>
        </section>
        <p>${live_navigate('Commands that ask the server', { to: '/js/server' })}</p>`,
    ),
})

function dialog(deleted: boolean): Rendered {
  return html`<section class="card stack" aria-label="A dialog">
    <h2>A dialog</h2>
    <div class="row">
      <button id="open-dialog" class="danger" disabled=${deleted} phx-click=${openDialog}>Delete everything…</button>
      ${deleted && html`<span class="badge bad">deleted</span> <button class="small" phx-click="undo">Undo</button>`}
    </div>
    <div id="dialog" class="overlay" role="dialog" aria-modal="true" aria-label="Delete" hidden data-close=${closeDialog}>
      <div id="dialog-wrap" class="card" phx-hook="Phoenix.FocusWrap" phx-click-away=${close} phx-window-keydown=${close} phx-key="escape">
        <div id="dialog-wrap-start" tabindex="0" aria-hidden="true"></div>
        <div id="dialog-content" class="stack">
          <p>This cannot be undone. Well: it can.</p>
          <div class="row">
            <button class="quiet" phx-click=${close}>Keep</button>
            <button class="danger" phx-click=${close.push('delete')}>Delete</button>
          </div>
        </div>
        <div id="dialog-wrap-end" tabindex="0" aria-hidden="true"></div>
      </div>
    </div>
  </section>`
}

function menu(): Rendered {
  const toggle = js
    .toggle({ to: '#menu', in: fade.in, out: fade.out, time: 100 })
    .toggleAttribute('aria-expanded', ['true', 'false'])
  const choose = (what: string): JsCommands =>
    closeMenu.dispatch('phx:toast', { detail: { text: `You chose ${what}.` } })
  return html`<section class="card stack" aria-label="A menu">
    <h2>A menu</h2>
    <div phx-click-away=${closeMenu}>
      <button id="menu-button" aria-expanded="false" aria-controls="menu" phx-click=${toggle}>Menu</button>
      <ul id="menu" class="list well" hidden>
        <li><button class="quiet" phx-click=${choose('soup')}>Soup</button></li>
        <li><button class="quiet" phx-click=${choose('salad')}>Salad</button></li>
      </ul>
    </div>
  </section>`
}

function tabs(names: readonly string[]): Rendered {
  const select = (name: string): JsCommands =>
    js
      .setAttribute('aria-selected', 'false', { to: '#tabs [role=tab]' })
      .setAttribute('aria-selected', 'true')
      .hide({ to: `#panels > :not(#panel-${name})` })
      .show({ to: `#panel-${name}` })
  return html`<section class="card stack" aria-label="Tabs">
    <h2>Tabs</h2>
    <div id="tabs" class="row" role="tablist">
      ${names.map(
        (name, at) =>
          html`<button role="tab" aria-selected="${at === 0 ? 'true' : 'false'}" aria-controls="panel-${name}" phx-click=${select(name)}>${name}</button>`,
      )}
    </div>
    <div id="panels" class="well">
      ${names.map(
        (name, at) => html`<p id="panel-${name}" role="tabpanel" hidden=${at > 0}>Everything about ${name}.</p>`,
      )}
    </div>
  </section>`
}

function changes(): Rendered {
  return html`<section class="card stack" aria-label="Classes and attributes">
    <h2>Classes and attributes</h2>
    <div class="row">
      <button phx-click=${js.toggleClass('warn', { to: '#notice' })}>Warn</button>
      <button phx-click=${js.toggleAttribute('hidden', '', { to: '#notice' })}>Hide or show</button>
      <button phx-click=${js.setAttribute('lang', 'de', { to: '#notice' }).removeAttribute('title', { to: '#notice' })}>
        Set and remove
      </button>
      <button phx-click=${js.transition('flash', { to: '#notice', time: 300 })}>Flash</button>
      <button phx-click=${js.dispatch('click', { to: '#press-me' })}>Press the other</button>
      <button id="press-me" phx-click=${js.toggleClass('primary')}>The other</button>
    </div>
    <p id="notice" class="notice" title="a title">None of these asks the server.</p>
    <details phx-mounted=${js.ignoreAttributes('open')}>
      <summary>More</summary>
      <p>Open it, and then save: a patch does not close it.</p>
    </details>
  </section>`
}

const addFive = js.push('add', {
  value: { by: 5 },
  target: '#sum',
  loading: '#sum',
  pageLoading: true,
})

/** Adds what a push brings, and takes its time. */
const sum = createLiveComponent<{ total: number }, { type: 'add'; by?: unknown }>({
  mount: (socket) => socket.assign({ total: 0 }),
  handleEvent: async (socket, { by }) => {
    await sleep(300)
    socket.assign({ total: socket.context.total + (typeof by === 'number' ? by : 1) })
  },
  render: ({ total }) => html`<p id="sum" class="well">A component: <output aria-label="Sum">${total}</output></p>`,
})

const asking = createLiveView<{ clicks: number; shown: string }, { type: 'click' }>({
  mount: (socket) => {
    socket.pageTitle('JS commands that ask')
    socket.assign({ clicks: 0 })
  },
  handleParams: (socket, _url, params) => socket.assign({ shown: String(params['page'] ?? '1') }),
  handleEvent: (socket) => socket.assign({ clicks: socket.context.clicks + 1 }),

  render: ({ clicks, shown }, { live_component }) =>
    frame(
      page,
      html`<section class="card stack" aria-label="Addresses">
          <h2>Addresses</h2>
          <p>Page <output aria-label="Page">${shown}</output></p>
          <div class="row">
            <button phx-click=${js.patch('/js/server?page=2')}>To page 2</button>
            <button phx-click=${js.patch('/js/server?page=3', { replace: true })}>Page 3 in its place</button>
            <button phx-click=${js.navigate('/js')}>To the other commands</button>
          </div>
        </section>
        <section class="card stack" aria-label="Pushes">
          <h2>Pushes</h2>
          ${live_component(sum, { id: 'sum' })}
          <div class="row">
            <button phx-click=${addFive}>Add five</button>
            <button phx-click=${js.removeClass('warn', { to: '#clicks' }).concat(js.push('click'))}>Calm, and count</button>
          </div>
          <p id="clicks" class="notice warn">Counted: <output aria-label="Clicks">${clicks}</output></p>
        </section>
        <section class="card stack" aria-label="Held patches">
          <h2>Held patches</h2>
          <div class="row">
            <button phx-click=${js.dispatch('gallery:hold', { blocking: true }).push('click')}>Hold, and count</button>
            <button id="let-go" type="button">Let go</button>
          </div>
          <p class="hint">A listener of the page’s own script has the patch wait: for the end of an animation, say.</p>
        </section>`,
    ),
})

export const page: GalleryPage = {
  path: '/js',
  title: 'JS commands',
  about: 'A dialog, a menu and tabs that the browser runs by itself, and commands that the server sends.',
  routes: { '/js': view, '/js/server': asking },
}
