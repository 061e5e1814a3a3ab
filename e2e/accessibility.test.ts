/** What axe finds on the pages of the examples: nothing. */
import { App } from './support/app.ts'
import { findings } from './support/axe.ts'
import { expect, test } from '@playwright/test'

for (const example of ['gallery', 'photo-album']) {
  const tag = example === 'gallery' ? ['@slow'] : []
  test(`each page of the ${example} is fit for everybody`, { tag }, async ({ page }) => {
    test.setTimeout(180_000)
    const app = await App.createExample(example)
    await app.start()
    try {
      await page.goto(app.url)
      const links = await page
        .locator('nav a[href^="/"]')
        .evaluateAll((all) => all.map((link) => link.getAttribute('href')!))
      const found: Record<string, readonly string[]> = {}
      for (const path of new Set(['/', ...links])) {
        await page.goto(app.url + path)
        await expect(page.locator('[data-phx-main].phx-connected')).toBeAttached()
        const here = await findings(page)
        if (here.length > 0) found[path] = here
      }
      expect(found).toEqual({})
    } finally {
      await app.end('SIGKILL')
      await app.remove()
    }
  })
}
