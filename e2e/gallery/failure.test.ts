import { connected, documentId, expect, test } from '../support/gallery.ts'

test.use({
  path: '/failure',
  serverErrors: /The gallery failed on purpose/,
  consoleErrors: /view crashed|unable to join|failed|Failed to load resource/,
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

/** The rest ends in the same few lines. */
const telling: ReadonlySet<string> = new Set(['handleEvent', 'render', 'a component’s handleEvent', 'a timer'])

for (const place of places) {
  const tag = telling.has(place) ? [] : '@slow'
  test(
    `a crash in ${place}: the page comes back by itself, with what was typed`,
    { tag },
    async ({ page, gallery, frames }) => {
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
    },
  )
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
    const tag = way === 'by a link' ? [] : '@slow'
    test(`is given up, and the page around it lives (${way})`, { tag }, async ({ page, frames }) => {
      await page.goto(way === 'by a link' ? '/failure' : '/failure/nested')
      if (way === 'by a link') await page.getByRole('link', { name: 'See one' }).click()
      const places = ['Broken', 'Inside the shelf'].map((name) => page.getByLabel(name, { exact: true }))
      for (const place of places) await expect(place.locator('.phx-error > [data-liveloom-dead]')).toBeAttached()
      await connected(page)
      const clicks = page.getByLabel('Clicks')
      await page.getByRole('button', { name: 'Click' }).click()
      await expect(clicks).toHaveText('1')
      await expect(page.getByLabel('Placed later').locator('.phx-error > [data-liveloom-dead]')).toBeAttached()
      await page.getByRole('button', { name: 'Click' }).click()
      await expect(clicks).toHaveText('2')
      // What is dead does not look alive, and there is nothing in it to press.
      await expect(page.locator('.phx-error.phx-connected, .phx-error > :not(template)')).toHaveCount(0)
      const tries = (id: string): number => frames.filter((sent) => sent.includes(`"lv:${id}","phx_reply"`)).length
      // The client drops at once what the page does not show yet.
      const first = way === 'by its address' ? 3 : 1
      expect([tries('broken'), tries('broken-later')]).toEqual([first, 3])
    })
  }
})

test('a mount that throws over HTTP is an error page, with the status that the error carries', async ({
  page,
  gallery,
}) => {
  expect((await page.goto('/failure/mount'))?.status()).toBe(500)
  await expect(page.locator('[data-phx-main]')).toHaveCount(0)
  expect(gallery.output).toContain('The gallery failed on purpose: mount, over HTTP')
  const printed = gallery.output.length
  expect((await page.goto('/failure/missing'))?.status()).toBe(404)
  expect(gallery.output.slice(printed), 'a page that is not there is nobody’s mistake').toBe('')
})

test('a mount that throws only when connected: the page is shown, says that it is broken, and joins when it is loaded anew', async ({
  page,
  gallery,
}) => {
  const response = await page.goto('/failure/join')
  expect(response?.status()).toBe(200)
  await expect(page.getByText('This page was rendered over HTTP')).toBeVisible()
  await expect(page.locator('[data-phx-main]')).toHaveClass(/phx-error/)
  expect(gallery.output).toContain('The gallery failed on purpose: mount, only connected')
  await page.reload()
  await connected(page)
})

test('a shutdown that throws is reported, and the page is where it was sent', async ({ page, gallery, frames }) => {
  const joins = page.getByLabel('Joins')
  const first = Number(await joins.textContent())
  const before = await documentId(page)
  await page.getByRole('button', { name: 'shutdown', exact: true }).click()
  await expect.poll(() => documentId(page).catch(() => before)).not.toBe(before)
  await connected(page)
  await expect(joins).toHaveText(String(first + 1))
  expect(gallery.output).toContain('The gallery failed on purpose: shutdown')
  expect(frames.filter((frame) => frame.includes('"phx_error"'))).toEqual([])
})

test.describe('a flood of infos', () => {
  test.use({ path: '/failure/flood', serverErrors: undefined, consoleErrors: undefined })

  const infos = 1000

  test('at once is handled in order, and rendered once', async ({ page, frames }) => {
    const before = frames.length
    await page.getByRole('button', { name: 'All at once' }).click()
    await expect(page.getByLabel('Handled')).toHaveText(String(infos))
    await expect(page.getByLabel('In order')).toHaveText('yes')
    // The answer to the click, and what the infos changed; a busy machine takes them in a few turns.
    expect(frames.slice(before).length).toBeLessThanOrEqual(10)
  })

  test('that trickles is rendered at the pace of a screen, and never behind an answer', async ({ page, frames }) => {
    const handled = page.getByLabel('Handled')
    await handled.evaluate((output) => {
      const shown: number[] = []
      const look = (): unknown => shown.push(Number(output.textContent))
      new MutationObserver(look).observe(output, { characterData: true, childList: true, subtree: true })
      Object.assign(window, { shown })
    })
    const before = frames.length
    const start = performance.now()
    await page.getByRole('button', { name: 'One every millisecond' }).click()
    await expect(handled).not.toHaveText('0')
    await page.getByRole('button', { name: 'Ask how many were handled' }).click()
    const answered = page.getByLabel('Answered')
    await expect(answered).not.toBeEmpty()
    expect(Number(await handled.textContent())).toBeGreaterThanOrEqual(Number(await answered.textContent()))
    await expect(handled).toHaveText(String(infos), { timeout: 20_000 })
    await expect(page.getByLabel('In order')).toHaveText('yes')
    const received = frames.slice(before)
    // Ten go at once, and two clicks are answered.
    expect(received.length).toBeLessThanOrEqual((performance.now() - start) / 16 + 12)
    expect(received.length).toBeLessThan(infos)
    const shown = await page.evaluate(() => (window as unknown as { shown: number[] }).shown)
    expect(shown.length).toBeGreaterThan(10)
    expect(shown).toEqual(shown.toSorted((a, b) => a - b))
  })
})
