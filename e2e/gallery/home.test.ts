/** The list of pages, and what holds for every page of it. */
import { groups } from '../../examples/gallery/pages.ts'
import { expect, test } from '../support/gallery.ts'

const pages = groups.flatMap(({ pages }) => pages)
const phone = { width: 390, height: 844 }
const desk = { width: 1280, height: 860 }

test('lists every page with its sentence, and leads to it', async ({ page }) => {
  const cards = page.getByRole('main').getByRole('link')
  await expect(cards).toHaveCount(pages.length)
  for (const { title, about } of pages) {
    await expect(cards.filter({ has: page.getByRole('heading', { name: title, exact: true }) })).toContainText(about)
  }
  await cards.first().click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(pages[0]!.title)
})

for (const { path, title, about } of pages) {
  test.describe(path, () => {
    test.use({ path })

    test('has its heading, its sentence, its source and its place in the list, and does not scroll sideways', async ({
      page,
    }) => {
      await expect(page).toHaveTitle(/ · Liveloom$/)
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(title)
      await expect(page.getByRole('main')).toContainText(about)
      await expect(page.locator('#pages [aria-current=page]')).toHaveText(title)

      const source = page.getByRole('link', { name: `pages${path}.ts` })
      const response = await page.request.get((await source.getAttribute('href'))!)
      expect(response.headers()['content-type']).toBe('text/plain; charset=utf-8')
      expect(await response.text()).toContain(`path: '${path}'`)

      for (const viewport of [phone, desk]) {
        await page.setViewportSize(viewport)
        const width = await page.evaluate(() => document.documentElement.scrollWidth)
        expect(width).toBeLessThanOrEqual(viewport.width)
      }
    })
  })
}

test.describe('on a phone', () => {
  test.use({ viewport: phone })

  test('the pages are behind a button', async ({ page }) => {
    const sidebar = page.getByRole('navigation', { name: 'Pages' })
    const button = page.getByRole('button', { name: 'Pages' })
    await expect(sidebar).toBeHidden()
    await button.click()
    await expect(sidebar).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(sidebar).toBeHidden()

    await button.click()
    await sidebar.getByRole('link', { name: 'Counter' }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Counter')
  })
})

test('the keyboard gets past the list of pages', async ({ page }) => {
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the page' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('main')).toBeFocused()
})

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`with ${colorScheme} colours`, () => {
    test.use({ colorScheme })

    test('text stands out from the paper', async ({ page }) => {
      const colors = page.locator('html').evaluate((html) => {
        const { color, backgroundColor } = getComputedStyle(html)
        return [color, backgroundColor].map((css) => {
          const [red, green, blue] = css.match(/\d+/g)!.map(Number)
          return 0.299 * red! + 0.587 * green! + 0.114 * blue!
        })
      })
      const [ink, paper] = (await colors) as [number, number]
      if (colorScheme === 'light') expect(paper - ink).toBeGreaterThan(150)
      else expect(ink - paper).toBeGreaterThan(150)
    })
  })
}
