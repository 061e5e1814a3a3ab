/** `socket.resetForm`: a form after a save, and where the focus is then. */
import type { Page } from '@playwright/test'
import { attrs, createLiveComponent, createLiveView, html, live_file_input } from 'liveloom'
import { type Form, form } from 'liveloom/forms'
import { z } from 'zod'
import { expect, test } from './support/own-server.ts'

interface Values {
  readonly [name: string]: unknown
}

interface FormEvent {
  readonly type: 'change' | 'save'
  readonly values: unknown
}

const kinds = createLiveView<{ saved: number; echo: string }, { type: string; values: Values }, 'file'>({
  mount: (socket) => {
    socket.assign({ saved: 0, echo: '' })
    void socket.allowUpload('file')
  },
  handleEvent: async (socket, { type, values }) => {
    if (type === 'change') return socket.assign({ echo: String(values['echoed']) })
    if (type !== 'save') return
    await socket.consumeUploadedEntries('file', () => {})
    socket.assign({ saved: socket.context.saved + 1, echo: '' })
    socket.resetForm('person')
  },
  render: ({ saved, echo }, { uploads }) => html`<form id="person" phx-change="change" phx-submit="save">
      <input name="echoed" value="${echo}" />
      <input name="own" value="default" />
      <textarea name="text"></textarea>
      <select name="land">
        <option>a</option>
        <option selected>b</option>
      </select>
      <input type="checkbox" name="box" />
      ${live_file_input(uploads.file)}
      <button phx-disable-with="Saving">Save</button>
    </form>
    <p id="files">${uploads.file.entries.map((entry) => entry.clientName)}</p>
    <p id="saved">${saved}</p>
    <button id="elsewhere" phx-click="save">Save from elsewhere</button>`,
})

async function open(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.locator('[data-phx-main].phx-connected').waitFor()
}

async function fill(page: Page): Promise<void> {
  await page.locator('[name=box]').check()
  await page.locator('[name=land]').selectOption('a')
  await page.locator('[name=text]').fill('text')
  await page.locator('[name=own]').fill('own')
  await page.locator('[name=echoed]').fill('echo')
}

async function expectEmpty(page: Page): Promise<void> {
  await expect(page.locator('[name=echoed]')).toHaveValue('')
  await expect(page.locator('[name=own]')).toHaveValue('default')
  await expect(page.locator('[name=text]')).toHaveValue('')
  await expect(page.locator('[name=land]')).toHaveValue('b')
  await expect(page.locator('[name=box]')).not.toBeChecked()
}

test.describe('a form that is reset', () => {
  test('shows what the server renders, also in the field that has the focus', async ({ page, start }) => {
    const { url } = await start({ routes: { '/': kinds } })
    await open(page, url)
    await fill(page)
    await page.locator('[name=echoed]').press('Enter')
    await expect(page.locator('#saved')).toHaveText('1')
    await expectEmpty(page)
    // And once more: the older values are not remembered.
    await fill(page)
    await page.locator('[name=echoed]').press('Enter')
    await expect(page.locator('#saved')).toHaveText('2')
    await expectEmpty(page)
  })

  test('is emptied as well by what is not its own submit, while somebody types', async ({ page, start }) => {
    const { url } = await start({ routes: { '/': kinds } })
    await open(page, url)
    await page.locator('[name=echoed]').fill('echo')
    await page.locator('[name=own]').fill('own')
    // A click that does not take the focus away.
    await page.locator('#elsewhere').evaluate((button: HTMLElement) => button.click())
    await expect(page.locator('#saved')).toHaveText('1')
    await expectEmpty(page)
    await expect(page.locator('[name=own]')).toBeFocused()
  })

  test('has no file chosen any more', async ({ page, start }) => {
    const { url } = await start({ routes: { '/': kinds } })
    await open(page, url)
    const file = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(name) })
    await page.locator('input[type=file]').setInputFiles(file('a.txt'))
    await expect(page.locator('#files')).toHaveText('a.txt')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(page.locator('#saved')).toHaveText('1')
    await expect(page.locator('#files')).toBeEmpty()
    await page.locator('input[type=file]').setInputFiles(file('b.txt'))
    await expect(page.locator('#files')).toHaveText('b.txt')
  })
})

test.describe('the focus after a save', () => {
  for (const key of ['Enter', 'Space']) {
    test(`stays on the button that was pressed by ${key}, though it is disabled meanwhile`, async ({ page, start }) => {
      const { url } = await start({ routes: { '/': kinds } })
      await open(page, url)
      await page.getByRole('button', { name: 'Save', exact: true }).press(key)
      await expect(page.locator('#saved')).toHaveText('1')
      await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeFocused()
    })
  }

  test('stays in the field where Enter was pressed', async ({ page, start }) => {
    const { url } = await start({ routes: { '/': kinds } })
    await open(page, url)
    await page.locator('[name=own]').fill('own')
    await page.locator('[name=own]').press('Enter')
    await expect(page.locator('#saved')).toHaveText('1')
    await expect(page.locator('[name=own]')).toBeFocused()
    await page.keyboard.type('next')
    await expect(page.locator('[name=own]')).toHaveValue('defaultnext')
  })
})

test.describe('a form of `liveloom/forms` in a component', () => {
  const Person = z.object({ name: z.string().min(2, 'At least two letters') })
  const empty = () => form(Person, {}, { id: 'person' })

  const editor = createLiveComponent<{ person: Form<typeof Person>; saved: string }, FormEvent>({
    mount: (socket) => socket.assign({ person: empty(), saved: '' }),
    handleEvent: async (socket, { type, values }) => {
      const { person } = socket.context
      if (type === 'change') return socket.assign({ person: await person.validate(values) })
      const { ok, data, form: checked } = await person.submit(values)
      if (!ok) return socket.assign({ person: checked })
      socket.assign({ person: empty(), saved: data.name })
      socket.resetForm(person.id)
    },
    render: ({ person, saved }, { myself }) => html`<section>
      <form id=${person.id} phx-change="change" phx-submit="save" phx-target=${myself}>
        <input ${attrs(person.field('name').attrs)} />
        <p id="error">${person.field('name').errors}</p>
        <button>Save</button>
      </form>
      <p id="saved">${saved}</p>
    </section>`,
  })
  const view = createLiveView({ render: (_context, { live_component }) => html`${live_component(editor, { id: 1 })}` })

  test('begins anew: no error shows before the next visit', async ({ page, start }) => {
    const { url } = await start({ routes: { '/': view } })
    await open(page, url)
    const name = page.locator('[name=name]')
    await name.fill('A')
    await expect(page.locator('#error')).toHaveText('At least two letters')
    await name.fill('Ada')
    await name.press('Enter')
    await expect(page.locator('#saved')).toHaveText('Ada')
    await expect(name).toHaveValue('')
    await expect(name).toBeFocused()
    await expect(page.locator('#error')).toBeEmpty()
    await name.fill('B')
    await expect(page.locator('#error')).toHaveText('At least two letters')
  })
})
