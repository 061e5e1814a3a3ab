/** `data-confirm`: nothing is done before the user has said yes. */
import type { Page } from '@playwright/test'
import { createLiveView, html, live_patch } from 'liveloom'
import { js } from 'liveloom/js'
import { expect, test } from './support/own-server.ts'

let seen: string[] = []
test.beforeEach(() => void (seen = []))

const view = createLiveView<object, { type: string; values: unknown }>({
  handleParams: (_socket, url) => void (url.search !== '' && seen.push(`params ${url.search}`)),
  handleEvent: (_socket, { type, values }) => {
    const { by } = values as { readonly by?: string }
    seen.push(by === undefined ? type : `${type} by ${by}`)
  },
  render: () => html`
    <button id="click" phx-click="delete" data-confirm="Delete it?"><b>Delete</b></button>
    <button id="phx" phx-click="delete" phx-confirm="Delete it?">Delete</button>
    <button id="commands" phx-click=${js.hide({ to: '#shown' }).push('delete')} data-confirm="Delete it?">Delete</button>
    <p id="shown">shown</p>
    ${live_patch('Patch', { to: '/?patched', id: 'patch', 'data-confirm': 'Delete it?' })}
    <a id="link" href="/other" data-confirm="Delete it?">Elsewhere</a>
    <form id="form" phx-submit="save" data-confirm="Delete it?"><input name="name" required /><button>Save</button></form>
    <form id="two" phx-submit="save">
      <input name="name" />
      <button id="plain" name="by" value="plain">Save</button>
      <button id="asking" name="by" value="asking" data-confirm="Delete it?">Delete</button>
    </form>
    <form id="first" phx-submit="save">
      <input name="name" /><button name="by" value="asking" data-confirm="Delete it?">Delete</button>
    </form>
    <div data-confirm="Delete it?" phx-click="card">
      <button id="inner" phx-click="inner">Open</button> <span id="card">Card</span>
    </div>
  `,
})
const other = createLiveView({ render: () => html`<h1>Other</h1>` })
const routes = { '/': view, '/other': other }

async function connected(page: Page): Promise<void> {
  await page.locator('[data-phx-main].phx-connected').waitFor()
}

/** Answers each question, and writes them down. */
function answer(page: Page, yes: boolean): string[] {
  const asked: string[] = []
  page.on('dialog', async (dialog) => {
    asked.push(dialog.message())
    await (yes ? dialog.accept() : dialog.dismiss())
  })
  return asked
}

interface Case {
  readonly what: string
  readonly act: (page: Page) => Promise<void>
  readonly done: readonly string[]
}

const cases: readonly Case[] = [
  { what: 'a click', act: (page) => page.locator('#click b').click(), done: ['delete'] },
  { what: 'a click, by phx-confirm', act: (page) => page.locator('#phx').click(), done: ['delete'] },
  { what: 'Enter on a button', act: (page) => page.locator('#click').press('Enter'), done: ['delete'] },
  { what: 'JS commands', act: (page) => page.locator('#commands').click(), done: ['delete'] },
  { what: 'a patch', act: (page) => page.locator('#patch').click(), done: ['params ?patched'] },
  {
    what: 'a form',
    act: async (page) => {
      await page.locator('#form input').fill('Ada')
      await page.locator('#form button').click()
    },
    done: ['save'],
  },
  { what: 'a button that submits', act: (page) => page.locator('#asking').click(), done: ['save by asking'] },
  { what: 'Enter in a field', act: (page) => page.locator('#first input').press('Enter'), done: ['save by asking'] },
  { what: 'a card', act: (page) => page.locator('#card').click(), done: ['card'] },
]

for (const { what, act, done } of cases) {
  test(`${what} is done after a yes, and asked for once`, async ({ page, start }) => {
    const { url } = await start({ routes })
    const asked = answer(page, true)
    await page.goto(url)
    await connected(page)
    await act(page)
    await expect.poll(() => seen).toEqual(done)
    expect(asked).toEqual(['Delete it?'])
  })

  test(`${what} leaves nothing behind after a no`, async ({ page, start }) => {
    const { url } = await start({ routes })
    const asked = answer(page, false)
    await page.goto(url)
    await connected(page)
    await act(page)
    await expect.poll(() => asked).toEqual(['Delete it?'])
    await expect(page.locator('[data-phx-ref-loading], .phx-click-loading, .phx-submit-loading')).toHaveCount(0)
    await expect(page.locator('#shown')).toBeVisible()
    // A question that is not asked, whose event comes behind whatever the other might have sent.
    await page.locator('#plain').click()
    await expect.poll(() => seen).toEqual(['save by plain'])
    expect(page.url()).toBe(`${url}/`)
  })
}

test('a link of the page is followed after a yes', async ({ page, start }) => {
  const { url } = await start({ routes })
  let yes = false
  page.on('dialog', (dialog) => (yes ? dialog.accept() : dialog.dismiss()))
  await page.goto(url)
  await connected(page)
  await page.locator('#link').click()
  expect(page.url()).toBe(`${url}/`)
  yes = true
  await page.locator('#link').click()
  await expect(page.getByRole('heading', { name: 'Other' })).toBeVisible()
})

test('what stands inside and means something else is not asked for, nor is a form that is not valid', async ({
  page,
  start,
}) => {
  const { url } = await start({ routes })
  const asked = answer(page, true)
  await page.goto(url)
  await connected(page)
  await page.locator('#inner').click()
  await expect.poll(() => seen).toEqual(['inner'])
  await page.locator('#form button').click()
  await expect(page.locator('#form input')).toBeFocused()
  expect(asked).toEqual([])
})

test.describe('a dialog of the page’s own', () => {
  const dialog = html`<script>
    window.liveloom = {
      confirm: (message, element) =>
        new Promise((resolve) => {
          const dialog = document.createElement('dialog')
          dialog.innerHTML = '<p></p><button value="yes">Yes</button><button value="no">No</button>'
          dialog.firstChild.textContent = message + ' ' + element.id
          for (const button of dialog.querySelectorAll('button')) button.onclick = () => dialog.close(button.value)
          dialog.onclose = () => {
            dialog.remove()
            resolve(dialog.returnValue === 'yes')
          }
          document.body.append(dialog)
          dialog.showModal()
        }),
    }
  </script>`

  for (const { what, act, done } of cases) {
    test(`has ${what} done when it says so, and only then`, async ({ page, start }) => {
      const { url } = await start({ routes, page: { head: dialog } })
      await page.goto(url)
      await connected(page)
      await act(page)
      await page.getByRole('button', { name: 'No' }).click()
      await act(page)
      await expect(page.getByRole('dialog')).toContainText('Delete it?')
      await page.getByRole('button', { name: 'Yes' }).click()
      await expect.poll(() => seen).toEqual(done)
      await expect(page.getByRole('dialog')).toHaveCount(0)
    })
  }
})
