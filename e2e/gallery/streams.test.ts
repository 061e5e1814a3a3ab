import type { Locator, Page } from '@playwright/test'
import { answered, expect, mark, markOf } from '../support/gallery.ts'
import { test } from '../support/gallery-link.ts'

const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()

test.describe('the items of a stream', () => {
  test.use({ path: '/streams' })

  const rows = (page: Page): Locator => page.getByRole('list', { name: 'Tracks' }).getByRole('listitem')
  const row = (page: Page, id: number): Locator => page.locator(`#tracks-${id}`)
  const note = (page: Page, id: number): Locator => page.getByLabel(`Note on ${id}`, { exact: true })
  const titles = (page: Page, names: readonly (string | number)[]): Promise<void> =>
    expect(rows(page).locator('span.grow')).toHaveText(
      names.map((name) => (typeof name === 'number' ? `Track ${name}` : name)),
    )
  const keep = (page: Page, label: string): Promise<unknown> =>
    page.getByLabel('When more than five are there, an insert keeps').selectOption({ label })

  const steps: readonly { readonly does: readonly string[]; readonly shows: readonly (string | number)[] }[] = [
    { does: ['Append'], shows: [1, 2, 3, 4] },
    { does: ['Prepend', 'Prepend'], shows: [5, 4, 1, 2, 3] },
    { does: ['Insert two behind the first'], shows: [1, 4, 5, 2, 3] },
    { does: ['Rename 2'], shows: [1, 'Track 2, renamed', 3] },
    {
      does: ['Remove 2', 'Update 1 to 3, where they are'],
      shows: ['Track 1, played', 'Track 3, played'],
    },
    { does: ['Delete tracks-1'], shows: [2, 3] },
    { does: ['Delete tracks-1', 'Delete tracks-1'], shows: [2, 3] },
    { does: ['Move 3 to the top'], shows: [3, 1, 2] },
    { does: ['Move 1 to the top'], shows: [1, 2, 3] },
    { does: ['Reset to 3, 1 and a new one'], shows: [3, 1, 4] },
    { does: ['Clear', 'Append', 'Prepend'], shows: [5, 4] },
    { does: ['Append', 'Remove 4', 'Append', 'Remove 1'], shows: [2, 3, 5] },
  ]
  for (const { does, shows } of steps) {
    test(does.join(', '), async ({ page }) => {
      for (const name of does) {
        await press(page, name)
        await answered(page)
      }
      await titles(page, shows)
    })
  }

  test('items that stay keep their element, and what was typed into it', async ({ page }) => {
    for (const id of [1, 3]) {
      await mark(row(page, id), `row ${id}`)
      await note(page, id).fill(`About ${id}`)
    }
    for (const name of ['Append', 'Prepend', 'Insert two behind the first', 'Remove 2']) await press(page, name)
    await titles(page, [5, 6, 7, 1, 3, 4])
    await press(page, 'Reset to 3, 1 and a new one')
    await titles(page, [3, 1, 8])
    for (const id of [1, 3]) expect(await markOf(row(page, id))).toBe(`row ${id}`)
  })

  test('an update leaves the other items alone, and the focus where it is', async ({ page }) => {
    await note(page, 1).fill('About 1')
    await note(page, 3).fill('About 3')
    await note(page, 2).focus()
    await page.keyboard.type('About ')
    await page.getByRole('button', { name: 'Rename 2' }).dispatchEvent('click')
    await titles(page, [1, 'Track 2, renamed', 3])
    await expect(note(page, 2)).toBeFocused()
    await page.keyboard.type('2')
    for (const id of [1, 2, 3]) await expect(note(page, id)).toHaveValue(`About ${id}`)
  })

  test('an item that moves to the top keeps its element', async ({ page }) => {
    await mark(row(page, 3), 'three')
    await press(page, 'Move 3 to the top')
    await titles(page, [3, 1, 2])
    expect(await markOf(row(page, 3))).toBe('three')
  })

  test('an insert sends that item alone', async ({ page, frames }) => {
    const before = frames.length
    await press(page, 'Append')
    await titles(page, [1, 2, 3, 4])
    const received = frames.slice(before).join('\n')
    expect(received).toContain('Track 4')
    expect(received).not.toContain('Track 3')
  })

  test('a limit keeps the first, or the last', async ({ page }) => {
    await keep(page, 'the last five')
    for (let count = 0; count < 4; count++) {
      await press(page, 'Append')
      await answered(page)
    }
    await titles(page, [3, 4, 5, 6, 7])
    await keep(page, 'the first five')
    await press(page, 'Prepend')
    await titles(page, [8, 3, 4, 5, 6])
    await answered(page)
    await press(page, 'Insert two behind the first')
    await titles(page, [8, 9, 10, 3, 4])
    await answered(page)
    await press(page, 'Append')
    await answered(page)
    await titles(page, [8, 9, 10, 3, 4])
    await keep(page, 'all of them')
    await press(page, 'Append')
    await titles(page, [8, 9, 10, 3, 4, 12])
  })

  test('the page says when there is nothing, and only then', async ({ page }) => {
    const empty = page.getByText('No tracks.')
    await expect(empty).toBeHidden()
    await press(page, 'Clear')
    await expect(empty).toBeVisible()
    await press(page, 'Append')
    await expect(empty).toBeHidden()
    await press(page, 'Remove 4')
    await expect(empty).toBeVisible()
  })

  test('after a reconnect the page has what the server gives it anew, and goes on', async ({ page, reconnect }) => {
    for (const name of ['Append', 'Remove 1', 'Rename 2']) await press(page, name)
    await titles(page, ['Track 2, renamed', 3, 4])
    await reconnect()
    await titles(page, [1, 2, 3])
    await press(page, 'Prepend')
    await titles(page, [4, 1, 2, 3])
    await press(page, 'Move 2 to the top')
    await titles(page, [2, 4, 1, 3])
  })
})

test.describe('streams and components', () => {
  test.use({ path: '/streams/components' })

  const messages = (page: Page, name: string): Locator =>
    page.getByRole('list', { name: `${name} messages` }).locator('li:not(.empty)')
  const say = async (page: Page, to: string, text: string): Promise<void> => {
    await page.getByLabel(`Say to ${to}`).fill(text)
    await page.keyboard.press('Enter')
  }
  const tasks = (page: Page): Locator => page.getByRole('list', { name: 'Tasks' }).getByRole('listitem')
  const step = (page: Page, name: string): Promise<void> => press(page, `Step of ${name}`)

  test('two components of a kind have a stream each', async ({ page }) => {
    const nothing = page.getByText('Nothing said yet.').filter({ visible: true })
    await expect(nothing).toHaveCount(2)
    await say(page, 'Left', 'one')
    await expect(messages(page, 'Left')).toContainText(['one'])
    await expect(nothing).toHaveCount(1)
    await expect(page.getByLabel('Say to Left')).toBeFocused()
    await expect(page.getByLabel('Say to Left')).toHaveValue('')
    await page.keyboard.type('two')
    await page.keyboard.press('Enter')
    await expect(messages(page, 'Left')).toContainText(['one', 'two'])
    // The new input takes the focus when it comes, also from another one that is typed into by then.
    await expect(page.getByLabel('Say to Left')).toHaveValue('')
    await expect(page.getByLabel('Say to Left')).toBeFocused()
    await say(page, 'Right', 'three')
    await expect(messages(page, 'Right')).toContainText(['three'])
    await press(page, 'Delete one')
    await expect(messages(page, 'Left')).toContainText(['two'])
    await press(page, 'Delete three')
    await expect(messages(page, 'Right')).toHaveCount(0)
    await expect(nothing).toHaveCount(1)
  })

  test('items that are components have a state, and keep it when they move', async ({ page }) => {
    await step(page, 'Task 2')
    await expect(tasks(page)).toContainText(['0 steps', '1 steps'])
    await step(page, 'Task 2')
    await expect(tasks(page)).toContainText(['0 steps', '2 steps'])
    await mark(tasks(page).last(), 'two')
    await press(page, 'Move Task 2 to the top')
    await expect(tasks(page)).toContainText(['Task 2 2 steps', 'Task 1 0 steps'])
    expect(await markOf(tasks(page).first())).toBe('two')
    await press(page, 'Add a task')
    await expect(tasks(page)).toContainText(['Task 2', 'Task 1', 'Task 3 0 steps'])
    await step(page, 'Task 3')
    await step(page, 'Task 1')
    await press(page, 'Rename the first')
    await expect(tasks(page)).toContainText(['Task 2 2 steps', 'The very first task 1 steps', 'Task 3 1 steps'])
  })

  test('one that was removed is gone, and the others go on', async ({ page }) => {
    await press(page, 'Remove Task 1')
    await expect(tasks(page)).toContainText(['Task 2'])
    await answered(page)
    await press(page, 'Add a task')
    await step(page, 'Task 3')
    await step(page, 'Task 2')
    await expect(tasks(page)).toContainText(['Task 2 1 steps', 'Task 3 1 steps'])
    // It is a new one: the server has forgotten the steps of before.
    await press(page, 'Rename the first')
    await expect(tasks(page)).toContainText(['Task 2', 'Task 3', 'The very first task 0 steps'])
    await step(page, 'The very first task')
    await expect(tasks(page).last()).toContainText('1 steps')
  })

  test('after a reconnect all of them are there and alive', async ({ page, reconnect }) => {
    await say(page, 'Left', 'one')
    await press(page, 'Add a task')
    await expect(tasks(page)).toHaveCount(3)
    await reconnect()
    await expect(tasks(page)).toContainText(['Task 1 0 steps', 'Task 2 0 steps'])
    await expect(messages(page, 'Left')).toHaveCount(0)
    await step(page, 'Task 2')
    await expect(tasks(page).last()).toContainText('1 steps')
    await say(page, 'Right', 'again')
    await expect(messages(page, 'Right')).toContainText(['again'])
  })
})

test.describe('a stream that loads', () => {
  test.use({ path: '/streams/async', serverErrors: /the search is out of order/ })

  const found = (page: Page): Locator => page.getByRole('list', { name: 'Found' }).getByRole('listitem')
  const status = (page: Page): Locator => page.getByRole('main').getByRole('status')

  test('says that it loads, shows what came, and keeps that while it loads again', async ({ page }) => {
    await expect(status(page)).toHaveText('Found.')
    await expect(found(page)).toHaveText(['Track 11', 'Track 12', 'Track 13'])
    await press(page, 'Search for more')
    await expect(status(page)).toHaveText('Searching again…')
    await expect(found(page)).toHaveCount(3)
    await expect(found(page)).toHaveText([11, 12, 13, 21, 22, 23].map((id) => `Track ${id}`))
    await press(page, 'Search anew')
    await expect(status(page)).toHaveText('Searching…')
    await expect(found(page)).toHaveCount(6)
    await expect(found(page)).toHaveText(['Track 31', 'Track 32', 'Track 33'])
    await expect(status(page)).toHaveText('Found.')
  })

  test('the newest search wins', async ({ page }) => {
    await expect(status(page)).toHaveText('Found.')
    await press(page, 'Search anew')
    await press(page, 'Search for more')
    await expect(found(page)).toHaveText([11, 12, 13, 31, 32, 33].map((id) => `Track ${id}`))
    await expect(status(page)).toHaveText('Found.')
  })

  test('a failure is told, and what was found stays', async ({ page }) => {
    await expect(status(page)).toHaveText('Found.')
    await press(page, 'Search in vain')
    await expect(status(page)).toHaveText('The last search failed; this was found before.')
    await expect(found(page)).toHaveCount(3)
    await press(page, 'Search anew')
    await expect(status(page)).toHaveText('Found.')
  })

  test('after a reconnect it loads again', async ({ page, reconnect }) => {
    await press(page, 'Search for more')
    await expect(found(page)).not.toHaveCount(0)
    await reconnect()
    await expect(status(page)).toHaveText('Found.')
    await expect(found(page)).toHaveText(['Track 11', 'Track 12', 'Track 13'])
  })
})
