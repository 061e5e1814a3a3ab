import type { Locator, Page } from '@playwright/test'
import { answered, expect, mark, markOf } from '../support/gallery.ts'
import { test } from '../support/gallery-link.ts'

test.use({ path: '/components' })

const cards = (page: Page): Locator => page.locator('#people > li')
const card = (page: Page, name: string): Locator => cards(page).filter({ hasText: name })
const order = (page: Page, names: readonly string[]): Promise<void> =>
  expect(cards(page).locator('strong')).toContainText([...names])
const like = (page: Page, name: string): Locator => page.getByRole('button', { name: `Like ${name}` })
const note = (page: Page, name: string): Locator => page.getByLabel(`Note on ${name}`)
const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()

test('each card has a state of its own', async ({ page }) => {
  await like(page, 'Ada').click()
  await like(page, 'Ada').click()
  await like(page, 'Ben').click()
  await expect(like(page, 'Ada')).toHaveText('♥ 2')
  await expect(like(page, 'Ben')).toHaveText('♥ 1')
  await expect(like(page, 'Cleo')).toHaveText('♥ 0')
})

test('an event of one component sends that component alone', async ({ page, frames }) => {
  // What the mount had sent to itself is through.
  await expect(page.getByText('Queries: one for 3')).toBeVisible()
  const before = frames.length
  await like(page, 'Ada').click()
  await expect(like(page, 'Ada')).toHaveText('♥ 1')
  const diffs = frames.slice(before).filter((frame) => frame.includes('"diff"'))
  expect(diffs).toHaveLength(1)
  const [, , , , { response }] = JSON.parse(diffs[0]!) as [0, 0, 0, 0, { response: { diff: { c: object } } }]
  expect(Object.keys(response.diff)).toEqual(['c'])
  expect(Object.keys(response.diff.c)).toHaveLength(1)
  expect(diffs[0]).not.toContain('Ada')
})

test('moved cards are the same elements, with their state, their text and the focus', async ({ page }) => {
  for (const name of ['Cleo', 'Ada', 'Ben']) {
    await mark(card(page, name), name)
    await like(page, name).click()
  }
  await note(page, 'Ada').fill('plays chess')
  await note(page, 'Ben').fill('half a wor')
  await note(page, 'Ben').focus()
  // Without a click, which would take the focus.
  await page.getByRole('button', { name: 'Reverse', exact: true }).dispatchEvent('click')
  await order(page, ['Ben', 'Dora', 'Ada', 'Cleo'])
  await page.getByRole('button', { name: 'Sort', exact: true }).dispatchEvent('click')
  await order(page, ['Ada', 'Ben', 'Cleo', 'Dora'])
  await expect(note(page, 'Ben')).toBeFocused()
  await page.keyboard.type('d')
  await expect(note(page, 'Ben')).toHaveValue('half a word')
  await expect(note(page, 'Ada')).toHaveValue('plays chess')
  for (const name of ['Cleo', 'Ada', 'Ben']) {
    expect(await markOf(card(page, name))).toBe(name)
    await expect(like(page, name)).toHaveText('♥ 1')
  }
  await expect(like(page, 'Dora')).toHaveText('♥ 0')
})

test('a selector as target reaches every component that it finds', async ({ page }) => {
  await like(page, 'Dora').click()
  await press(page, 'Like them all')
  await expect(like(page, 'Dora')).toHaveText('♥ 2')
  for (const name of ['Cleo', 'Ada', 'Ben']) await expect(like(page, name)).toHaveText('♥ 1')
})

test('a nested component keeps its own state and updates the one around it', async ({ page }) => {
  const star = (nth: number, name: string): Locator =>
    page.getByRole('button', { name: `${nth} of 3 stars for ${name}` })
  await star(2, 'Ada').click()
  await expect(card(page, 'Ada').locator('.badge')).toHaveText('2 of 3')
  await expect(card(page, 'Ben').locator('.badge')).toHaveText('0 of 3')
  await expect(star(2, 'Ada')).toHaveAttribute('aria-pressed', 'true')
  await expect(star(3, 'Ada')).toHaveAttribute('aria-pressed', 'false')
  await press(page, 'Reverse')
  await order(page, ['Ben', 'Dora', 'Ada', 'Cleo'])
  await star(3, 'Ben').click()
  await expect(card(page, 'Ben').locator('.badge')).toHaveText('3 of 3')
  await expect(card(page, 'Ada').locator('.badge')).toHaveText('2 of 3')
})

test('a component tells its view something', async ({ page }) => {
  const said = page.getByRole('log', { name: 'What they said' }).getByRole('listitem')
  await page.getByRole('button', { name: 'Greet Ada' }).click()
  await page.getByRole('button', { name: 'Greet Ben' }).click()
  await expect(said).toHaveText(['Ben says hello.', 'Ada says hello.'])
})

test('a removed card comes back as a new one, beside those that stayed', async ({ page }) => {
  for (const name of ['Ada', 'Ben']) await like(page, name).click()
  await note(page, 'Ada').fill('plays chess')
  await mark(card(page, 'Ben'), 'Ben')
  await page.getByRole('button', { name: 'Remove Ada' }).click()
  await order(page, ['Cleo', 'Dora', 'Ben'])
  await answered(page)
  await press(page, 'Bring everyone back')
  await order(page, ['Cleo', 'Dora', 'Ben', 'Ada'])
  await expect(like(page, 'Ada')).toHaveText('♥ 0')
  await expect(note(page, 'Ada')).toHaveValue('')
  await expect(like(page, 'Ben')).toHaveText('♥ 1')
  expect(await markOf(card(page, 'Ben'))).toBe('Ben')
  await like(page, 'Ada').click()
  await expect(like(page, 'Ada')).toHaveText('♥ 1')
  await page.getByRole('button', { name: '1 of 3 stars for Ada' }).click()
  await expect(card(page, 'Ada').locator('.badge')).toHaveText('1 of 3')
})

test('all of them can go and come back', async ({ page }) => {
  for (const name of ['Ada', 'Ben', 'Cleo', 'Dora']) await page.getByRole('button', { name: `Remove ${name}` }).click()
  await expect(cards(page)).toHaveCount(0)
  await press(page, 'Bring everyone back')
  await order(page, ['Cleo', 'Ada', 'Dora', 'Ben'])
  await press(page, 'Like them all')
  for (const name of ['Ada', 'Ben', 'Cleo', 'Dora']) await expect(like(page, name)).toHaveText('♥ 1')
})

test('updateMany loads for all that a render places, and again only for those that are new', async ({ page }) => {
  const shelves = page.getByRole('list', { name: 'Stock' }).getByRole('listitem')
  await expect(shelves).toHaveText([/Apples\s*12/, /Bread\s*3/, /Cheese\s*7/])
  await expect(page.getByText('Queries: one for 3')).toBeVisible()
  await press(page, 'Show more products')
  await expect(shelves).toHaveCount(6)
  await expect(shelves.last()).toHaveText(/Figs\s*0/)
  await expect(page.getByText('Queries: one for 3, one for 3')).toBeVisible()
})

test('sendUpdate reaches a component, at once and later', async ({ page }) => {
  const kettle = page.getByText('The kettle is')
  await expect(kettle).toHaveText('The kettle is cold.')
  await press(page, 'Boil water')
  await expect(kettle).toHaveText('The kettle is heating up.')
  await expect(kettle).toHaveText('The kettle is boiling.')
})

test('a template and a function as props show what the view knows, and keep being up to date', async ({ page }) => {
  const multiples = page.getByRole('list', { name: 'Table of multiples' }).getByRole('listitem')
  const toggle = page.getByRole('button', { name: 'What is inside' })
  await expect(multiples).toHaveCount(0)
  await toggle.click()
  await expect(toggle).toHaveAttribute('aria-expanded', 'true')
  await expect(multiples).toHaveText(['1 × 0 = 0', '2 × 0 = 0', '3 × 0 = 0'])
  await press(page, 'Press')
  await expect(multiples).toHaveText(['1 × 1 = 1', '2 × 1 = 2', '3 × 1 = 3'])
  await expect(page.getByText('The view counted 1 of its own presses.')).toBeVisible()
  await toggle.click()
  await expect(multiples).toHaveCount(0)
  await toggle.click()
  await press(page, 'Press')
  await expect(multiples).toHaveText(['1 × 2 = 2', '2 × 2 = 4', '3 × 2 = 6'])
})

test('after a reconnect all components are there, as they were, and alive', async ({ page, reconnect }) => {
  await press(page, 'Sort')
  await order(page, ['Ada', 'Ben', 'Cleo', 'Dora'])
  await note(page, 'Dora').fill('likes trains')
  await like(page, 'Dora').click()
  await expect(like(page, 'Dora')).toHaveText('♥ 1')
  await reconnect()
  await order(page, ['Ada', 'Ben', 'Cleo', 'Dora'])
  await expect(page.getByRole('list', { name: 'Stock' }).getByRole('listitem')).toHaveCount(3)
  await expect(like(page, 'Dora')).toHaveText('♥ 1')
  await expect(note(page, 'Dora')).toHaveValue('likes trains')
  await press(page, 'Like them all')
  await like(page, 'Dora').click()
  await expect(like(page, 'Dora')).toHaveText('♥ 3')
  await expect(note(page, 'Dora')).toHaveValue('likes trains')
  await page.getByRole('button', { name: '3 of 3 stars for Ben' }).click()
  await expect(card(page, 'Ben').locator('.badge')).toHaveText('3 of 3')
})
