/** The files of what is written beside templates, as pages load them. */
import { createLiveServer, createLiveView, css, hook, html, type LayoutPage } from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { afterEach, describe, expect, it } from 'vitest'

let server: NodeServer | undefined

afterEach(async () => {
  await server?.close()
  server = undefined
})

const plain = createLiveView({ render: () => html`<p>plain</p>` })

async function start(options: object = {}): Promise<string> {
  const live = createLiveServer({ routes: { '/': plain }, secret: 'a secret of the tests, long enough', ...options })
  server = await serve(live, { port: 0, signals: false })
  return server.url
}

const addressOf = (page: string, kind: string): string | undefined =>
  new RegExp(`(?:href|src)="([^"]*/beside-[a-z0-9-]+\\.${kind})"`).exec(page)?.[1]

/** The order of these is the test's: what a process has written stays. */
describe('a page', () => {
  it('loads nothing when nothing is written beside templates', async () => {
    const base = await start()
    expect(await (await fetch(base)).text()).not.toContain('beside-')
    expect((await fetch(`${base}/live/beside-a.css`)).status).toBe(404)
  })

  it('loads styles and hooks as files that may be kept, with the nonce, before the client', async () => {
    const card = css`p { color: red }`
    const chart = hook('Chart', '{ mounted() { this.el.title = "there" } }')
    const base = await start({ contentSecurityPolicy: (nonce: string) => `script-src 'nonce-${nonce}'` })
    const response = await fetch(base)
    const nonce = /'nonce-([^']+)'/.exec(response.headers.get('content-security-policy')!)![1]!
    const page = await response.text()
    expect(page).toContain(
      `<link rel="stylesheet" phx-track-static nonce="${nonce}" href="${addressOf(page, 'css')!}" />`,
    )
    expect(page).toContain(`<script defer phx-track-static nonce="${nonce}" src="${addressOf(page, 'js')!}"></script>`)
    expect(page.indexOf('/beside-')).toBeLessThan(page.indexOf('/client-'))
    const styles = await fetch(base + addressOf(page, 'css')!)
    expect(styles.headers.get('content-type')).toBe('text/css; charset=utf-8')
    expect(styles.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(await styles.text()).toContain(`[data-css="${card.name}"]`)
    const hooks = await fetch(base + addressOf(page, 'js')!)
    expect(hooks.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(await hooks.text()).toContain(`phx_hook_${chart.name}`)
  })

  it('has another file once more is written; the old name gives the new one, and no cache keeps it', async () => {
    const base = await start()
    const before = addressOf(await (await fetch(base)).text(), 'css')!
    const more = css`p { color: blue }`
    const after = addressOf(await (await fetch(base)).text(), 'css')!
    expect(after).not.toBe(before)
    expect(await (await fetch(base + after)).text()).toContain(more.name)
    const old = await fetch(base + before)
    expect(old.headers.get('cache-control')).toBe('no-cache')
    expect(await old.text()).toContain(more.name)
  })

  it('finds them under a path prefix, and has them in a layout that prints its head', async () => {
    const layout = ({ head, content }: LayoutPage) => html`<html><head>${head}</head><body>${content}</body></html>`
    const base = await start({ basePath: '/app', layout, page: { head: html`<meta name="own" />` } })
    const page = await (await fetch(`${base.replace(/\/app\/?$/, '')}/app/`)).text()
    expect(page).toContain('<meta name="own" />')
    expect(addressOf(page, 'css')).toMatch(/^\/app\/live\/beside-/)
    expect((await fetch(new URL(addressOf(page, 'css')!, base))).status).toBe(200)
  })
})
