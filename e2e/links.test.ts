/** What a browser does with a page on which somebody wrote addresses and commands: nothing of theirs runs. */
import { expect, test } from '@playwright/test'
import { attrs, createLiveServer, createLiveView, each, html } from 'liveloom'
import { js } from 'liveloom/js'
import { type NodeServer, serve } from 'liveloom/node'

const script = 'window.ran = true'
const links = [
  `javascript:${script}`,
  `JaVaScRiPt:${script}`,
  ` \tjavascript:${script}`,
  `\u0001javascript:${script}`,
  `java\nscript:${script}`,
  `j\ta\tv\ta\ts\tc\tr\ti\tp\tt\t:${script}`,
  `javascript://%0a${script}`,
  `vbscript:${script}`,
  `data:text/html,<script>opener.${script}</script>`,
  `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='parent.${script}'/>`,
]
const commands = '[["push",{"event":"stolen"}],["set_attr",{"attr":["data-stolen","yes"],"to":"body"}]]'

/** Every way that a text of a user gets into an attribute, by the first page and, once `shown`, by a diff. */
const wall = createLiveView<{ shown: boolean; stolen: boolean; clicks: number }, { type: 'show' | 'stolen' | 'click' }>(
  {
    mount: (socket) => socket.assign({ shown: !socket.connected, stolen: false, clicks: 0 }),
    handleEvent: (socket, { type }) => {
      if (type === 'show') socket.assign({ shown: true })
      else if (type === 'stolen') socket.assign({ stolen: true })
      else socket.assign({ clicks: socket.context.clicks + 1 })
    },
    render: ({ shown, stolen, clicks }) =>
      html`<main>
      <p id="stolen">${stolen ? 'stolen' : 'safe'}</p>
      <p id="clicks">${clicks}</p>
      <button id="show" phx-click="show">Show</button>
      <button id="own" phx-click="${js.push('click').setAttribute('data-own', 'yes')}">Own</button>
      ${
        shown &&
        each(
          links,
          (link) => link,
          (link) =>
            html`<div class="post">
              <a class="try" href="${link}">a</a> <a class="try" href=${link}>b</a> <a class="try" ${attrs({ href: link })}>c</a>
              <a class="try" href="${link.slice(0, 3)}${link.slice(3)}">d</a>
              <iframe src="${link}"></iframe> <object data="${link}"></object>
              <form action="${link}"><button class="try" type="button" formaction="${link}">e</button></form>
              <svg width="20" height="20">
                <a class="try" xlink:href="${link}"><rect width="20" height="20"></rect></a>
                <a class="try"><animate attributeName="href" to="${link}" dur="1ms" fill="freeze"></animate><circle r="9"></circle></a>
              </svg>
            </div>`,
        )
      }
      ${
        shown &&
        html`<button class="try" phx-click="${commands}">f</button> <button class="try" phx-click=${commands}>g</button>
          <button class="try" data-x="${commands}" phx-click="${js.exec('data-x')}">h</button>
          <i phx-mounted="${commands}" phx-click-away="${commands}" phx-window-keydown="${commands}"></i>
          <input class="try" phx-focus="${commands}" phx-blur="${commands}" phx-keyup=${commands} />`
      }
    </main>`,
  },
)

let server: NodeServer

test.beforeAll(async () => {
  const live = createLiveServer({ routes: { '/': wall }, secret: 'a secret of the browser tests alone', onError() {} })
  server = await serve(live, { port: 0, signals: false, development: false })
})
test.afterAll(() => server.close())

test('links and commands that somebody wrote do nothing, by the first page and by a diff', async ({ page }) => {
  await page.goto(server.url)
  await expect(page.locator('[data-phx-main].phx-connected')).toBeVisible()
  await page.locator('#show').click()
  await expect(page.locator('.post')).toHaveCount(links.length)
  const tried = page.locator('.try')
  expect(await tried.count()).toBeGreaterThan(50)
  // A click by a script follows a link as one by hand does. A link that is empty leads to this page: it is kept from loading.
  await page.evaluate(() => {
    addEventListener('click', (event) => {
      const link = (event.target as Element).closest('a')
      const to = link?.getAttribute('href') ?? link?.getAttribute('xlink:href') ?? ''
      if (to === '') event.preventDefault()
    })
    for (const element of document.querySelectorAll<HTMLElement>('.try')) {
      element.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }))
      element.focus?.()
      element.dispatchEvent(new KeyboardEvent('keyup', { bubbles: true, key: 'a' }))
      element.blur?.()
    }
  })
  await page.keyboard.press('a')
  await page.locator('#own').click()
  await expect(page.locator('#clicks')).toHaveText('1')
  await expect(page.locator('#own')).toHaveAttribute('data-own', 'yes')
  await expect(page.locator('#stolen')).toHaveText('safe')
  expect(await page.evaluate(() => 'ran' in window || document.body.hasAttribute('data-stolen'))).toBe(false)
  expect(new URL(page.url()).origin).toBe(new URL(server.url).origin)
})
