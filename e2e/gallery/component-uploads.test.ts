import type { Locator, Page } from '@playwright/test'
import { type ChosenFile, photo, sha256, text } from '../support/files.ts'
import { expect } from '../support/gallery.ts'
import { test } from '../support/gallery-link.ts'

test.use({ path: '/component-uploads' })

interface Box {
  readonly input: Locator
  readonly chosen: Locator
  readonly saved: Locator
  readonly save: () => Promise<void>
  readonly choose: (...files: readonly ChosenFile[]) => Promise<void>
}

function box(page: Page, title: string): Box {
  const input = page.getByLabel(`Pictures for ${title}`)
  return {
    input,
    chosen: page.getByRole('list', { name: `Chosen for ${title}` }).getByRole('listitem'),
    saved: page.getByRole('list', { name: `Saved for ${title}` }).getByRole('listitem'),
    save: () => page.getByRole('region', { name: title }).getByRole('button', { name: 'Save' }).click(),
    choose: (...files) => input.setInputFiles([...files]),
  }
}

/** The bytes that a box saved, as the gallery serves them. */
async function bytesOf(page: Page, saved: Locator): Promise<string> {
  const response = await page.request.get((await saved.getByRole('link').getAttribute('href'))!)
  return sha256(await response.body())
}

test('a picture is chosen, previewed and saved, byte for byte', async ({ page }) => {
  const cover = box(page, 'Cover')
  const file = photo('sea.png')
  await cover.choose(file)
  await expect(cover.chosen).toContainText(['sea.png'])
  await expect(cover.chosen.locator('img')).toHaveAttribute('src', /^blob:/)
  await expect(box(page, 'Portrait').chosen).toHaveCount(0)
  await cover.save()
  await expect(cover.saved).toHaveCount(1)
  await expect(cover.chosen).toHaveCount(0)
  await expect(box(page, 'Portrait').saved).toHaveCount(0)
  expect(await bytesOf(page, cover.saved)).toBe(sha256(file.buffer))
})

test('two boxes send at the same time, and each gets its own', async ({ page, link }) => {
  const [cover, portrait] = [box(page, 'Cover'), box(page, 'Portrait')]
  const files = [photo('sea.png', 400_000), photo('face.png', 300_000)] as const
  await cover.choose(files[0])
  await portrait.choose(files[1])
  link.limit(200_000)
  await cover.save()
  await portrait.save()
  for (const { chosen } of [cover, portrait]) {
    await expect
      .poll(() => chosen.getByRole('progressbar').evaluate((bar: HTMLProgressElement) => bar.value))
      .toBeGreaterThan(0)
  }
  // Both are under way: neither has waited for the other.
  for (const { saved } of [cover, portrait]) await expect(saved).toHaveCount(0)
  link.limit(Infinity)
  await expect(cover.saved).toHaveCount(1)
  await expect(portrait.saved).toHaveCount(1)
  expect(await bytesOf(page, cover.saved)).toBe(sha256(files[0].buffer))
  expect(await bytesOf(page, portrait.saved)).toBe(sha256(files[1].buffer))
})

test('a chosen picture is cancelled, and the other one is saved', async ({ page }) => {
  const portrait = box(page, 'Portrait')
  const kept = photo('kept.png')
  await portrait.choose(photo('not.png'), kept)
  await expect(portrait.chosen).toHaveCount(2)
  await page.getByRole('button', { name: 'Cancel not.png' }).click()
  await expect(portrait.chosen).toContainText(['kept.png'])
  await portrait.save()
  await expect(portrait.saved).toHaveCount(1)
  expect(await bytesOf(page, portrait.saved)).toBe(sha256(kept.buffer))
})

test('a picture on its way is cancelled, and leaves nothing', async ({ page, link, unfinished }) => {
  const cover = box(page, 'Cover')
  await cover.choose(photo('big.png', 2_000_000))
  link.limit(200_000)
  await cover.save()
  await expect.poll(() => unfinished()).toHaveLength(1)
  await page.getByRole('button', { name: 'Cancel big.png' }).click()
  await expect(cover.chosen).toHaveCount(0)
  await expect.poll(() => unfinished()).toEqual([])
  link.limit(Infinity)
  const next = photo('next.png')
  await cover.choose(next)
  await cover.save()
  await expect(cover.saved).toHaveCount(1)
  expect(await bytesOf(page, cover.saved)).toBe(sha256(next.buffer))
})

test('what a box does not take is told in that box', async ({ page }) => {
  const cover = box(page, 'Cover')
  await cover.choose(text('notes.txt'))
  await expect(cover.chosen.getByRole('alert')).toBeVisible()
  await expect(cover.chosen.locator('img')).toHaveCount(0)
  await page.getByRole('button', { name: 'Cancel notes.txt' }).click()
  await expect(cover.chosen).toHaveCount(0)
  await cover.choose(photo('1.png'), photo('2.png'), photo('3.png'))
  await expect(page.getByRole('region', { name: 'Cover' }).locator('form').getByRole('alert')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Portrait' }).getByRole('alert')).toHaveCount(0)
})

test('after a reconnect both boxes have what was chosen, and take pictures', async ({ page, reconnect }) => {
  const [cover, portrait] = [box(page, 'Cover'), box(page, 'Portrait')]
  const kept = photo('kept.png')
  await cover.choose(kept)
  await expect(cover.chosen).toHaveCount(1)
  await reconnect()
  await expect(cover.chosen).toHaveCount(1)
  await portrait.choose(photo('next.png'))
  for (const { save, saved } of [cover, portrait]) {
    await save()
    await expect(saved).toHaveCount(1)
  }
  expect(await bytesOf(page, cover.saved)).toBe(sha256(kept.buffer))
})
