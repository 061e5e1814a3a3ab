/** What a user sees of limits: never a page that looks alive and is not, never a text that is lost without a word. */
import { createLiveView, html, type LayoutPage } from 'liveloom'
import { expect, test } from './support/own-server.ts'

test.describe('a page with more views than maxTopics', () => {
  const inner = createLiveView<{ count: number }>({
    mount: (socket) => socket.assign({ count: 0 }),
    handleEvent: (socket) => socket.assign({ count: socket.context.count + 1 }),
    render: ({ count }) => html`<button phx-click="go">${count}</button>`,
  })
  const page = createLiveView<{ count: number }>({
    mount: (socket) => socket.assign({ count: 0 }),
    handleEvent: (socket) => socket.assign({ count: socket.context.count + 1 }),
    render: ({ count }, { live_view }) =>
      html`<button id="own" phx-click="go">${count}</button>${Array.from({ length: 12 }, (_, n) =>
        live_view(inner, { id: `inner-${n}` }),
      )}`,
  })
  const options = { routes: { '/': page }, limits: { maxTopics: 5, maxJoins: 20 } }

  test('goes on without the rest, which do not look alive', async ({ start, page }) => {
    const { url, reports } = await start(options)
    let loads = 0
    page.on('load', () => loads++)
    await page.goto(url)
    await expect(page.locator('[id^=inner-].phx-error')).toHaveCount(8)
    await expect(page.locator('[id^=inner-].phx-connected')).toHaveCount(4)
    await expect(page.locator('.phx-error.phx-connected')).toHaveCount(0)
    // What is there lives; what does not, has nothing to press.
    await page.locator('#inner-0 button').click()
    await expect(page.locator('#inner-0 button')).toHaveText('1')
    await expect(page.locator('[id^=inner-] button')).toHaveCount(4)
    await page.locator('#own').click()
    await expect(page.locator('#own')).toHaveText('1')
    await expect(page.locator('[id^=inner-].phx-error')).toHaveCount(8)
    expect(loads).toBe(1)
    expect(reports).toHaveLength(1)
    expect(reports[0]).toMatchObject({ context: { stage: 'connection', limit: 'maxTopics' } })
    expect(reports[0]!.message).toContain('limits.maxTopics (5)')
  })

  test('in development shows why', async ({ start, page }) => {
    const { url } = await start(options, true)
    await page.goto(url)
    await expect(page.getByRole('dialog')).toContainText('limits.maxTopics (5)')
  })
})

test.describe('what is too large to be sent', () => {
  const largest = 3_000_000
  const large = (letter: string): string => letter.repeat(largest)
  let mounts = 0
  const events: string[] = []

  const page = createLiveView<{ text: string; ticks: number }, { type: string; text?: string; other?: string }>({
    mount(socket) {
      if (socket.connected) mounts++
      socket.assign({ text: '', ticks: 0 })
    },
    handleEvent(socket, { type, text }) {
      events.push(type)
      if (type === 'tick') socket.assign({ ticks: socket.context.ticks + 1 })
      else socket.assign({ text: text ?? '' })
      return type === 'asked' ? { length: text?.length ?? 0 } : undefined
    },
    render: ({ text, ticks }) =>
      html`<form id="form" phx-change="validate" phx-submit="save">
          <textarea name="text" aria-label="Text">${text}</textarea>
          <input name="other" aria-label="Other" />
          <button>Save</button>
        </form>
        <button id="tick" phx-click="tick">${ticks}</button>
        <p id="length">${text.length}</p>
        <div id="asker" phx-hook="Asker"></div>`,
  })
  const hooks = `window.liveloom = { hooks: { Asker: { mounted() {
    window.ask = (text) => this.pushEvent('asked', { text })
  } } } }`

  test.beforeEach(() => {
    mounts = 0
    events.length = 0
  })

  test('stays in its field, and the page says so; the server is told once', async ({ start, page: tab }) => {
    const { url, reports } = await start({ routes: { '/': page } })
    await tab.goto(url)
    await expect(tab.locator('[data-phx-main].phx-connected')).toBeAttached()
    await tab.getByLabel('Text').fill(large('x'))
    const line = tab.getByRole('alert')
    await expect(line).toContainText('too large to be sent')
    await expect(tab.locator('#form')).toHaveClass(/liveloom-held-back/)
    // The form is not locked, and lives on: another field, a click elsewhere, and the patch that follows it.
    await tab.getByLabel('Other').fill('more')
    await tab.locator('#tick').click()
    await expect(tab.locator('#tick')).toHaveText('1')
    await expect(tab.locator('#form')).toHaveClass(/liveloom-held-back/)
    expect(await tab.getByLabel('Text').evaluate((field: HTMLTextAreaElement) => field.value.length)).toBe(largest)
    await expect(line).toBeVisible()
    await tab.getByRole('button', { name: 'Save' }).click()
    await tab.locator('#tick').click()
    await expect(tab.locator('#tick')).toHaveText('2')
    await expect(tab.getByRole('button', { name: 'Save' })).toBeEnabled()
    expect(await tab.getByLabel('Text').evaluate((field: HTMLTextAreaElement) => field.value.length)).toBe(largest)
    expect(events).toEqual(['tick', 'tick'])

    await tab.getByLabel('Text').fill('short')
    await expect(tab.locator('#length')).toHaveText('5')
    await expect(line).toBeHidden()
    await expect(tab.locator('#form')).not.toHaveClass(/liveloom-held-back/)
    await tab.getByRole('button', { name: 'Save' }).click()
    await expect.poll(() => events.at(-1)).toBe('save')
    expect(mounts).toBe(1)
    expect(reports).toHaveLength(1)
    expect(reports[0]).toMatchObject({ context: { stage: 'event', limit: 'maxTextSize', event: 'validate' } })
  })

  test('of a hook rejects its promise', async ({ start, page: tab }) => {
    const { url, reports } = await start({ routes: { '/': page } })
    await tab.addInitScript(hooks)
    await tab.goto(url)
    await expect(tab.locator('[data-phx-main].phx-connected')).toBeAttached()
    const ask = (count: number): Promise<unknown> =>
      tab.evaluate(
        (length) =>
          (window as unknown as { ask(text: string): Promise<unknown> })
            .ask('x'.repeat(length))
            .catch((error: unknown) => String(error)),
        count,
      )
    expect(await ask(10)).toEqual({ length: 10 })
    expect(await ask(largest)).toContain('too_large')
    expect(await ask(20)).toEqual({ length: 20 })
    expect(mounts).toBe(1)
    await expect.poll(() => reports.length).toBe(1)
  })

  test('is told to the application, which may say it itself', async ({ start, page: tab }) => {
    const { url } = await start({ routes: { '/': page }, limits: { maxTextSize: 2000 } })
    await tab.goto(url)
    await expect(tab.locator('[data-phx-main].phx-connected')).toBeAttached()
    await tab.evaluate(() =>
      addEventListener('liveloom:limit', (event) => {
        event.preventDefault()
        const { detail, target } = event as CustomEvent<object>
        document.title = JSON.stringify({ ...detail, size: 0, at: (target as Element).id })
      }),
    )
    await tab.getByLabel('Text').fill('x'.repeat(3000))
    await expect(tab).toHaveTitle(
      JSON.stringify({ limit: 'maxTextSize', event: 'validate', size: 0, most: 2000, at: 'form' }),
    )
    await expect(tab.getByRole('alert')).toHaveCount(0)
  })

  test('is kept over a reconnect too', { tag: '@slow' }, async ({ start, page: tab, context }) => {
    const { url } = await start({ routes: { '/': page } })
    await tab.goto(url)
    await expect(tab.locator('[data-phx-main].phx-connected')).toBeAttached()
    await context.setOffline(true)
    await tab.evaluate(() => (window as unknown as { liveSocket: { disconnect(): void } }).liveSocket.disconnect())
    await tab.getByLabel('Text').fill(large('y'))
    await tab.getByLabel('Other').focus()
    await context.setOffline(false)
    await tab.evaluate(() => (window as unknown as { liveSocket: { connect(): void } }).liveSocket.connect())
    await expect(tab.getByRole('alert')).toBeVisible()
    await expect(tab.locator('[data-phx-main].phx-connected')).toBeAttached()
    await tab.locator('#tick').click()
    await expect(tab.locator('#tick')).toHaveText('1')
    expect(await tab.getByLabel('Text').evaluate((field: HTMLTextAreaElement) => field.value.length)).toBe(largest)
    expect(mounts).toBe(2)
  })

  test('a form with too many fields says so', async ({ start, page: tab }) => {
    const { url, reports } = await start({ routes: { '/': page }, limits: { maxFormFields: 1 } })
    await tab.goto(url)
    await expect(tab.locator('[data-phx-main].phx-connected')).toBeAttached()
    await tab.getByLabel('Text').fill('short')
    await expect(tab.getByRole('alert')).toContainText('too many fields')
    await expect(tab.locator('#form')).toHaveClass(/liveloom-held-back/)
    await tab.getByLabel('Other').focus()
    await tab.locator('#tick').click()
    await expect(tab.locator('#tick')).toHaveText('1')
    await expect(tab.getByLabel('Text')).toHaveValue('short')
    expect(reports).toMatchObject([{ context: { stage: 'event', limit: 'maxFormFields' } }])
  })

  for (const focused of [true, false]) {
    test(
      `with the client alone, the field ${focused ? 'focused' : 'left'}: the page is mounted anew, and not for ever`,
      { tag: '@slow' },
      async ({ start, page: tab }) => {
        const layout = ({ csrfToken, content }: LayoutPage) =>
          html`<!doctype html><html><head><title>plain</title><meta name="csrf-token" content="${csrfToken}" /></head><body>${content}</body></html>`
        const { url, reports } = await start({ routes: { '/': page }, layout })
        await tab.goto(url)
        await tab.addScriptTag({ path: 'node_modules/phoenix/priv/static/phoenix.js' })
        await tab.addScriptTag({ path: 'node_modules/phoenix_live_view/priv/static/phoenix_live_view.js' })
        await tab.evaluate(() => {
          const { Phoenix, LiveView } = window as unknown as {
            Phoenix: { Socket: unknown }
            LiveView: { LiveSocket: new (...args: unknown[]) => { connect(): void } }
          }
          const token = document.querySelector('meta[name="csrf-token"]')!.getAttribute('content')
          new LiveView.LiveSocket('/live', Phoenix.Socket, { params: { _csrf_token: token } }).connect()
        })
        await expect(tab.locator('[data-phx-main].phx-connected')).toBeAttached()
        await tab.getByLabel('Text').fill(large('x'))
        if (!focused) await tab.getByLabel('Other').focus()
        await expect.poll(() => reports.length).toBe(1)
        expect(reports[0]).toMatchObject({ context: { stage: 'connection', limit: 'maxMessageSize' } })
        // It comes back, and stays.
        await expect(async () => {
          await tab.locator('#tick').click({ timeout: 1000 })
          expect(events.filter((event) => event === 'tick').length).toBeGreaterThan(5)
        }).toPass()
        expect(mounts).toBeLessThanOrEqual(3)
      },
    )
  }
})
