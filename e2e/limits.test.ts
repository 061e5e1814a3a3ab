/** What a user sees of limits: never a page that looks alive and is not, never a text that is lost without a word. */
import { test as base, expect } from '@playwright/test'
import { createLiveServer, createLiveView, type ErrorContext, html, type LiveServerOptions } from 'liveloom'
import { serve } from 'liveloom/node'

interface Report {
  readonly message: string
  readonly context: ErrorContext
}

interface Stage {
  readonly url: string
  readonly reports: readonly Report[]
}

const test = base.extend<{ start: (options: LiveServerOptions, development?: boolean) => Promise<Stage> }>({
  start: async ({ browserName }, use) => {
    expect(browserName).toBe('chromium')
    const ends: (() => Promise<void>)[] = []
    await use(async (options, development = false) => {
      const reports: Report[] = []
      const live = createLiveServer({
        secret: 'a secret for the tests of limits, 32 bytes',
        onError: (error, context) => reports.push({ message: (error as Error).message, context }),
        ...options,
      })
      const { url, close } = await serve(live, { port: 0, signals: false, closeTimeout: 1000, development })
      ends.push(close)
      return { url, reports }
    })
    for (const end of ends) await end()
  },
})

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
