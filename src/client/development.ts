/**
 * The script that pages of a development server load beside the client: shows what ended a view, and brings the page up to date
 * when the server was started anew. In production it is not there.
 */
import { developmentEvents } from '../protocol/message.ts'
import { restarted } from './restarted.ts'

interface Shown {
  readonly html: string
  readonly css: string
  /** The view never began: the client has given up until the server is another. */
  readonly joining: boolean
  readonly words: { readonly close: string; readonly tryAgain: string }
}

interface Joined {
  readonly boot: string
  /** `null` for a view inside another. */
  readonly layout: string | null
  readonly staticChanged: boolean
}

const askEvery = 300
const own = document.currentScript as HTMLScriptElement
/** The run of the server that made this page, and the one that it was last joined to. */
const firstBoot = own.dataset['liveloomBoot']!
let boot = firstBoot
let overlay: HTMLElement | undefined

if (own.dataset['errorPage'] !== undefined) onRestart(() => location.reload())

on(developmentEvents.error, (detail) => {
  const shown = detail as Shown
  show(shown)
  if (shown.joining) onRestart(joinAgain)
})

/** The view is joined once more; when it fails again, that is shown again. */
function joinAgain(): void {
  hide()
  dispatchEvent(new Event(restarted))
}

on(developmentEvents.joined, (detail) => {
  const joined = detail as Joined
  // Of the server that made it, a page is never out of date: so it does not load itself for ever.
  if (joined.boot === firstBoot) return
  const outOfDate = joined.layout !== null && joined.layout !== own.dataset['layout']
  if (outOfDate || joined.staticChanged) return location.reload()
  if (joined.boot === boot) return
  boot = joined.boot
  hide()
  void refreshStyles()
})

function on(name: string, handle: (detail: unknown) => void): void {
  addEventListener(`phx:${name}`, (event) => handle((event as CustomEvent<unknown>).detail))
}

// Another server.

let asking = false

/** Asks until another run of the server answers. */
function onRestart(then: () => void): void {
  if (asking) return
  asking = true
  const ask = async (): Promise<void> => {
    const now = await fetch(own.src.replace(/\.js$/, ''), { cache: 'no-store' }).then(
      (response) => (response.ok ? response.text() : boot),
      () => boot,
    )
    if (now === boot) return void setTimeout(() => void ask(), askEvery)
    asking = false
    then()
  }
  void ask()
}

// What ended a view.

/** A modal dialog: Escape closes it, the page behind it is inert, and the focus goes back to where it was. */
function show({ html, css, joining, words }: Shown): void {
  hide()
  overlay = document.createElement('liveloom-error')
  const root = overlay.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css + overlayCss)
  // Not an element of its own, which a page's content security policy could refuse.
  root.adoptedStyleSheets = [sheet]
  const dialog = document.createElement('dialog')
  dialog.setAttribute('aria-labelledby', 'liveloom-error-title')
  // Escaped by the server.
  dialog.innerHTML = html
  const buttons = document.createElement('div')
  buttons.className = 'buttons'
  const close = button(words.close, () => dialog.close())
  // It failed for a reason that passes, perhaps; and without it the page stays as it is.
  buttons.append(...(joining ? [button(words.tryAgain, joinAgain), close] : [close]))
  dialog.append(buttons)
  dialog.addEventListener('close', hide)
  root.append(dialog)
  document.body.append(overlay)
  dialog.showModal()
}

function button(text: string, click: () => void): HTMLButtonElement {
  const element = document.createElement('button')
  element.textContent = text
  element.addEventListener('click', click)
  return element
}

function hide(): void {
  overlay?.remove()
  overlay = undefined
}

const overlayCss = `
:host { color-scheme: light dark; }
dialog { box-sizing: border-box; width: min(60rem, calc(100vw - 2rem)); max-height: calc(100vh - 2rem); padding: 1.25rem;
  border: 0; border-top: 0.3rem solid #d22; border-radius: 0.5rem; color: light-dark(#1c1c1c, #f2f2f2);
  background: light-dark(#fff, #1c1c1f); box-shadow: 0 1rem 4rem rgba(0, 0, 0, .5); }
dialog::backdrop { background: rgba(0, 0, 0, .5); }
.buttons { position: absolute; top: 1rem; right: 1rem; display: flex; gap: 0.5rem; }
button { font: inherit; padding: 0.25rem 0.75rem; cursor: pointer; }
`

// Stylesheets.

const styles = new Map<string, string>()
void refreshStyles()
addEventListener('focus', () => void refreshStyles())

/** Loads the page's own stylesheets again, those that have changed. */
async function refreshStyles(): Promise<void> {
  const links = [...document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')]
  await Promise.all(links.map((link) => refreshStyle(link)))
}

async function refreshStyle(link: HTMLLinkElement): Promise<void> {
  const url = new URL(link.href)
  if (url.origin !== location.origin) return
  url.searchParams.delete('liveloom')
  const text = await fetch(url, { cache: 'no-cache' }).then(
    (response) => (response.ok ? response.text() : undefined),
    () => undefined,
  )
  if (text === undefined) return
  const before = styles.get(url.href)
  styles.set(url.href, text)
  if (before === undefined || before === text) return
  const fresh = link.cloneNode() as HTMLLinkElement
  url.searchParams.set('liveloom', String(Date.now()))
  fresh.href = url.href
  // The old one stays until then, so that the page is never bare.
  fresh.addEventListener('load', () => link.remove())
  link.after(fresh)
}
