/** Downloads beside what else a page does, from another site, and with the official client alone. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Download, Page } from '@playwright/test'
import { build } from 'esbuild'
import { photo } from './support/files.ts'
import { withOfficialClient } from './support/official-client.ts'
import { expect, test } from './support/test.ts'

const kB = 1000

async function saved(page: Page, button: string): Promise<Download> {
  const started = page.waitForEvent('download')
  await page.getByRole('button', { name: button }).click()
  return started
}

async function expectReport(page: Page): Promise<void> {
  const download = await saved(page, 'Report')
  expect(download.suggestedFilename()).toBe('report.txt')
  expect(await readFile(await download.path(), 'utf8')).toBe('a report')
}

test('a file that is being sent goes on, by the same request', async ({ album, link, page }) => {
  let parts = 0
  page.on('request', (request) => {
    if (request.method() === 'PATCH') parts++
  })
  await album.open('/downloads')
  link.up.rate = 300 * kB
  await album.choose(photo('big.png', 1500 * kB))
  await album.moving('big.png')
  await expectReport(page)
  await album.clickPing()
  await expect.poll(() => album.progress('big.png')).toBe(100)
  expect(parts).toBe(1)
})

/** Runs `act` with another site, which answers all with `listener`. */
async function withSite(listener: RequestListener, act: (url: string) => Promise<void>): Promise<void> {
  const site = createServer(listener).listen(0, '127.0.0.1')
  await once(site, 'listening')
  try {
    await act(`http://127.0.0.1:${(site.address() as AddressInfo).port}/file`)
  } finally {
    site.closeAllConnections()
    site.close()
  }
}

test('another site’s file is saved, without a word to it of where it was asked for', ({ album, page }) => {
  const asked: (string | undefined)[] = []
  const listener: RequestListener = ({ headers: { referer, cookie } }, response) => {
    asked.push(referer, cookie)
    response.setHeader('content-disposition', 'attachment; filename=theirs.txt').end('of theirs')
  }
  return withSite(listener, async (url) => {
    await album.open(`/downloads?from=${encodeURIComponent(url)}`)
    const before = await album.documentId()
    const download = await saved(page, 'From elsewhere')
    expect(download.suggestedFilename()).toBe('theirs.txt')
    expect(await readFile(await download.path(), 'utf8')).toBe('of theirs')
    expect(asked).toEqual([undefined, undefined])
    await album.clickPing()
    expect(await album.documentId()).toBe(before)
  })
})

test.describe('another site that has no file', () => {
  test.use({ consoleErrors: true })

  test('does not become the page', ({ album, page }) => {
    const listener: RequestListener = (_, response) => {
      response.writeHead(403, { 'content-type': 'text/html' }).end('<h1>Expired</h1>')
    }
    return withSite(listener, async (url) => {
      await album.open(`/downloads?from=${encodeURIComponent(url)}`)
      const before = await album.documentId()
      const response = page.waitForResponse(url)
      await page.getByRole('button', { name: 'From elsewhere' }).click()
      expect((await response).status()).toBe(403)
      await album.clickPing()
      expect(await album.documentId()).toBe(before)
      await expect(page.getByText('Expired')).toHaveCount(0)
    })
  })
})

test('a page that makes the client of the official package by itself follows them by one call', async ({
  album,
  page,
}) => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { followDownloads } from 'liveloom/client'\nfollowDownloads()`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    write: false,
    format: 'iife',
  })
  const before = outputFiles[0]!.text
  // The one call brings nothing of the rest with it.
  expect(before.length).toBeLessThan(2 * kB)
  await withOfficialClient(page, { before })
  await album.open('/downloads')
  await expectReport(page)
  await album.clickPing()
})
