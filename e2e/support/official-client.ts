import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Page } from '@playwright/test'

const { resolve } = createRequire(import.meta.url)
const script = async (name: string): Promise<string> => readFile(join(dirname(resolve(name)), `${name}.min.js`), 'utf8')

/**
 * Has a page load the official client alone, as one of one's own may: what our client module adds is missing. `before`: a script that runs before it
 * connects. `options`: more of the client's options, as their text.
 */
export async function withOfficialClient(page: Page, { before = '', options = '' } = {}): Promise<void> {
  // The policy of some pages lets no client work that brings none.
  const own = `
    trustedTypes.createPolicy('default', { createHTML: (text) => text, createScript: (text) => text })
    const params = { _csrf_token: document.querySelector('meta[name="csrf-token"]').content }
    window.liveSocket = new LiveView.LiveSocket('/live', Phoenix.Socket, { params, ${options} })
    window.liveSocket.connect()`
  const body = [await script('phoenix'), await script('phoenix_live_view'), before, own].join('\n;')
  await page.route('**/live/client-*.js', (route) => route.fulfill({ contentType: 'text/javascript', body }))
}
