import { expect, test } from '../support/gallery.ts'

test.use({ path: '/telemetry' })

test('shows what views do, and how long it takes, those of other windows too', async ({ page, open }) => {
  const steps = page.getByRole('list', { name: 'Steps' }).getByRole('listitem')
  await page.getByRole('button', { name: 'An event of 0.3 s' }).click()
  const slow = steps.filter({ hasText: 'playground: slow' })
  await expect(slow).toHaveCount(1)
  expect(Number(/([\d.]+) ms/.exec((await slow.textContent())!)![1])).toBeGreaterThanOrEqual(299)
  const other = await open('/counter', 'other')
  await expect(steps.filter({ hasText: 'join' }).filter({ hasText: '/counter' })).toHaveCount(1)
  await other.locator('article button').first().click()
  await expect(steps.filter({ hasText: 'event' }).filter({ hasText: '/counter: ' }).first()).toBeVisible()
})

test('tells apart what an event, its component, the renders and the diff take', async ({ page }) => {
  const steps = page.getByRole('list', { name: 'Steps' }).getByRole('listitem')
  // What joining took has come by now: its diff is the last of it.
  await expect(steps.filter({ hasText: /join\s+playground/ })).toHaveCount(1)
  const before = await steps.count()
  await page.getByRole('button', { name: 'A quick event' }).click()
  await expect(steps).toHaveCount(before + 5)
  const texts = await steps.allTextContents()
  const words = texts.slice(0, 5).map((text) =>
    text
      .replaceAll(/\s+/g, ' ')
      .trim()
      .replace(/ [\d.]+ ms$/, ''),
  )
  expect(words).toEqual([
    'diff playground: 1 components',
    'render playground, counter',
    'update playground, counter',
    'render playground',
    'event playground: quick',
  ])
})

test('tells of async work and of uploads', async ({ page }) => {
  const steps = page.getByRole('list', { name: 'Steps' }).getByRole('listitem')
  await page.getByRole('button', { name: 'Async work' }).click()
  await expect(steps.filter({ hasText: 'playground: price is there' })).toHaveCount(1)
  await page.getByLabel('A file').setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('abc') })
  await page.getByRole('button', { name: 'Upload' }).click()
  for (const what of ['preflight', 'started', 'done', 'consumed']) {
    await expect(steps.filter({ hasText: `playground: files ${what}` })).toHaveCount(1)
  }
})
