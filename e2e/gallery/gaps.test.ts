import { hasEngine } from '../../test/support/engines.ts'
import { App } from '../support/app.ts'
import { expect, test, visit } from '../support/gallery.ts'

test.describe('with a Redis', () => {
  test.skip(!hasEngine('redis'), 'there is no redis-server here')
  test.use({ path: '/gaps' })

  test('what is lost while the line is cut is read once it is back, in its place', async ({ page }) => {
    const rows = page.getByRole('list', { name: 'Headlines' }).getByRole('listitem')
    const fact = (name: string) => page.locator('dl > div').filter({ hasText: name }).locator('dd')
    await expect(rows.filter({ hasText: 'heard' }).first()).toBeVisible()
    const told = Number(await fact('Told of gaps').textContent())
    await page.getByRole('button', { name: 'Cut the line' }).click()
    await expect(page.getByRole('status')).toHaveText('hears nobody')
    await expect(page.getByRole('status')).toHaveText('hears')
    await expect(fact('Told of gaps')).toHaveText(String(told + 1))
    await expect(fact('Read after a gap')).toHaveText(/^[3-6]$/)
    // And from then on it hears.
    await expect(rows.first()).toContainText('heard')
    const numbers = (await rows.allTextContents()).map((text) => Number(/Number (\d+)/.exec(text)![1]))
    expect(numbers).toEqual(numbers.map((_, at) => numbers[0]! - at))
  })

  test('the dashboard shows the engine', async ({ page }) => {
    await visit(page, '/metrics')
    const part = page.getByRole('region', { name: 'Between processes' })
    const tile = (name: string) => part.locator('dl > div').filter({ hasText: name }).locator('dd')
    await expect(part.getByRole('heading', { level: 3 })).toHaveText('Redis')
    await expect(tile('Reached')).toHaveText('yes')
    await expect(tile('Lag p99')).toHaveText(/^[\d.]+ m?s$/)
    await expect(tile('Dropped')).toHaveText('0')
  })
})

test('without one the page says how to have it', async ({ page }) => {
  const app = await App.createExample('gallery')
  try {
    await app.start()
    await visit(page, `${app.url}/gaps`)
    await expect(page.getByRole('main')).toContainText('This gallery was started without a Redis.')
    await page.goto('about:blank')
  } finally {
    await app.end('SIGTERM')
    await app.remove()
  }
})
