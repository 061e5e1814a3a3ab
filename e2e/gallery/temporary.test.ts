import { expect, test } from '../support/gallery.ts'

test.use({ path: '/temporary' })

test('the page keeps the text while the server has forgotten it, and gets the next one', async ({ page, frames }) => {
  const story = page.getByLabel('Text')
  await expect(story).toContainText('Departure, line 400.')
  await expect(page.getByRole('definition').nth(1)).toHaveText('nothing')
  await expect(story).toContainText('Departure, line 400.')
  await page.getByRole('button', { name: 'Next chapter' }).click()
  await expect(story).toContainText('The storm, line 400.')
  await expect(story).not.toContainText('Departure')
  // What the ticks of the clock cost.
  const text = await page.getByLabel('Seconds').textContent()
  const sent = frames.length
  await expect(page.getByLabel('Seconds')).not.toHaveText(text!)
  for (const frame of frames.slice(sent)) expect(frame.length).toBeLessThan(200)
  await expect(story).toContainText('The storm, line 400.')
})
