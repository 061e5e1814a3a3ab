/** Users in browsers of their own, what they do and what they see. */
import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { check } from './checks.mjs'
import { folder, until } from './stage.mjs'

const fileSize = 24 * 1024 * 1024

export class User {
  #page

  constructor(name, page) {
    this.name = name
    this.#page = page
  }

  /** `uplink`: of the browser's line, in bytes a second. */
  static async open(browser, site, name, uplink) {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(site)
    await page.waitForSelector('.phx-connected')
    await page.evaluate(() => (globalThis.marked = true))
    await page.click(`text=I am ${name}`)
    await page.waitForFunction((text) => document.querySelector('#name').textContent === text, name)
    const line = await context.newCDPSession(page)
    await line.send('Network.enable')
    const conditions = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: uplink }
    await line.send('Network.emulateNetworkConditions', conditions)
    return new User(name, page)
  }

  close() {
    return this.#page.context().close()
  }

  /** At which process the page is. */
  place() {
    return this.#page.textContent('#place')
  }

  draft(text) {
    return this.#page.fill('input[name=text]', text)
  }

  async say(text) {
    await this.draft(text)
    await this.#page.click('text=Send')
  }

  /** A file that begins to be sent when its form is submitted: this does. */
  async send(name) {
    const bytes = randomBytes(fileSize)
    const path = join(folder, name)
    writeFileSync(path, bytes)
    await this.#page.setInputFiles('input[type=file]', path)
    await this.#page.waitForSelector('.sent')
    await this.#page.click('text=Send')
    const sum = createHash('sha256').update(bytes).digest('hex')
    return { name, line: `${this.name}: ${name}: ${fileSize} bytes, SHA-256 ${sum}` }
  }

  /** Until some of the file is there. */
  started(patience) {
    const some = () => Number(document.querySelector('.sent')?.textContent) >= 20
    return this.#page.waitForFunction(some, undefined, { timeout: patience })
  }

  /** How much of the file is there, in percent; `undefined` when none is on its way. */
  sent() {
    return this.#page.evaluate(() => document.querySelector('.sent')?.textContent)
  }

  async keepsName() {
    const { name } = this
    await until(async () => (await this.#page.textContent('#name')) === name, `${name} is still ${name}`)
    check(true, `${name} is still ${name}`)
  }

  async keepsDraft(text) {
    check((await this.#page.inputValue('input[name=text]')) === text, `${this.name}'s draft is there`)
  }

  async keepsPage() {
    const kept = await this.#page.evaluate(() => globalThis.marked === true)
    check(kept, `${this.name}'s page was never loaded anew`)
  }

  /** `patience`: after how many ms it is given up. */
  async sees(lines, what, patience = 60_000) {
    const there = (texts) => {
      const shown = document.querySelector('#messages')?.textContent ?? ''
      return texts.every((text) => shown.includes(text))
    }
    const holds = await this.#page.waitForFunction(there, lines, { timeout: patience }).then(
      () => true,
      () => false,
    )
    check(holds, `${this.name} sees ${what}`)
  }
}
