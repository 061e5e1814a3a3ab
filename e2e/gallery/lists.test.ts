import type { Locator, Page } from '@playwright/test'
import { answered, expect, mark, markOf, test } from '../support/gallery.ts'

test.describe('rows that move', () => {
  test.use({ path: '/lists' })

  const towns = (page: Page): Locator => page.getByRole('list', { name: 'Towns' }).getByRole('listitem')
  const town = (page: Page, name: string): Locator => towns(page).filter({ hasText: name })
  const note = (page: Page, name: string): Locator => page.getByLabel(`Note on ${name}`)
  const order = async (page: Page, names: readonly string[]): Promise<void> =>
    expect(towns(page).locator('strong')).toHaveText([...names])

  const moves: readonly { readonly button: string; readonly to: readonly string[] }[] = [
    { button: 'Reverse', to: ['Quito', 'Accra', 'Kyoto', 'Oslo', 'Lisbon'] },
    { button: 'Sort', to: ['Accra', 'Kyoto', 'Lisbon', 'Oslo', 'Quito'] },
    { button: 'Shuffle', to: ['Lisbon', 'Kyoto', 'Accra', 'Quito', 'Oslo'] },
    { button: 'Move Oslo down', to: ['Lisbon', 'Kyoto', 'Oslo', 'Accra', 'Quito'] },
    { button: 'Move Oslo up', to: ['Oslo', 'Lisbon', 'Kyoto', 'Accra', 'Quito'] },
    { button: 'Remove Lisbon', to: ['Oslo', 'Kyoto', 'Accra', 'Quito'] },
    { button: 'Add a town', to: ['Lisbon', 'Oslo', 'Kyoto', 'Accra', 'Quito', 'Perth'] },
  ]
  for (const { button, to } of moves) {
    test(`“${button}” keeps the elements of the rows, and what was written into them`, async ({ page }) => {
      const kept = ['Oslo', 'Kyoto', 'Quito']
      for (const name of kept) {
        await mark(town(page, name), name)
        await note(page, name).fill(`About ${name}`)
      }
      await page.getByRole('button', { name: button }).click()
      await order(page, to)
      for (const name of kept) {
        expect(await markOf(town(page, name))).toBe(name)
        await expect(note(page, name)).toHaveValue(`About ${name}`)
      }
    })
  }

  test('many moves in a row come to what was asked for', async ({ page }) => {
    for (const name of ['Shuffle', 'Reverse', 'Shuffle', 'Add a town', 'Shuffle', 'Move Kyoto up', 'Sort', 'Reverse']) {
      await page.getByRole('button', { name }).click()
      await answered(page)
    }
    await order(page, ['Quito', 'Perth', 'Oslo', 'Lisbon', 'Kyoto', 'Accra'])
  })

  test('the first row cannot move up, and the last not down', async ({ page }) => {
    await page.getByRole('button', { name: 'Move Lisbon up' }).click()
    await page.getByRole('button', { name: 'Move Quito down' }).click()
    await page.getByRole('button', { name: 'Remove Oslo' }).click()
    await order(page, ['Lisbon', 'Kyoto', 'Accra', 'Quito'])
  })

  test('a move sends no row again', async ({ page, frames }) => {
    const before = frames.length
    await page.getByRole('button', { name: 'Reverse' }).click()
    await order(page, ['Quito', 'Accra', 'Kyoto', 'Oslo', 'Lisbon'])
    const received = frames.slice(before).join('\n')
    expect(received).toContain('"diff"')
    expect(received).not.toMatch(/Quito|Lisbon/)
  })

  test('the statics of a row are sent once, for all rows and for both lists that use it', async ({ page, frames }) => {
    await expect(towns(page)).toHaveCount(5)
    const join = frames.find((frame) => frame.includes('rendered'))!
    expect(join.split('Note on ')).toHaveLength(2)
    expect(join.split('aria-label=\\"Transfer ')).toHaveLength(2)
  })

  test('the filter shows the rows that fit, and the others again', async ({ page }) => {
    await mark(town(page, 'Kyoto'), 'Kyoto')
    await page.getByLabel('Filter').fill('yo')
    await order(page, ['Kyoto'])
    await expect(page.getByText('1 of 5 towns')).toBeVisible()
    await page.getByLabel('Filter').fill('nowhere')
    await expect(towns(page)).toHaveCount(0)
    await expect(page.getByText('0 of 5 towns')).toBeVisible()
    await page.getByLabel('Filter').fill('')
    await order(page, ['Lisbon', 'Oslo', 'Kyoto', 'Accra', 'Quito'])
    expect(await markOf(town(page, 'Kyoto'))).toBeUndefined()
  })

  test('what is hidden by the filter moves too', async ({ page }) => {
    await page.getByLabel('Filter').fill('o')
    await order(page, ['Lisbon', 'Oslo', 'Kyoto', 'Quito'])
    await page.getByRole('button', { name: 'Reverse' }).click()
    await order(page, ['Quito', 'Kyoto', 'Oslo', 'Lisbon'])
    await page.getByLabel('Filter').fill('')
    await order(page, ['Quito', 'Accra', 'Kyoto', 'Oslo', 'Lisbon'])
  })

  test('all rows can go, and new ones come', async ({ page }) => {
    for (const name of ['Oslo', 'Lisbon', 'Quito', 'Kyoto', 'Accra']) {
      await page.getByRole('button', { name: `Remove ${name}` }).click()
    }
    await expect(towns(page)).toHaveCount(0)
    await page.getByRole('button', { name: 'Add a town' }).click()
    await order(page, ['Lisbon'])
  })

  test('a list in a list: rows go from one to the other, and the lists move with their rows', async ({ page }) => {
    const team = (name: string): Locator => page.getByRole('list', { name: `${name} team` })
    const teams = page.getByRole('region', { name: /^(?:Red|Blue)$/ })
    await mark(teams.first(), 'red')
    await mark(team('Red').getByRole('listitem').first(), 'Ada')
    await page.getByRole('button', { name: 'Swap the teams' }).click()
    await expect(teams.locator('h3')).toHaveText(['Blue 2', 'Red 3'])
    expect(await markOf(teams.last())).toBe('red')
    expect(await markOf(team('Red').getByRole('listitem').first())).toBe('Ada')

    await page.getByRole('button', { name: 'Transfer Ben' }).click()
    await expect(team('Red').getByRole('listitem')).toContainText(['Ada', 'Cleo'])
    await expect(team('Blue').getByRole('listitem')).toContainText(['Dora', 'Emil', 'Ben'])
    await expect(teams.locator('h3')).toHaveText(['Blue 3', 'Red 2'])
    await page.getByRole('button', { name: 'Transfer Ben' }).click()
    await expect(team('Red').getByRole('listitem')).toContainText(['Ada', 'Cleo', 'Ben'])
  })
})

test.describe('a list of 1,000 rows', () => {
  test.use({ path: '/lists/large' })

  const row = (page: Page, id: number): Locator => page.locator(`#entry-${id}`)
  const ids = (page: Page): Promise<readonly number[]> =>
    page.locator('tbody tr').evaluateAll((rows) => rows.map((row) => Number(row.id.replace('entry-', ''))))
  const clicked = (page: Page, click: number): Promise<void> =>
    expect(page.getByRole('status').filter({ hasText: 'Click' })).toContainText(`Click ${click},`)
  /** How many rows the server rendered at a click. */
  const renderedAt = (page: Page, click: number): Promise<number> =>
    page
      .locator('tbody td:nth-child(3)')
      .evaluateAll((cells, text) => cells.filter((cell) => cell.textContent === text).length, String(click))

  test('with a dependency list one change renders one row, and sends little', async ({ page, frames }) => {
    await mark(row(page, 500), 'kept')
    const before = frames.length
    await page.getByRole('button', { name: 'Change row 500' }).click()
    await expect(row(page, 500).getByRole('cell').nth(1)).toHaveText('1')
    expect(await renderedAt(page, 1)).toBe(1)
    expect(await renderedAt(page, 0)).toBe(999)
    expect(await markOf(row(page, 500))).toBe('kept')
    const received = frames.slice(before).filter((frame) => frame.includes('"diff"'))
    expect(received).toHaveLength(1)
    expect(received[0]!.length).toBeLessThan(300)
  })

  test('without one a change renders all rows', async ({ page }) => {
    await page.getByLabel('With a dependency list').uncheck()
    await page.getByRole('button', { name: 'Change row 7', exact: true }).click()
    await clicked(page, 1)
    expect(await renderedAt(page, 1)).toBe(1000)
    await page.getByLabel('With a dependency list').check()
    await page.getByRole('button', { name: 'Change row 8', exact: true }).click()
    await clicked(page, 2)
    expect(await renderedAt(page, 2)).toBe(1)
  })

  test('swapping, reversing and inserting move the rows and keep their elements', async ({ page }) => {
    for (const id of [1, 500, 1000]) await mark(row(page, id), `row ${id}`)
    await page.getByRole('button', { name: 'Swap first and last' }).click()
    await clicked(page, 1)
    expect([(await ids(page))[0], (await ids(page))[999]]).toEqual([1000, 1])

    await page.getByRole('button', { name: 'Reverse' }).click()
    await clicked(page, 2)
    expect(await ids(page)).toEqual([1, ...Array.from({ length: 998 }, (_, at) => 999 - at), 1000])

    await page.getByRole('button', { name: 'Insert in the middle' }).click()
    await clicked(page, 3)
    expect((await ids(page)).slice(499, 502)).toEqual([501, 1001, 500])
    expect(await renderedAt(page, 3)).toBe(1)
    for (const id of [1, 500, 1000]) expect(await markOf(row(page, id))).toBe(`row ${id}`)
  })
})
