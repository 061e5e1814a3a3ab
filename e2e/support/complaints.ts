import type { Page } from '@playwright/test'

/** Writes down what the browser complains of in a page: errors in its console, with what they are about, and those nobody caught. */
export function collectComplaints(page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    if (message.type() !== 'error') return
    const { url } = message.location()
    complaints.push(url === '' ? message.text() : `${message.text()} (${url})`)
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
}
