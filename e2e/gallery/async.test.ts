import { answered, connected, expect, test } from '../support/gallery.ts'

test.use({ path: '/async' })

test.describe('a value that loads', () => {
  test('comes by itself, and stays while it is asked for again', async ({ page }) => {
    const card = page.getByRole('region', { name: 'Weather' })
    await expect(card.locator('p[role=status]')).toContainText(/Asking the weather station|Report/)
    await expect(card.getByLabel('Temperature')).toHaveText(/\d+ °C/)
    const first = await card.locator('p[role=status]').textContent()
    await card.getByRole('button', { name: 'Ask again' }).click()
    await expect(card.locator('p[role=status]')).toContainText('asking again…')
    await expect(card.getByLabel('Temperature')).toBeVisible()
    await expect(card.locator('p[role=status]')).not.toContainText('asking again…')
    expect(await card.locator('p[role=status]').textContent()).not.toBe(first)
  })

  test.describe('from a station that is broken', () => {
    // Each failed load is reported.
    test.use({ serverErrors: /The weather station does not answer/ })

    test(
      'keeps the last report, and says why there is no new one; a retry helps',
      { tag: '@slow' },
      async ({ page }) => {
        const card = page.getByRole('region', { name: 'Weather' })
        await expect(card.getByLabel('Temperature')).toBeVisible()
        await card.getByRole('button', { name: 'Break the station' }).click()
        await expect(card.getByRole('button', { name: 'Break the station' })).toHaveAttribute('aria-pressed', 'true')
        await card.getByRole('button', { name: 'Ask again' }).click()
        await expect(card.getByRole('alert')).toContainText('does not answer. This is the last report.')
        await expect(card.getByLabel('Temperature')).toBeVisible()

        await card.getByRole('button', { name: 'Forget and ask' }).click()
        await expect(card.locator('p[role=status]')).toHaveText('Asking the weather station…')
        await expect(card.getByLabel('Temperature')).toHaveCount(0)
        await expect(card.getByRole('alert')).toHaveText('The weather station does not answer.')

        await card.getByRole('button', { name: 'Break the station' }).click()
        await expect(card.getByRole('button', { name: 'Break the station' })).toHaveAttribute('aria-pressed', 'false')
        await card.getByRole('button', { name: 'Ask again' }).click()
        await expect(card.getByLabel('Temperature')).toBeVisible()
        await expect(card.getByRole('alert')).toHaveCount(0)
      },
    )
  })
})

test.describe('work beside the view', () => {
  test('reports its progress, and what it came to', async ({ page }) => {
    const card = page.getByRole('region', { name: 'Backup' })
    await card.getByRole('button', { name: 'Back up' }).click()
    await expect.poll(() => card.getByRole('progressbar').getAttribute('value').then(Number)).toBeGreaterThan(20)
    await expect(card.getByRole('status')).toHaveText('20 files are safe.')
    await expect(card.getByRole('button', { name: 'Cancel' })).toBeDisabled()
  })

  test('can be cancelled, and begun again', async ({ page }) => {
    const card = page.getByRole('region', { name: 'Backup' })
    await card.getByRole('button', { name: 'Back up' }).click()
    await expect(card.getByRole('progressbar')).toBeVisible()
    await answered(page)
    await card.getByRole('button', { name: 'Cancel' }).click()
    await expect(card.getByRole('status')).toHaveText('Cancelled.')
    await card.getByRole('button', { name: 'Back up' }).click()
    await expect(card.getByRole('status')).toHaveText('20 files are safe.')
  })

  test('that runs when the page is loaded anew is gone with its view', async ({ page }) => {
    const card = page.getByRole('region', { name: 'Backup' })
    await card.getByRole('button', { name: 'Back up' }).click()
    await expect(card.getByRole('progressbar')).toBeVisible()
    await page.reload()
    await connected(page)
    await expect(card.getByRole('status')).toHaveText('Nothing backed up yet.')
  })
})

test('a component loads values of its own, and each belongs to the newest work for it', async ({ page }) => {
  const tide = page.getByRole('region', { name: 'Tide' })
  const [height, turns] = [tide.getByLabel('Height'), tide.getByLabel('Turns')]
  await expect(height).toHaveText(/^\d+ cm$/)
  const before = parseInt((await height.textContent())!)
  await tide.getByRole('button', { name: 'Ask for both' }).click()
  await expect(turns).toHaveText(/…$/)
  await tide.getByRole('button', { name: 'Ask for the height' }).click()
  // The slow answer is the older one: it says when the tide turns, and nothing of the height.
  await expect(turns).toHaveText(`at ${before + 1} o’clock`)
  await expect(height).toHaveText(`${before + 2} cm`)
})

test('a component’s work is its own to stop', async ({ page }) => {
  const tide = page.getByRole('region', { name: 'Tide' })
  await tide.getByRole('button', { name: 'Count the fish' }).click()
  await expect(tide.getByRole('status').filter({ hasText: 'counting' })).toBeVisible()
  await tide.getByRole('button', { name: 'Stop' }).click()
  await expect(tide.getByText('stopped: the net is full')).toBeVisible()
})
