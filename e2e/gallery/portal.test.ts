import { expect, reconnect, test } from '../support/gallery.ts'

test.use({ path: '/portal' })

test('the dialog stands at the end of the body, and its form is the view’s', async ({ page }) => {
  await page.getByRole('button', { name: 'Invite someone' }).click()
  const dialog = page.getByRole('dialog', { name: 'Invitation' })
  await expect(dialog).toBeVisible()
  const place = await dialog.evaluate((element) => [
    element.closest('[data-phx-main]') === null,
    element.parentElement!.parentElement === document.body,
  ])
  expect(place).toEqual([true, true])

  const name = dialog.getByLabel('Name')
  await expect(name).toBeFocused()
  await expect(dialog.getByRole('status')).toHaveText('1 on the list.')
  await name.pressSequentially('Ada')
  await expect(dialog.getByRole('status')).toHaveText('Ada is invited already.')
  await name.fill('Grace')
  await expect(dialog.getByRole('status')).toHaveText('1 on the list.')
  await name.press('Enter')
  await expect(dialog).toHaveCount(0)
  await expect(page.getByRole('list', { name: 'Guests' }).getByRole('listitem')).toHaveText(['Ada', 'Grace'])

  await page.getByRole('button', { name: 'Invite someone' }).click()
  await expect(dialog.getByRole('status')).toHaveText('2 on the list.')
  await expect(name).toHaveValue('')
})

test('Tab stays in the dialog, in both directions', async ({ page }) => {
  await page.getByRole('button', { name: 'Invite someone' }).click()
  const dialog = page.getByRole('dialog', { name: 'Invitation' })
  const name = dialog.getByLabel('Name')
  const never = dialog.getByRole('button', { name: 'Never mind' })
  await expect(name).toBeFocused()
  for (const [key, at] of [
    ['Tab', dialog.getByRole('button', { name: 'Invite', exact: true })],
    ['Tab', never],
    ['Tab', name],
    ['Shift+Tab', never],
  ] as const) {
    await page.keyboard.press(key)
    await expect(at).toBeFocused()
  }
  await page.keyboard.press('Tab')
  await expect(name).toBeFocused()
  // Also behind a patch of what is in it.
  await name.pressSequentially('Ada')
  await expect(dialog.getByRole('status')).toHaveText('Ada is invited already.')
  await page.keyboard.press('Shift+Tab')
  await expect(never).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(dialog).toHaveCount(0)
})

test('it closes by its button and by Escape, and leaves nothing behind', async ({ page }) => {
  const dialog = page.getByRole('dialog', { name: 'Invitation' })
  for (const close of [
    () => dialog.getByRole('button', { name: 'Never mind' }).click(),
    () => page.keyboard.press('Escape'),
  ]) {
    await page.getByRole('button', { name: 'Invite someone' }).click()
    await expect(dialog).toBeVisible()
    await close()
    await expect(dialog).toHaveCount(0)
    await expect(page.locator('#_lv_portal_wrap_invitation-portal')).toHaveCount(0)
  }
})

test('what a component shows in a portal is patched, and its events come to the component', async ({ page }) => {
  for (let count = 1; count <= 3; count++) {
    await page.locator('#content > #_lv_portal_wrap_tally-portal').getByRole('button').click()
    await expect(page.getByLabel('Tally').locator('output')).toHaveText(String(count))
    await expect(page.getByRole('button', { name: `Count (${count})` })).toBeVisible()
  }
})

test('what is moved is the element that the portal says', async ({ page }) => {
  const moved = page.locator('#content > aside.card')
  await expect(moved).toHaveAttribute('aria-label', 'Counting')
  await expect(moved).toHaveAttribute('id', '_lv_portal_wrap_tally-portal')
  await moved.getByRole('button').click()
  await expect(moved.getByRole('button')).toHaveText('Count (1)')
  await expect(moved).toHaveClass('card')
})

test('an open dialog does not outlive the connection, and opens again', async ({ page }) => {
  const dialog = page.getByRole('dialog', { name: 'Invitation' })
  await page.getByRole('button', { name: 'Invite someone' }).click()
  await expect(dialog).toBeVisible()
  await reconnect(page)
  await expect(dialog).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Count (0)' })).toHaveCount(1)
  await page.getByRole('button', { name: 'Invite someone' }).click()
  await expect(dialog).toBeVisible()
})
