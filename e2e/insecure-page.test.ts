/** A page that came by plain HTTP from another machine: what its browser keeps from it, our client does without. */
import config from './playwright.config.ts'
import { photo } from './support/files.ts'
import { expect, test } from './support/test.ts'

const { launchOptions } = config.use!
const host = 'insecure.test'

test.use({
  launchOptions: {
    ...launchOptions,
    args: [...launchOptions!.args!, `--host-resolver-rules=MAP ${host} localhost`],
  },
  baseURL: async ({ link }, use) => use(link.url.replace('localhost', host)),
})

test('sends files that are to be verified without digests, over HTTP', async ({ album, page }) => {
  const asked: (readonly [string, string | undefined])[] = []
  page.on('request', (request) => {
    if (request.method() === 'PATCH') asked.push([request.method(), request.headers()['content-digest']])
  })
  await album.open('/verified')
  expect(await page.evaluate(() => isSecureContext)).toBe(false)
  await album.savesOnly(photo('small.png'), photo('other.png'))
  expect(asked).toEqual([
    ['PATCH', undefined],
    ['PATCH', undefined],
  ])
})
