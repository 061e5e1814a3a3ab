import type { Locator, Page } from '@playwright/test'
import { documentId, expect, mark, markOf, reconnect, test } from '../support/gallery.ts'

const booking = (page: Page): Locator => page.getByRole('form', { name: 'Booking' })
/** A field of the form itself; those of the guests stand in groups of their own. */
const field = (page: Page, label: string): Locator => booking(page).getByLabel(label, { exact: true }).first()
const guest = (page: Page, number: number): Locator => page.getByRole('group', { name: `Guest ${number}` })
const guests = (page: Page): Locator => page.getByRole('group', { name: /^Guest \d$/ })
const nameOf = (row: Locator): Locator => row.getByLabel('Name')
/** The text beside a field that says what is wrong. */
const errorOf = (input: Locator): Locator => input.locator('xpath=following-sibling::p')

async function fillBooking(page: Page): Promise<void> {
  await field(page, 'Name').fill('Ada')
  await field(page, 'E-mail').fill('ada@example.com')
  await field(page, 'City').fill('Oslo')
  await field(page, 'Zip code').fill('0150')
  await page.getByLabel('double').check()
  await nameOf(guest(page, 1)).fill('Grace')
  await guest(page, 1).getByLabel('Age').fill('37')
}

test.describe('a form', () => {
  test.use({ path: '/forms' })

  test('shows errors where the visitor has been, while typing', async ({ page }) => {
    await field(page, 'Name').fill('A')
    await expect(errorOf(field(page, 'Name'))).toHaveText('At least two letters')
    await expect(field(page, 'Name')).toHaveAttribute('aria-invalid', 'true')
    await expect(booking(page).locator('.error:not(:empty)')).toHaveCount(1)
    await field(page, 'Zip code').fill('x')
    await expect(errorOf(field(page, 'Zip code'))).toHaveText('Four or five digits')
    await expect(errorOf(field(page, 'City'))).toBeEmpty()
    await field(page, 'Name').fill('Ada')
    await expect(errorOf(field(page, 'Name'))).toBeEmpty()
    await expect(field(page, 'Name')).not.toHaveAttribute('aria-invalid')
  })

  test('waits for the end of a field that says so', async ({ page }) => {
    await field(page, 'E-mail').fill('ada')
    // Its answer tells that an event of the e-mail, had there been one, would have been answered too.
    await field(page, 'City').evaluate((input: HTMLInputElement) => {
      input.value = 'O'
      input.dispatchEvent(new Event('input', { bubbles: true }))
      input.value = ''
      input.dispatchEvent(new Event('input', { bubbles: true }))
    })
    await expect(errorOf(field(page, 'City'))).toHaveText('Where?')
    await expect(errorOf(field(page, 'E-mail'))).toBeEmpty()
    await field(page, 'E-mail').blur()
    await expect(errorOf(field(page, 'E-mail'))).toHaveText('This is no address')
  })

  test('shows all errors after a submit, and each goes as it is mended', async ({ page }) => {
    await page.getByRole('button', { name: 'Book', exact: true }).click()
    const room = page.getByRole('group', { name: 'Room' })
    await expect(errorOf(field(page, 'E-mail'))).toHaveText('This is no address')
    await expect(errorOf(field(page, 'City'))).toHaveText('Where?')
    await expect(errorOf(nameOf(guest(page, 1)))).toHaveText('At least two letters')
    await expect(room.locator('.error')).toHaveText('Choose one')
    // Nothing of the room is sent, and its error stays all the same.
    await field(page, 'City').fill('Oslo')
    await expect(errorOf(field(page, 'City'))).toBeEmpty()
    await expect(room.locator('.error')).toHaveText('Choose one')
    await room.getByLabel('single').check()
    await expect(room.locator('.error')).toBeEmpty()
    await expect(room.getByLabel('single')).toBeChecked()
  })

  test('gives what the schema made of it, and starts anew', async ({ page }) => {
    await fillBooking(page)
    await page.getByLabel('breakfast').uncheck()
    await page.getByLabel('towels').uncheck()
    await page.getByLabel('A wish').fill('\nA view')
    await expect(booking(page).getByRole('status')).toHaveText('can be sent')
    await page.getByRole('button', { name: 'Book', exact: true }).click()
    const booked = page.getByRole('region', { name: 'Bookings' }).locator('pre')
    await expect(booked).toHaveCount(1)
    expect(JSON.parse((await booked.textContent())!)).toEqual({
      name: 'Ada',
      email: 'ada@example.com',
      address: { city: 'Oslo', zip: '0150' },
      room: 'double',
      breakfast: false,
      extras: [],
      wish: '\nA view',
      guests: [{ name: 'Grace', age: 37 }],
    })
    await expect(field(page, 'Name')).toHaveValue('')
    await expect(page.getByLabel('breakfast')).toBeChecked()
    await expect(page.getByLabel('double')).not.toBeChecked()
    await expect(booking(page).locator('.error:not(:empty)')).toHaveCount(0)
    // The new fields have not been used.
    await field(page, 'Name').fill('B')
    await expect(booking(page).locator('.error:not(:empty)')).toHaveCount(1)
  })

  test('shows what only the server finds until the field changes', async ({ page }) => {
    for (const _ of [1, 2]) {
      await fillBooking(page)
      await page.getByRole('button', { name: 'Book', exact: true }).click()
      await expect(page.getByRole('region', { name: 'Bookings' }).locator('pre')).toHaveCount(1)
    }
    const error = errorOf(field(page, 'E-mail'))
    await expect(error).toHaveText('This address has a booking already')
    await field(page, 'City').fill('')
    await expect(errorOf(field(page, 'City'))).toHaveText('Where?')
    await expect(error).toHaveText('This address has a booking already')
    await field(page, 'E-mail').fill('ada@example.org')
    await field(page, 'E-mail').blur()
    await expect(error).toBeEmpty()
  })

  test('lets rows come and go, and the others stay as they are', async ({ page }) => {
    await nameOf(guest(page, 1)).fill('Ada')
    await mark(nameOf(guest(page, 1)), 'Ada')
    await page.getByRole('button', { name: 'Add as the last' }).click()
    await expect(guests(page)).toHaveCount(2)
    await nameOf(guest(page, 2)).fill('Ben')
    await mark(nameOf(guest(page, 2)), 'Ben')
    await page.getByRole('button', { name: 'Add as the first' }).click()
    await expect(guests(page)).toHaveCount(3)
    await expect(nameOf(guest(page, 1))).toHaveValue('')
    await expect(nameOf(guest(page, 2))).toHaveValue('Ada')
    await expect(nameOf(guest(page, 3))).toHaveValue('Ben')
    await expect(booking(page).locator('.well .error:not(:empty)')).toHaveCount(0)

    await guest(page, 2).getByRole('button', { name: 'Remove' }).click()
    await expect(guests(page)).toHaveCount(2)
    await expect(nameOf(guest(page, 2))).toHaveValue('Ben')
    expect(await markOf(nameOf(guest(page, 2)))).toBe('Ben')
    await nameOf(guest(page, 1)).fill('Cleo')
    await nameOf(guest(page, 2)).fill('B')
    await expect(errorOf(nameOf(guest(page, 2)))).toHaveText('At least two letters')
    await expect(errorOf(nameOf(guest(page, 1)))).toBeEmpty()
    await expect(nameOf(guest(page, 1))).toHaveValue('Cleo')
  })

  test('may lose its last row, and says so on submit', async ({ page }) => {
    await guest(page, 1).getByRole('button', { name: 'Remove' }).click()
    await expect(guests(page)).toHaveCount(0)
    await field(page, 'Name').fill('A')
    await expect(errorOf(field(page, 'Name'))).not.toBeEmpty()
    await expect(guests(page)).toHaveCount(0)
    await page.getByRole('button', { name: 'Book', exact: true }).click()
    await expect(page.getByRole('group', { name: 'Guests' }).locator('.error')).toHaveText('Who is coming?')
    for (const count of [1, 2, 3, 4, 5]) {
      await page.getByRole('button', { name: 'Add as the last' }).click()
      await expect(guests(page)).toHaveCount(count)
    }
    await expect(page.getByText('Four guests at most')).toBeVisible()
  })

  test('is back after a lost connection: fields, rows, errors', async ({ page }) => {
    await fillBooking(page)
    await page.getByLabel('cot').check()
    await page.getByRole('button', { name: 'Add as the first' }).click()
    await expect(guests(page)).toHaveCount(2)
    await nameOf(guest(page, 1)).fill('X')
    await expect(errorOf(nameOf(guest(page, 1)))).toHaveText('At least two letters')
    // All that follows is known to a view that did not see the typing.
    await reconnect(page)
    await expect(errorOf(nameOf(guest(page, 1)))).toHaveText('At least two letters')
    await expect(booking(page).locator('.error:not(:empty)')).toHaveCount(1)
    await expect(guests(page)).toHaveCount(2)
    await expect(nameOf(guest(page, 2))).toHaveValue('Grace')
    await expect(field(page, 'City')).toHaveValue('Oslo')
    await expect(page.getByLabel('double')).toBeChecked()
    await expect(page.getByLabel('cot')).toBeChecked()
    // The server knows it all, too: it can be sent.
    await nameOf(guest(page, 1)).fill('Xaver')
    await guest(page, 1).getByLabel('Age').fill('3')
    await page.getByRole('button', { name: 'Book', exact: true }).click()
    await expect(page.getByRole('region', { name: 'Bookings' }).locator('pre')).toContainText('Xaver')
  })
})

test.describe('dates', () => {
  test.use({ path: '/forms/dates' })

  test('stand in their inputs as the server has them, and come back so', async ({ page }) => {
    const [day, begins, alarm] = [page.getByLabel('Day'), page.getByLabel('Begins'), page.getByLabel('Alarm')]
    await expect(day).toHaveValue('2024-05-06')
    await expect(begins).toHaveValue('2024-05-06T17:30')
    await expect(alarm).toHaveValue('06:45')
    await page.getByRole('button', { name: 'Save' }).click()
    const saved = page.getByRole('form').getByRole('status')
    await expect(saved).toHaveText(
      '{"day":"2024-05-06T00:00:00.000Z","begins":"2024-05-06T17:30:00.000Z","alarm":"1970-01-01T06:45:00.000Z"}',
    )
    await begins.fill('2025-01-02T03:04')
    await expect(saved).toContainText('"begins":"2025-01-02T03:04:00.000Z"')
    await expect(begins).toHaveValue('2025-01-02T03:04')
    await day.fill('')
    await expect(errorOf(day)).toHaveText('Which day?')
    await expect(day).toHaveValue('')
  })
})

test.describe('a form checked by', () => {
  test.use({ path: '/forms/validators' })

  for (const validator of ['zod', 'valibot', 'arktype']) {
    test(validator, async ({ page }) => {
      const account = page.getByRole('form', { name: validator })
      await account.getByLabel('Name').fill('A')
      await expect(errorOf(account.getByLabel('Name'))).toHaveText('Too short')
      await expect(errorOf(account.getByLabel('Age'))).toBeEmpty()
      await account.getByLabel('Name').fill('Ada')
      await account.getByLabel('Age').fill('17')
      await expect(errorOf(account.getByLabel('Age'))).toHaveText('Too young')
      await account.getByLabel('Age').fill('18')
      await account.getByRole('button', { name: 'Save' }).click()
      await expect(account.getByRole('status')).toHaveText('{"name":"Ada","age":18}')
      await expect(page.locator('.error:not(:empty)')).toHaveCount(0)
    })
  }
})

test.describe('a form with an action', () => {
  test.use({ path: '/forms/sign-in' })

  test('is sent by the browser once the server has checked it', async ({ page }) => {
    const before = await documentId(page)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(errorOf(page.getByLabel('Name'))).toHaveText('At least two letters')
    expect(await documentId(page)).toBe(before)
    await page.getByLabel('Name').fill('Ada')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByText('Welcome, Ada!')).toBeVisible()
    expect(new URL(page.url()).search).toBe('?name=Ada')
    expect(await documentId(page)).not.toBe(before)
  })
})
