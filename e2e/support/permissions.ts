import type { Page } from '@playwright/test'

/** The browser asks before a page reads a file, and is answered so: when a click is long ago that was just now. */
export async function answer(page: Page, given: PermissionState): Promise<void> {
  await page.addInitScript((given) => {
    const states = new Map<string, PermissionState>()
    let isFresh = false
    addEventListener('click', () => (isFresh = true), true)
    Object.assign(FileSystemHandle.prototype, {
      async queryPermission(this: FileSystemHandle) {
        return states.get(this.name) ?? 'prompt'
      },
      async requestPermission(this: FileSystemHandle) {
        if (!isFresh) throw new DOMException('not clicked', 'SecurityError')
        Object.assign(window, { asked: ((window as { asked?: number }).asked ?? 0) + 1 })
        await new Promise(requestAnimationFrame)
        isFresh = false
        states.set(this.name, given)
        return given
      },
    })
  }, given)
}
