import { connected, documentId, expect, test } from '../support/gallery.ts'

test.use({
  path: '/failure',
  serverErrors: /The gallery failed on purpose/,
  consoleErrors: /view crashed|unable to join|failed/,
})

const places = [
  'handleEvent',
  'handleEvent, after a moment',
  'handleInfo',
  'render',
  'a component’s update',
  'a component’s handleEvent',
  'handleParams',
  'a timer',
  'handleAsync',
]

for (const place of places) {
  test(`a crash in ${place}: the page comes back by itself, with what was typed`, async ({ page, gallery, frames }) => {
    const before = await documentId(page)
    const joins = page.getByLabel('Joins')
    const first = Number(await joins.textContent())
    const field = page.getByLabel('Write something')
    await field.fill('keep this')
    await expect(page.getByLabel('Note', { exact: true })).toHaveText('keep this')
    await page.getByRole('button', { name: place, exact: true }).click()
    await expect(joins).toHaveText(String(first + 1))
    await connected(page)
    // The form was recovered: the field kept its text, and the new view was told of it.
    await expect(field).toHaveValue('keep this')
    await expect(page.getByLabel('Note', { exact: true })).toHaveText('keep this')
    expect(frames.filter((frame) => frame.includes('"phx_error"'))).toHaveLength(1)
    expect(await documentId(page), 'the page was not loaded anew').toBe(before)
    expect(gallery.output).toContain(`The gallery failed on purpose: ${place}`)
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByLabel('Saved')).toHaveText('keep this')
  })
}

test('while it is away, the page is marked as broken and as loading', async ({ page }) => {
  const seen = await page.evaluate(() => {
    const main = document.querySelector('[data-phx-main]')!
    const classes = new Set<string>()
    new MutationObserver(() => main.classList.forEach((name) => classes.add(name))).observe(main, { attributes: true })
    Object.assign(window, { classesSeen: classes })
    return [...main.classList]
  })
  expect(seen).toContain('phx-connected')
  const joins = page.getByLabel('Joins')
  const first = Number(await joins.textContent())
  await page.getByRole('button', { name: 'handleInfo' }).click()
  await expect(joins).toHaveText(String(first + 1))
  await connected(page)
  const classes = await page.evaluate(() => [...(window as unknown as { classesSeen: Set<string> }).classesSeen])
  expect(classes).toContain('phx-error')
  expect(classes).toContain('phx-loading')
})

test('what loads and fails is state', async ({ page, frames }) => {
  await page.getByRole('button', { name: 'Load a price' }).click()
  await expect(page.getByText('The gallery failed on purpose: the work of assignAsync')).toBeVisible()
  expect(frames.filter((frame) => frame.includes('"phx_error"'))).toEqual([])
})

test.describe('a nested view that cannot begin', () => {
  test.use({ path: '' })

  for (const way of ['by its address', 'by a link']) {
    test(`is given up, and the page around it lives (${way})`, async ({ page, frames }) => {
      await page.goto(way === 'by a link' ? '/failure' : '/failure/nested')
      if (way === 'by a link') await page.getByRole('link', { name: 'See one' }).click()
      const places = ['Broken', 'Inside the shelf'].map((name) => page.getByLabel(name, { exact: true }))
      for (const place of places) await expect(place.locator('.phx-connected:empty')).toBeAttached()
      await connected(page)
      const clicks = page.getByLabel('Clicks')
      await page.getByRole('button', { name: 'Click' }).click()
      await expect(clicks).toHaveText('1')
      await expect(page.getByLabel('Placed later').locator('.phx-connected:empty')).toBeAttached()
      await page.getByRole('button', { name: 'Click' }).click()
      await expect(clicks).toHaveText('2')
      await expect(page.locator('.phx-error')).toHaveCount(0)
      const tries = (id: string): number => frames.filter((sent) => sent.includes(`"lv:${id}","phx_reply"`)).length
      // The client drops at once what the page does not show yet.
      const first = way === 'by its address' ? 3 : 1
      expect([tries('broken'), tries('broken-later')]).toEqual([first, 3])
    })
  }
})
