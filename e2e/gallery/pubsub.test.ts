import type { Locator, Page } from '@playwright/test'
import { expect, test } from '../support/gallery.ts'

test.use({ path: '/pubsub' })

const messages = (page: Page): Locator => page.getByRole('list', { name: /^Messages/ }).getByRole('listitem')

/** The gallery serves other tests of its worker too, and remembers what they said. */
let said = 0
function somethingNew(): string {
  return `Something new: ${test.info().testId} ${said++}`
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text)
  await page.getByRole('button', { name: 'Send' }).click()
}

test('what one window says, every window of the room shows, and one that comes later too', async ({ page, open }) => {
  const other = await open('/pubsub')
  const third = await open('/pubsub/lobby', 'same')
  const [question, answer] = [somethingNew(), somethingNew()]
  await page.getByLabel('Your name').fill('Ada')
  await say(page, question)
  for (const window of [page, other, third]) await expect(messages(window).first()).toHaveText(`Ada ${question}`)
  await other.getByLabel('Your name').fill('Ben')
  await say(other, answer)
  for (const window of [page, other, third]) {
    await expect(messages(window).first()).toHaveText(`Ben ${answer}`)
    await expect(messages(window).nth(1)).toHaveText(`Ada ${question}`)
  }
  const late = await open('/pubsub')
  await expect(messages(late).first()).toHaveText(`Ben ${answer}`)
})

test('another room hears nothing of it', async ({ page, open }) => {
  const other = await open('/pubsub/workshop')
  const [here, there] = [somethingNew(), somethingNew()]
  await say(page, here)
  await expect(messages(page).first()).toContainText(here)
  await say(other, there)
  await expect(messages(other).first()).toContainText(there)
  await expect(messages(other).filter({ hasText: here })).toHaveCount(0)
  await expect(messages(page).filter({ hasText: there })).toHaveCount(0)
})

test('after a message the field is empty and keeps the focus, and the name stays', async ({ page }) => {
  const [first, second] = [somethingNew(), somethingNew()]
  await page.getByLabel('Your name').fill('Cleo')
  await page.getByLabel('Message', { exact: true }).fill(first)
  await page.keyboard.press('Enter')
  await expect(messages(page).first()).toContainText(first)
  await expect(page.getByLabel('Message', { exact: true })).toHaveValue('')
  await expect(page.getByLabel('Message', { exact: true })).toBeFocused()
  await page.keyboard.type(second)
  await page.keyboard.press('Enter')
  await expect(messages(page).first()).toHaveText(`Cleo ${second}`)
})

test('what others say takes nothing from a message that is being written', async ({ page, open }) => {
  const other = await open('/pubsub')
  const news = somethingNew()
  await page.getByLabel('Your name').fill('Dora')
  await page.getByLabel('Message', { exact: true }).pressSequentially('Half a sen')
  await page.getByLabel('Your name').focus()
  await say(other, news)
  await expect(messages(page).first()).toContainText(news)
  await expect(page.getByLabel('Message', { exact: true })).toHaveValue('Half a sen')
  await expect(page.getByLabel('Your name')).toHaveValue('Dora')
})

test('a message without a text is refused, and says so', async ({ page }) => {
  await page.getByRole('button', { name: 'Send' }).click()
  await expect(page.getByRole('alert')).toHaveText('A message needs a name and a text.')
  await page.getByLabel('Message', { exact: true }).fill('x')
  await expect(page.getByRole('alert')).toBeEmpty()
})

test('markup in a message is text', async ({ page }) => {
  const text = `<img src=x onerror="document.title='hit'"> ${somethingNew()}`
  await say(page, text)
  await expect(messages(page).first()).toContainText(text)
  await expect(messages(page).first().locator('img')).toHaveCount(0)
})

test('a room that does not exist leads to the lobby', async ({ page }) => {
  await page.goto('/pubsub/cellar')
  await expect(page).toHaveURL('/pubsub')
  await expect(page.getByRole('link', { name: '#lobby' })).toHaveAttribute('aria-current', 'page')
})
