import type { Locator, Page } from '@playwright/test'
import { type ChosenFile, photo, sha256 } from '../support/files.ts'
import { expect, test } from '../support/gallery.ts'

const address = '/without-javascript'
const input = (page: Page): Locator => page.getByLabel('Up to two pictures')
const send = (page: Page): Promise<void> => page.getByRole('button', { name: 'Send' }).click()
const sent = (page: Page, greeting: string): Locator =>
  page.getByRole('region', { name: 'Postcards' }).getByRole('listitem').filter({ hasText: greeting })

async function write(page: Page, greeting: string, ...files: readonly ChosenFile[]): Promise<void> {
  await page.getByLabel('Greeting').fill(greeting)
  await input(page).setInputFiles([...files])
}

/** The hashes of what a postcard shows, as the gallery serves it. */
async function picturesOf(page: Page, postcard: Locator): Promise<readonly string[]> {
  const images = await postcard.locator('img').all()
  return Promise.all(
    images.map(async (image) => sha256(await (await page.request.get((await image.getAttribute('src'))!)).body())),
  )
}

test.describe('with JavaScript', () => {
  test.use({ path: address })

  test('the form goes over the socket as ever, and its hidden field is nowhere', async ({ page, frames }) => {
    const files = [photo('sea.png'), photo('sky.png')]
    const requests: string[] = []
    page.on('request', (request) => void (request.method() === 'POST' && requests.push(request.url())))
    await write(page, 'From the socket', ...files)
    await expect(page.getByRole('list', { name: 'Chosen' }).getByRole('listitem')).toHaveCount(2)
    const rendered = frames.length
    await send(page)
    await expect(page.getByRole('status')).toHaveText('Your postcard is on its way.')
    expect(await picturesOf(page, sent(page, 'From the socket'))).toEqual(files.map(({ buffer }) => sha256(buffer)))
    expect(requests).toEqual([])
    // The field is as it was: no answer brings it anew.
    expect(frames.slice(rendered).join('')).not.toContain('_live_form')
  })
})

test.describe('without JavaScript', () => {
  test.use({ path: '', javaScriptEnabled: false, consoleErrors: /status of 422/ })

  test('a postcard with two pictures is sent, byte for byte, and a reload sends nothing again', async ({ page }) => {
    await page.goto(address)
    const files = [photo('sea.png', 400_000), photo('sky.png', 300_000)]
    await write(page, 'Without a script', ...files)
    await send(page)
    await expect(page.getByRole('status')).toHaveText('Your postcard is on its way.')
    expect(await picturesOf(page, sent(page, 'Without a script'))).toEqual(files.map(({ buffer }) => sha256(buffer)))
    await page.reload()
    await expect(sent(page, 'Without a script')).toHaveCount(1)
    await expect(page.getByRole('status')).toHaveCount(0)
  })

  test('a picture that is too large is refused, and what was typed stays', async ({ page }) => {
    await page.goto(address)
    await write(page, 'Too much', photo('huge.png', 6 * 1024 * 1024))
    const answer = page.waitForResponse((response) => response.request().method() === 'POST')
    await send(page)
    expect((await answer).status()).toBe(422)
    await expect(page.getByRole('alert')).toHaveText('Larger than 5 MB')
    await expect(page.getByLabel('Greeting')).toHaveValue('Too much')
    await expect(sent(page, 'Too much')).toHaveCount(0)
    // A smaller one, and it goes.
    await write(page, 'Just enough', photo('small.png'))
    await send(page)
    await expect(sent(page, 'Just enough').locator('img')).toHaveCount(1)
  })

  test('what the handler finds wrong shows as well', async ({ page }) => {
    await page.goto(address)
    await write(page, 'x', photo('sea.png'))
    await send(page)
    await expect(page.getByRole('alert')).toHaveText('Write at least two letters')
    await expect(page.getByLabel('Greeting')).toHaveValue('x')
  })
})
