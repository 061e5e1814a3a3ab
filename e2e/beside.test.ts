/** Styles and hooks beside templates, in a real browser and under the strict policy. */
import { expect, type Page, test } from '@playwright/test'
import {
  type ClientHook,
  createLiveComponent,
  createLiveServer,
  createLiveView,
  css,
  each,
  hook,
  html,
  type ScopedStyle,
  strictContentSecurityPolicy,
  type Stream,
} from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'

const shout = hook('Shout', `{ mounted() { this.el.value = 'hooked ' + this.el.id } }`)
const outer = css`
  :scope { border-top: 3px solid rgb(1, 2, 3) }
  p { color: rgb(255, 0, 0); animation: nothing 1s }
  @keyframes nothing { to { opacity: 1 } }
`
const inner = css`
  :scope { border-top: 5px solid rgb(4, 5, 6) }
  i { color: rgb(0, 0, 255) }
`

/** One element that can hold nothing. */
const Field = createLiveComponent<{ id: string }, { type: string }, { id: string }>({
  render: ({ id }) => html`<input id="${id}" phx-hook=${shout} data-css=${inner} />`,
})
const Card = createLiveComponent<{ id: string }, { type: string }, { id: string }>({
  render: ({ id }) => html`<section id="${id}" data-css=${inner}><p>not red</p><i>blue</i></section>`,
})

const nested = createLiveView<{ shown: boolean }, { type: string }>({
  mount: (socket) => socket.assign({ shown: false }),
  handleEvent: (socket) => socket.assign({ shown: true }),
  render: ({ shown }, { live_component }) => html`
    <button phx-click="show">Show nested</button>
    ${shown && live_component(Field, { id: 'in-nested' })}
  `,
})

interface Context {
  readonly shown: boolean
  readonly rows: Stream<{ readonly id: number }>
}

const view = createLiveView<Context, { type: string }>({
  mount: (socket) => {
    socket.assign({ shown: false })
    socket.stream('rows', [])
  },
  handleEvent: (socket) => {
    socket.assign({ shown: true })
    socket.streamInsert('rows', { id: 1 })
  },
  render: ({ shown, rows }, { live_component, live_view }) => html`
    <p id="outside">outside</p>
    <div id="outer" data-css=${outer}>
      <p id="first">red</p>
      ${live_component(Card, { id: 'card' })}
    </div>
    ${live_component(Field, { id: 'at-first' })} ${shown && live_component(Field, { id: 'later' })}
    ${shown && live_component(Card, { id: 'later-card' })}
    <ul id="rows" phx-update="stream">
      ${each(rows, ({ id }, domId) => html`<li id="${domId}">${live_component(Field, { id: `row-${id}` })}</li>`)}
    </ul>
    <button phx-click="show">Show</button>
    ${live_view(nested, { id: 'nested' })}
  `,
})

/** Makes its styles and its hook when it is asked to, as a module does that is imported then. */
const late = createLiveView<{ beside: { style: ScopedStyle; script: ClientHook } | undefined }, { type: string }>({
  mount: (socket) => socket.assign({ beside: undefined }),
  handleEvent: (socket) => {
    const style = css`:scope { color: rgb(7, 8, 9) }`
    const script = hook('Late', `{ mounted() { this.el.value = 'late hook' } }`)
    socket.assign({ beside: { style, script } })
  },
  render: ({ beside }, meta) => html`
    <button phx-click="import">Import</button>
    ${
      beside &&
      html`<input id="late" phx-hook=${beside.script} data-css=${beside.style} />
        ${beside.style.style(meta)} ${beside.script.script(meta)}`
    }
  `,
})

let server: NodeServer
const complaints: string[] = []

test.beforeAll(async () => {
  const live = createLiveServer({
    secret: 'a secret of the tests, long enough',
    contentSecurityPolicy: strictContentSecurityPolicy,
    routes: { '/': view, '/late': late },
  })
  server = await serve(live, { port: 0, signals: false })
})
test.afterAll(() => server.close())

test.beforeEach(async ({ page }) => {
  complaints.length = 0
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await page.goto(server.url)
  await expect(page.locator('[data-phx-main].phx-connected')).toBeAttached()
  await expect(page.locator('#nested.phx-connected')).toBeAttached()
})
test.afterEach(() => expect(complaints).toEqual([]))

const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()

test('a component that is one element has its hook: at first, later, in a stream, in a nested view', async ({
  page,
}) => {
  await expect(page.locator('#at-first')).toHaveValue('hooked at-first')
  await press(page, 'Show')
  await expect(page.locator('#later')).toHaveValue('hooked later')
  await expect(page.locator('#row-1')).toHaveValue('hooked row-1')
  await press(page, 'Show nested')
  await expect(page.locator('#in-nested')).toHaveValue('hooked in-nested')
})

test('styles reach their element and what is in it, and stop at the next scope', async ({ page }) => {
  await expect(page.locator('#first')).toHaveCSS('color', 'rgb(255, 0, 0)')
  await expect(page.locator('#first')).toHaveCSS('animation-name', 'nothing')
  await expect(page.locator('#outer')).toHaveCSS('border-top-width', '3px')
  await expect(page.locator('#outside')).toHaveCSS('color', 'rgb(0, 0, 0)')
  await expect(page.locator('#card p')).toHaveCSS('animation-name', 'none')
  await expect(page.locator('#card')).toHaveCSS('border-top-width', '5px')
  await expect(page.locator('#card i')).toHaveCSS('color', 'rgb(0, 0, 255)')
  await press(page, 'Show')
  await expect(page.locator('#later-card i')).toHaveCSS('color', 'rgb(0, 0, 255)')
  await expect(page.locator('#row-1')).toHaveCSS('border-top-width', '5px')
  await expect(page.locator('link[rel=stylesheet]')).toHaveCount(1)
  await expect(page.locator('style')).toHaveCount(0)
})

test('a module that is imported after the page was opened brings its own', async ({ page }) => {
  await page.goto(`${server.url}/late`)
  await expect(page.locator('[data-phx-main].phx-connected')).toBeAttached()
  await press(page, 'Import')
  await expect(page.locator('#late')).toHaveCSS('color', 'rgb(7, 8, 9)')
  await expect(page.locator('#late')).toHaveValue('late hook')
})
