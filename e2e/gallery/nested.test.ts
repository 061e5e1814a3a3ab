import type { Locator, Page } from '@playwright/test'
import { documentId, expect, mark, markOf, reconnect, test } from '../support/gallery.ts'

test.use({ path: '/nested' })

const lamp = (page: Page, name: string): Locator => page.getByRole('region', { name: `${name} lamp` })

async function joined(page: Page, ...names: readonly string[]): Promise<void> {
  for (const name of names)
    await expect(page.locator('.phx-connected', { has: lamp(page, name) }).last()).toBeAttached()
}

test('each view has a state of its own, and none is drawn anew by another', async ({ page }) => {
  await joined(page, 'Hall', 'Kitchen', 'Shelf')
  await mark(lamp(page, 'Kitchen'), 'as it was')
  await lamp(page, 'Hall').getByRole('button', { name: 'Switch' }).click()
  await expect(lamp(page, 'Hall')).toContainText('on switched 1 times')
  await page.getByRole('button', { name: 'Visit' }).click()
  await page.getByRole('button', { name: 'Visit' }).click()
  await expect(page.getByLabel('Visits')).not.toHaveText('0')
  await expect(lamp(page, 'Hall')).toContainText('on switched 1 times')
  await expect(lamp(page, 'Kitchen')).toContainText('off switched 0 times')
  expect(await markOf(lamp(page, 'Kitchen'))).toBe('as it was')
})

test('what one publishes reaches the others, the one in a component too', async ({ page }) => {
  await joined(page, 'Hall', 'Kitchen', 'Shelf')
  await lamp(page, 'Kitchen').getByRole('button', { name: 'Light the others' }).click()
  await expect(lamp(page, 'Hall').getByRole('status')).toHaveText('on')
  await expect(lamp(page, 'Shelf').getByRole('status')).toHaveText('on')
  await expect(lamp(page, 'Kitchen').getByRole('status')).toHaveText('off')
})

test('the view in a component stays when the component is drawn anew', async ({ page }) => {
  await joined(page, 'Shelf')
  await lamp(page, 'Shelf').getByRole('button', { name: 'Switch' }).click()
  await expect(lamp(page, 'Shelf')).toContainText('on switched 1 times')
  await page.getByRole('button', { name: 'Rename' }).click()
  await expect(page.getByText('A shelf with a new name')).toBeVisible()
  await expect(lamp(page, 'Shelf')).toContainText('on switched 1 times')
  await lamp(page, 'Shelf').getByRole('button', { name: 'Switch' }).click()
  await expect(lamp(page, 'Shelf')).toContainText('off switched 2 times')
})

test('a view may be the item of a list', async ({ page }) => {
  await joined(page, 'Gate', 'Pond')
  const items = page.getByRole('list', { name: 'Garden' }).locator('> li.grow.phx-connected')
  await expect(items).toHaveCount(2)
  await lamp(page, 'Pond').getByRole('button', { name: 'Switch' }).click()
  await expect(items.last()).toContainText('on switched 1 times')
  await page.getByRole('button', { name: 'Visit' }).click()
  await expect(items.last()).toContainText('on switched 1 times')
  await expect(items).toHaveCount(2)
})

test('a view that comes later lives, ends when it goes, and comes back as new', async ({ page }) => {
  await page.getByRole('button', { name: 'Open the cellar' }).click()
  await joined(page, 'Cellar')
  await lamp(page, 'Cellar').getByRole('button', { name: 'Switch' }).click()
  await expect(lamp(page, 'Cellar')).toContainText('on switched 1 times')
  await page.getByRole('button', { name: 'Close the cellar' }).click()
  await expect(lamp(page, 'Cellar')).toHaveCount(0)
  await page.getByRole('button', { name: 'Open the cellar' }).click()
  await expect(lamp(page, 'Cellar')).toContainText('off switched 0 times')
  await lamp(page, 'Cellar').getByRole('button', { name: 'Switch' }).click()
  await expect(lamp(page, 'Cellar')).toContainText('on switched 1 times')
})

test.describe('a view that crashes', () => {
  test.use({ serverErrors: /the Hall lamp has burnt through/, consoleErrors: /view crashed/ })

  test('does so alone, and comes back by itself', async ({ page }) => {
    const before = await documentId(page)
    await joined(page, 'Hall', 'Kitchen')
    await lamp(page, 'Kitchen').getByRole('button', { name: 'Switch' }).click()
    await lamp(page, 'Hall').getByRole('button', { name: 'Switch' }).click()
    await expect(lamp(page, 'Hall')).toContainText('on switched 1 times')
    await lamp(page, 'Hall').getByRole('button', { name: 'Crash' }).click()
    await expect(lamp(page, 'Hall')).toContainText('off switched 0 times')
    await lamp(page, 'Hall').getByRole('button', { name: 'Switch' }).click()
    await expect(lamp(page, 'Hall')).toContainText('on switched 1 times')
    await expect(lamp(page, 'Kitchen')).toContainText('on switched 1 times')
    expect(await documentId(page)).toBe(before)
  })
})

test('all of them come back after the connection was lost', async ({ page }) => {
  await joined(page, 'Hall', 'Kitchen', 'Shelf')
  await lamp(page, 'Hall').getByRole('button', { name: 'Switch' }).click()
  await expect(lamp(page, 'Hall')).toContainText('on switched 1 times')
  const before = await documentId(page)
  await reconnect(page)
  await expect(lamp(page, 'Hall')).toContainText('off switched 0 times')
  for (const name of ['Hall', 'Kitchen', 'Shelf']) {
    await lamp(page, name).getByRole('button', { name: 'Switch' }).click()
    await expect(lamp(page, name)).toContainText('on switched 1 times')
  }
  expect(await documentId(page)).toBe(before)
})

test.describe('views in places that come and go', () => {
  test.use({ path: '/nested/places' })

  const living = (page: Page): Locator => page.getByLabel('Living')
  const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()

  async function lives(page: Page, name: string): Promise<void> {
    await joined(page, name)
    await lamp(page, name).getByRole('button', { name: 'Switch' }).click()
    await expect(lamp(page, name)).toContainText('on switched 1 times')
  }

  test('keyed rows: they move with their rows, and go with them', async ({ page }) => {
    await expect(living(page)).toHaveText('4')
    await lives(page, 'row-b')
    await mark(lamp(page, 'row-b'), 'as it was')
    await press(page, 'Turn the rows')
    const names = page.getByRole('list', { name: 'Rows' }).getByRole('heading', { level: 3 })
    await expect(names).toHaveText(['row-c', 'row-b', 'row-a'])
    await expect(lamp(page, 'row-b')).toContainText('on switched 1 times')
    expect(await markOf(lamp(page, 'row-b'))).toBe('as it was')
    await press(page, 'Drop b')
    await expect(living(page)).toHaveText('3')
    await expect(names).toHaveText(['row-c', 'row-a'])
    await lives(page, 'row-a')
  })

  test('items of a stream: they end with their items, and come back as new', async ({ page }) => {
    await expect(living(page)).toHaveText('4')
    await lives(page, 'item-1')
    await press(page, 'Put item 1')
    await press(page, 'Add an item')
    await expect(living(page)).toHaveText('5')
    await expect(lamp(page, 'item-1')).toContainText('on switched 1 times')
    await press(page, 'Remove 1')
    await expect(living(page)).toHaveText('4')
    await press(page, 'Put item 1')
    await expect(living(page)).toHaveText('5')
    await lives(page, 'item-1')
    await press(page, 'Clear the items')
    await expect(living(page)).toHaveText('3')
    await press(page, 'Put item 1')
    await lives(page, 'item-1')
    await lives(page, 'row-a')
  })

  test('a portal: it ends when that closes, and comes back as new', async ({ page }) => {
    for (const _ of [1, 2]) {
      await press(page, 'Open the garden')
      await expect(living(page)).toHaveText('5')
      await lives(page, 'garden')
      await press(page, 'Close the garden')
      await expect(lamp(page, 'garden')).toHaveCount(0)
      await expect(living(page)).toHaveText('4')
    }
  })

  test.describe('in a view that crashes', () => {
    test.use({ serverErrors: /the house has burnt down/, consoleErrors: /view crashed/ })

    test('they are mounted anew with it, and their forms are filled in again', async ({ page }) => {
      const before = await documentId(page)
      await expect(living(page)).toHaveText('4')
      await lives(page, 'row-a')
      await page.getByLabel('A note on the door').fill('keep this')
      await expect(page.getByLabel('Note', { exact: true })).toHaveText('keep this')
      await press(page, 'Crash the house')
      await expect(lamp(page, 'row-a')).toContainText('off switched 0 times')
      await expect(living(page)).toHaveText('4')
      await expect(page.getByLabel('A note on the door')).toHaveValue('keep this')
      await expect(page.getByLabel('Note', { exact: true })).toHaveText('keep this')
      for (const name of ['row-a', 'item-1']) await lives(page, name)
      expect(await documentId(page)).toBe(before)
    })
  })
})
