import type { Page } from '@playwright/test'
import { answered, documentId, expect, mark, markOf, reconnect, test } from '../support/gallery.ts'

test.use({ path: '/client-hooks' })

const chart = (page: Page) => page.getByRole('img', { name: /^A chart of/ })

test('the page allows no script without its nonce', async ({ page }) => {
  const response = await page.request.get('/client-hooks')
  const policy = response.headers()['content-security-policy']!
  const nonce = /'nonce-([^']+)'/.exec(policy)![1]!
  expect(policy).toContain(`script-src 'nonce-${nonce}'`)
  expect(policy).not.toContain('unsafe')
  const scripts = (await response.text()).match(/<script[^>]*>/g)!
  for (const script of scripts) expect(script).toContain(`nonce="${nonce}"`)
  expect(scripts.filter((script) => script.includes('data-phx-runtime-hook'))).toHaveLength(4)
})

test('what the server pushes reaches the hook, and patches leave its element alone', async ({ page }) => {
  await expect(chart(page)).toHaveAccessibleName('A chart of 10, 40, 25')
  await mark(page.locator('#chart'), 'ours')
  await page.getByRole('button', { name: 'Another point' }).click()
  await expect(chart(page)).toHaveAccessibleName('A chart of 10, 40, 25, 21')
  await expect(page.getByText('4 points')).toBeVisible()
  expect(await markOf(page.locator('#chart'))).toBe('ours')
})

test('what a hook pushes is answered', async ({ page }) => {
  const answer = page.getByLabel('Answer')
  const ask = page.getByRole('button', { name: 'Ask for the sum' })
  await ask.click()
  await expect(answer).toHaveText('3')
  await page.getByLabel('First').fill('40')
  await ask.click()
  await expect(answer).toHaveText('42')
  await page.getByLabel('Second').fill('')
  await ask.click()
  await expect(answer).toHaveText('two numbers, please')
})

test('a component is told, and answers', async ({ page }) => {
  const answer = page.getByLabel('Answer')
  await page.getByLabel('First').fill('5')
  for (const total of [5, 10]) {
    await page.getByRole('button', { name: 'Tell the component' }).click()
    await expect(answer).toHaveText(`the component has ${total}`)
    await expect(page.getByText(`A component: ${total}`)).toBeVisible()
  }
})

test('an event may come before what it goes along with is shown, or after', async ({ page }) => {
  await page.getByRole('button', { name: 'Count' }).click()
  await expect(page.getByRole('list', { name: 'Noted' }).getByRole('listitem')).toHaveText(['before: 0', 'after: 1'])
})

test('a hook comes with a patch, and gives way to another of its name', async ({ page }) => {
  const paint = page.getByRole('button', { name: 'Paint' })
  for (const color of ['red', 'blue', 'red']) {
    await paint.click()
    await expect(page.getByText(`painted ${color}`)).toBeVisible()
    await answered(page)
  }
})

test('a hook and its script may stand in a portal, from the start or later', async ({ page }) => {
  await expect(page.getByText('The clock of the portal runs.')).toBeVisible()
  await page.getByRole('button', { name: 'Add a badge' }).click()
  await expect(page.getByText('The badge came later.')).toBeVisible()
  await answered(page)
  // A patch of what is in the portal leaves the hooks alone.
  await page.getByRole('button', { name: 'Count' }).click()
  await expect(page.getByLabel('Count')).toHaveText('1')
  await expect(page.getByText('The clock of the portal runs.')).toBeVisible()
  await expect(page.getByText('The badge came later.')).toBeVisible()
})

test('a hook comes with a live navigation', async ({ page }) => {
  const before = await documentId(page)
  await page.getByRole('link', { name: 'A second view' }).click()
  await expect(page.getByText('The hook of the second view says hello.')).toBeVisible()
  await page.getByRole('link', { name: 'Back' }).click()
  await expect(chart(page)).toHaveAccessibleName('A chart of 10, 40, 25')
  await page.getByRole('button', { name: 'Ask for the sum' }).click()
  await expect(page.getByLabel('Answer')).toHaveText('3')
  expect(await documentId(page)).toBe(before)
})

test.describe('a join that makes another hook’s script of a script', () => {
  test.use({ path: '/client-hooks/second' })

  test('has the new hook', async ({ page }) => {
    await expect(page.getByText('The hook of the second view says hello.')).toBeVisible()
  })
})

test('hooks are there again after a lost connection', async ({ page }) => {
  await page.getByRole('button', { name: 'Another point' }).click()
  await expect(chart(page)).toHaveAccessibleName('A chart of 10, 40, 25, 21')
  await reconnect(page)
  await expect(chart(page)).toHaveAccessibleName('A chart of 10, 40, 25')
  await page.getByRole('button', { name: 'Ask for the sum' }).click()
  await expect(page.getByLabel('Answer')).toHaveText('3')
})

test.describe('the life of a hook', () => {
  test.use({ path: '/client-hooks/life' })
  const called = (page: Page) => page.getByRole('list', { name: 'Called' }).getByRole('listitem')

  test('is told to it, from the first to the last', async ({ page }) => {
    await expect(called(page)).toHaveText(['mounted 1'])
    await page.getByRole('button', { name: 'Grow' }).click()
    await expect(called(page)).toHaveText(['mounted 1', 'beforeUpdate 1 to 2', 'updated 2'])
    await expect(page.locator('#life')).toHaveClass('badge good')
    await answered(page)
    await reconnect(page)
    // The view begins anew, and is as it was at first.
    const again = ['disconnected', 'beforeUpdate 2 to 1', 'updated 1', 'reconnected']
    await expect(called(page)).toHaveText(['mounted 1', 'beforeUpdate 1 to 2', 'updated 2', ...again])
    await expect(page.locator('#life')).toHaveClass('badge good')
    await page.getByRole('button', { name: 'End' }).click()
    await expect(called(page).last()).toHaveText('destroyed')
    await expect(page.locator('#life')).toHaveCount(0)
  })

  test('may begin in a script of one’s own', async ({ page }) => {
    await page.getByRole('button', { name: 'Shout' }).click()
    await expect(page.getByRole('button', { name: 'HELLO!' })).toBeVisible()
  })
})
