/** Pages whose socket the application refuses: after a logout in another tab, where it has a login before all views. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, type Page, test } from '@playwright/test'
import express, { type Response } from 'express'
import { createLiveServer, createLiveView, html } from 'liveloom'
import { liveloom } from 'liveloom/express'

const home = createLiveView({
  handleEvent() {},
  render: () => html`<form id="form" phx-change="typed"><input name="text" aria-label="Text" /></form>`,
})

type Guard = (request: IncomingMessage, response: Response) => boolean

const isPage = ({ headers }: IncomingMessage): boolean => headers['sec-fetch-mode'] === 'navigate'
const isSocket = ({ url }: IncomingMessage): boolean => url!.startsWith('/live/')

/** Each answers by itself, and says so. */
const guards: Readonly<Record<string, Guard>> = {
  'leads to the login'(_, response) {
    response.redirect('/login')
    return true
  },
  'leads to a login elsewhere'(request, response) {
    response.redirect(`http://127.0.0.1:${request.socket.localPort}/login`)
    return true
  },
  'says 401'(request, response) {
    response.status(401).send(isPage(request) ? 'Please log in' : '')
    return true
  },
  'says 403'(request, response) {
    response.status(403).send(isPage(request) ? 'Please log in' : '')
    return true
  },
  'says 503'(_, response) {
    response.status(503).end()
    return true
  },
  'lets the page through, and no socket'(request, response) {
    if (!isSocket(request)) return false
    response.status(403).end()
    return true
  },
  'lets the page through, and neither a socket nor a question'(request, response) {
    if (!isSocket(request) && request.method !== 'HEAD') return false
    response.status(403).end()
    return true
  },
}

const leaves: readonly (readonly [string, boolean])[] = [
  ['leads to the login', true],
  ['leads to a login elsewhere', true],
  ['says 401', true],
  ['says 403', true],
  ['says 503', false],
  ['lets the page through, and no socket', false],
]

interface Guarded {
  readonly url: string
  /** The addresses of the pages that have asked. */
  readonly asked: readonly string[]
  /** From now on; ends all connections. */
  refuse(by: Guard): void
}

async function withGuarded(use: (guarded: Guarded) => Promise<void>): Promise<void> {
  const live = liveloom(createLiveServer({ secret: 'a secret of the tests, long enough', routes: { '/': home } }), {
    development: false,
  })
  let guard: Guard = () => false
  const asked: string[] = []
  const app = express()
  app.get('/login', (_request, response) => void response.send('Please log in'))
  app.use((request, response, next) => {
    if (request.method === 'HEAD') asked.push(request.url)
    if (!guard(request, response)) next()
  })
  app.use(live)
  const server = createServer(app)
  live.attach(server)
  await new Promise<void>((listening) => void server.listen(0, listening))
  try {
    await use({
      url: `http://localhost:${(server.address() as AddressInfo).port}/`,
      asked,
      refuse(by) {
        guard = by
        expect(live.disconnect(() => true)).toBe(1)
      },
    })
  } finally {
    server.close()
    await live.close()
    server.closeAllConnections()
  }
}

/** Its clock is the test's. */
async function openPage(page: Page, url: string): Promise<void> {
  await page.clock.install()
  await page.goto(url)
  await page.locator('.phx-connected').waitFor()
  await page.getByLabel('Text').fill('typed')
}

async function asks(page: Page, { asked }: Guarded): Promise<void> {
  await expect(async () => {
    await page.clock.runFor(1000)
    expect(asked.length).toBeGreaterThan(0)
  }).toPass()
}

async function tryForAMinute(page: Page): Promise<void> {
  for (let second = 0; second < 60; second++) await page.clock.runFor(1000)
}

for (const [name, isLeft] of leaves) {
  test(`after a logout a guard that ${name}: its page ${isLeft ? 'goes there' : 'stays, and asks seldom'}`, ({
    page,
  }) =>
    withGuarded(async (guarded) => {
      await openPage(page, guarded.url)
      guarded.refuse(guards[name]!)
      const left = page.getByText('Please log in')
      await asks(page, guarded)
      if (isLeft) return await left.waitFor()
      await tryForAMinute(page)
      await expect(page.getByLabel('Text')).toHaveValue('typed')
      expect(guarded.asked.length).toBeLessThan(6)
    }))
}

test('a page that was loaded anew for nothing stays from then on', ({ page }) =>
  withGuarded(async (guarded) => {
    let loads = 0
    page.on('load', () => loads++)
    await openPage(page, guarded.url)
    guarded.refuse(guards['lets the page through, and neither a socket nor a question']!)
    await asks(page, guarded)
    await expect.poll(() => loads).toBe(2)
    await page.getByLabel('Text').fill('typed again')
    await tryForAMinute(page)
    await expect(page.getByLabel('Text')).toHaveValue('typed again')
    expect(loads).toBe(2)
  }))

test('a page that leaves is not loaded a second time while it waits', ({ page }) =>
  withGuarded(async ({ url, asked, refuse }) => {
    // A test's own clock waits for the page that is loaded.
    await page.addInitScript(() => {
      const now = performance.now.bind(performance)
      performance.now = () => now() * 20
      Object.assign(window, { liveloom: { reconnectAfterMs: () => 50 } })
    })
    await page.goto(url)
    await page.locator('.phx-connected').waitFor()
    let [loads, sockets] = [0, 0]
    page.on('websocket', () => sockets++)
    refuse((request, response) => {
      if (!isPage(request)) return guards['says 401']!(request, response)
      loads++
      return true
    })
    await expect.poll(() => loads).toBe(1)
    const attempts = asked.length
    const before = sockets
    // More than a minute of the page's.
    await expect.poll(() => sockets - before).toBeGreaterThan(6)
    expect(asked).toHaveLength(attempts)
    expect(loads).toBe(1)
  }))
