import { expect, type Locator, type Page } from '@playwright/test'
import type { App } from './app.ts'
import { type ChosenFile, hashes, sha256 } from './files.ts'

/** The page of an album, as its visitor uses it. */
export class AlbumPage {
  readonly page: Page
  readonly name: Locator
  readonly photos: Locator
  readonly dropZone: Locator
  readonly saveButton: Locator
  readonly entries: Locator
  readonly saved: Locator
  readonly ping: Locator
  readonly offline: Locator
  readonly #app: App

  constructor(app: App, page: Page) {
    this.#app = app
    this.page = page
    this.name = page.getByLabel('Name')
    this.photos = page.getByLabel('Photos', { exact: true })
    this.dropZone = page.locator('#drop-zone')
    this.saveButton = page.getByRole('button', { name: 'Save' })
    this.entries = page.getByRole('list', { name: 'Chosen' }).getByRole('listitem')
    this.saved = page.getByRole('list', { name: 'Saved' }).getByRole('listitem')
    this.ping = page.locator('#ping')
    this.offline = page.locator('.liveloom-offline-client')
  }

  /** Opens the page and waits until it is connected. */
  async open(path = '/'): Promise<void> {
    await this.page.goto(path)
    await this.connected()
  }

  async connected(): Promise<void> {
    await expect(this.page.locator('[data-phx-main].phx-connected')).toBeAttached()
  }

  /** Chooses files, and waits until the server lists the last of them. */
  async choose(...files: readonly (ChosenFile | string)[]): Promise<void> {
    await this.photos.setInputFiles(files as ChosenFile[])
    const last = files.at(-1)!
    await expect(this.entry(typeof last === 'string' ? last.split('/').at(-1)! : last.name)).toBeVisible()
  }

  /** Drags files from the disk over the page and drops them on the drop zone, as the browser's own events. */
  async drop(...paths: readonly string[]): Promise<void> {
    const { x, y, width, height } = (await this.dropZone.boundingBox())!
    const devtools = await this.page.context().newCDPSession(this.page)
    const drag = (type: 'dragEnter' | 'dragOver' | 'drop'): Promise<unknown> =>
      devtools.send('Input.dispatchDragEvent', {
        type,
        x: x + width / 2,
        y: y + height / 2,
        data: { items: [], files: [...paths], dragOperationsMask: 1 },
      })
    await drag('dragEnter')
    await drag('dragOver')
    await expect(this.dropZone).toHaveClass(/phx-drop-target-active/)
    await drag('drop')
    await devtools.detach()
  }

  entry(name: string): Locator {
    return this.page.locator(`li[data-name="${name}"]`)
  }

  /** Whole percent of an entry that the server has. */
  async progress(name: string): Promise<number> {
    return Number(await this.entry(name).locator('output').textContent())
  }

  /** Records what an entry's progress shows from now on. */
  async watchProgress(name: string): Promise<() => Promise<readonly number[]>> {
    const seen = await this.entry(name)
      .locator('output')
      .evaluateHandle((output) => {
        const seen: number[] = []
        const observer = new MutationObserver(() => seen.push(Number(output.textContent)))
        observer.observe(output, { characterData: true, childList: true, subtree: true })
        return seen
      })
    return () => seen.jsonValue()
  }

  /** Waits until an entry is on its way: more than nothing of it, but not all, has arrived. */
  async moving(name: string): Promise<void> {
    const isMoving = async (): Promise<boolean> => isBetween(await this.progress(name))
    await expect.poll(isMoving, { message: `progress of ${name}, above 0 and below 100`, intervals: [50] }).toBe(true)
  }

  /** The codes of an entry's errors. */
  error(name: string): Locator {
    return this.entry(name).locator('[data-code]')
  }

  removeButton(name: string): Locator {
    return this.page.getByRole('button', { name: `Remove ${name}` })
  }

  async remove(name: string): Promise<void> {
    await this.removeButton(name).click()
    await expect(this.entry(name)).toHaveCount(0)
  }

  async save(): Promise<void> {
    await this.saveButton.click()
  }

  /** Expects that the form does not wait for anything: the client locks one that sends. */
  async unlocked(): Promise<void> {
    await expect(this.saveButton).toBeEnabled()
    await expect(this.name).toBeEditable()
    await expect(this.page.locator('#album.phx-submit-loading')).toHaveCount(0)
  }

  /** Clicks something that has nothing to do with the upload, and waits for the answer. */
  async clickPing(): Promise<void> {
    const pings = Number((await this.ping.textContent())!.replaceAll(/\D/g, ''))
    await this.ping.click()
    await expect(this.ping).toHaveText(`Pinged ${pings + 1}`, { timeout: 25_000 })
  }

  /** The hash of what lies on the server's disk, by the name that the page shows. */
  /** Chooses files, saves them, and expects them to be all that was ever saved, byte by byte. */
  async savesOnly(...files: readonly ChosenFile[]): Promise<void> {
    await this.choose(...files)
    await this.save()
    await expect(this.saved).toHaveText(files.map(({ name }) => name))
    expect(await this.savedHashes()).toEqual(hashes(files))
  }

  async savedHashes(): Promise<Readonly<Record<string, string>>> {
    const found: Record<string, string> = {}
    for (const item of await this.saved.all()) {
      const file = await item.getAttribute('data-file')
      found[(await item.textContent())!] = sha256(await this.#app.savedFile(file!))
    }
    return found
  }

  /** Differs after each load of the page, by whatever way. */
  async documentId(): Promise<number> {
    return this.page.evaluate(() => performance.timeOrigin)
  }
}

function isBetween(progress: number): boolean {
  return progress > 0 && progress < 100
}
