/** Pages whose socket the application refuses: after a logout in another tab, where it has a login before all views. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@playwright/test'
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
}

const leaves: readonly (readonly [string, boolean])[] = [
  ['leads to the login', true],
  ['leads to a login elsewhere', true],
  ['says 401', true],
  ['says 403', true],
  ['says 503', false],
  ['lets the page through, and no socket', false],
]

for (const [name, isLeft] of leaves) {
  test(`after a logout a guard that ${name}: its page ${isLeft ? 'goes there' : 'stays, and asks seldom'}`, async ({
    page,
  }) => {
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
      await page.clock.install()
      await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`)
      await page.locator('.phx-connected').waitFor()
      await page.getByLabel('Text').fill('typed')
      guard = guards[name]!
      expect(live.disconnect(() => true)).toBe(1)
      const left = page.getByText('Please log in')
      await expect(async () => {
        await page.clock.runFor(1000)
        expect(asked.length).toBeGreaterThan(0)
      }).toPass()
      if (isLeft) return await left.waitFor()
      // A minute of attempts.
      for (let second = 0; second < 60; second++) await page.clock.runFor(1000)
      await expect(page.getByLabel('Text')).toHaveValue('typed')
      expect(asked.length).toBeLessThan(6)
    } finally {
      server.close()
      await live.close()
      server.closeAllConnections()
    }
  })
}
