import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { photo } from '../support/files.ts'
import { expect } from '../support/gallery.ts'
import { test } from '../support/gallery-link.ts'

test.use({ path: '/writers' })

test('a file is compressed and hashed while it comes, and nothing of it is stored', async ({ page }) => {
  const text = { name: 'sea.log', mimeType: 'text/plain', buffer: Buffer.from('the sea is calm\n'.repeat(50_000)) }
  const file = photo('sea.png', 300_000)
  await page.getByLabel('Files: Measured').setInputFiles([text, file])
  await page.getByRole('region', { name: 'Measured' }).getByRole('button', { name: 'Send' }).click()
  const rows = page.getByRole('list', { name: 'Measured files' }).getByRole('listitem')
  await expect(rows).toHaveCount(2)
  await expect(rows.first()).toContainText('sea.log: 781.3 KB, with gzip')
  expect(gzipSync(text.buffer).length).toBeLessThan(5000)
  await expect(rows.first()).toContainText(/with gzip [1-4]\.\d KB/)
  for (const [at, { buffer }] of [text, file].entries()) {
    const digest = createHash('sha256').update(buffer).digest('hex')
    await expect(rows.nth(at).locator('code')).toHaveAttribute('title', digest)
  }
})

test.describe('a writer that fails', () => {
  // The request that brings the bytes is answered with 410.
  test.use({ serverErrors: /the store is full/, consoleErrors: /410/ })

  test('fails its file; the submit is not sent, and the others go on without it', async ({ page }) => {
    const lost = page.getByRole('region', { name: 'A store that is full' })
    const chosen = page.getByRole('list', { name: 'Chosen: A store that is full' }).getByRole('listitem')
    const send = lost.getByRole('button', { name: 'Send' })
    await page
      .getByLabel('Files: A store that is full')
      .setInputFiles([photo('small.png', 50_000), photo('large.png', 400_000)])
    await send.click()
    await expect(chosen.filter({ hasText: 'large.png' }).getByRole('alert')).toHaveText(/.+/)
    // The form can be used again, and its file is there still.
    await expect(send).toBeEnabled()
    await expect(chosen).toHaveCount(2)
    await lost.getByRole('button', { name: 'Remove large.png' }).click()
    await expect(chosen).toHaveCount(1)
    await send.click()
    await expect(chosen).toHaveCount(0)
  })
})
