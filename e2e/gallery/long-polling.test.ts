import { expect, test, visit } from '../support/gallery.ts'

test.use({ path: '' })

for (const { path, transport, sockets } of [
  { path: '/long-polling', transport: 'WebSocket', sockets: 1 },
  { path: '/long-polling?poll', transport: 'long polling', sockets: 0 },
]) {
  test(`clicks and files go by ${transport}`, async ({ page }) => {
    let opened = 0
    page.on('websocket', () => opened++)
    await visit(page, path)
    await expect(page.locator('output[aria-label="Transport"]')).toHaveText(transport)
    await page.getByRole('button', { name: 'Count: 0' }).click()
    await page.getByRole('button', { name: 'Count: 1' }).click()
    await expect(page.getByRole('button', { name: 'Count: 2' })).toBeVisible()
    const buffer = Buffer.alloc(1_000_000, 'liveloom')
    await page.getByLabel('Files').setInputFiles({ name: 'million.bin', mimeType: 'application/octet-stream', buffer })
    await page.getByRole('button', { name: 'Send' }).click()
    await expect(page.getByLabel('Received')).toHaveText('1000000')
    expect(opened).toBe(sockets)
  })
}
