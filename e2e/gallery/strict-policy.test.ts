import type { Page } from '@playwright/test'
import { photo } from '../support/files.ts'
import { connected, expect, test, visit } from '../support/gallery.ts'

test.use({ path: '' })

/** What the browser refuses from now on, as directive and place. */
async function violationsOf(page: Page): Promise<readonly string[]> {
  const violations: string[] = []
  await page.exposeFunction('tellViolation', (violation: string) => void violations.push(violation))
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sample }) => {
      ;(window as unknown as { tellViolation(violation: string): void }).tellViolation(
        `${effectiveDirective} ${blockedURI} ${sample}`,
      )
    })
  })
  return violations
}

const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()

/** One thing of each kind that the client does to a page. */
const tour: readonly (readonly [string, string, (page: Page) => Promise<void>])[] = [
  [
    'events',
    '/counter',
    async (page) => {
      await press(page, '+1')
      await press(page, 'Reset')
    },
  ],
  [
    'streams',
    '/streams',
    async (page) => {
      await press(page, 'Append')
      await expect(page.locator('#tracks-4')).toBeVisible()
      await press(page, 'Clear')
      await expect(page.locator('#tracks-4')).toHaveCount(0)
    },
  ],
  [
    'hooks at runtime',
    '/client-hooks',
    async (page) => {
      await expect(page.getByRole('img', { name: /^A chart of/ })).toHaveAccessibleName('A chart of 10, 40, 25')
      await press(page, 'Another point')
      await expect(page.getByRole('img', { name: /^A chart of/ })).toHaveAccessibleName('A chart of 10, 40, 25, 21')
    },
  ],
  [
    'uploads with previews',
    '/component-uploads',
    async (page) => {
      await page.getByLabel('Pictures for Cover').setInputFiles([photo('sea.png')])
      const chosen = page.getByRole('list', { name: 'Chosen for Cover' })
      await expect(chosen.locator('img')).toHaveJSProperty('complete', true)
      expect(await chosen.locator('img').evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0)
      await page.getByRole('region', { name: 'Cover' }).getByRole('button', { name: 'Save' }).click()
      await expect(page.getByRole('list', { name: 'Saved for Cover' }).getByRole('listitem')).toHaveCount(1)
    },
  ],
  [
    'a live navigation, and a hook that comes with it',
    '/js',
    async (page) => {
      const hooks = page.locator('#pages a[href="/client-hooks"]')
      await hooks.evaluate((link: HTMLElement) => link.click())
      await expect(page.getByRole('img', { name: /^A chart of/ })).toHaveAccessibleName('A chart of 10, 40, 25')
    },
  ],
]

for (const [what, path, drive] of tour) {
  test(`${what}: nothing is refused`, async ({ page }) => {
    const violations = await violationsOf(page)
    await visit(page, path)
    await drive(page)
    await connected(page)
    expect(violations).toEqual([])
  })
}

test.describe('what a stranger’s text would do', () => {
  test.use({ consoleErrors: /./ })

  const attacks: readonly (readonly [string, RegExp, () => unknown])[] = [
    [
      'a handler in HTML',
      /^script-src-attr inline/,
      () => {
        const holder = document.createElement('div')
        document.body.append(holder)
        holder.innerHTML = '<img src="data:," onerror="window.ran = true">'
      },
    ],
    [
      'code from text',
      /^(?:script-src|require-trusted-types-for) (?:eval|trusted-types-sink)/,
      // Not as a part of the test's own call, which the browser lets make code of text.
      // oxlint-disable-next-line no-eval
      () => void setTimeout(() => (0, eval)('window.ran = true')),
    ],
    [
      'the text of a script',
      /^require-trusted-types-for trusted-types-sink HTMLScriptElement/,
      () => {
        document.createElement('script').textContent = 'window.ran = true'
      },
    ],
    [
      'the address of a script',
      /^require-trusted-types-for trusted-types-sink HTMLScriptElement/,
      () => {
        document.createElement('script').src = '/gallery.js'
      },
    ],
    [
      'a style',
      /^style-src-attr inline/,
      () => {
        document.body.setAttribute('style', 'display: none')
      },
    ],
    [
      'a policy of its own',
      /^trusted-types trusted-types-policy mine/,
      () => {
        ;(
          window as unknown as { trustedTypes: { createPolicy(name: string, rules: object): void } }
        ).trustedTypes.createPolicy('mine', {})
      },
    ],
  ]
  for (const [what, refusal, attack] of attacks) {
    test(`${what} is refused`, async ({ page }) => {
      const violations = await violationsOf(page)
      await visit(page, '/counter')
      await page.evaluate(attack).catch(() => {})
      await expect.poll(() => violations).toContainEqual(expect.stringMatching(refusal))
      expect(await page.evaluate(() => (window as unknown as { ran?: boolean }).ran)).toBeUndefined()
    })
  }
})
