import { frameLimitDefaults } from '../protocol/frame-limits.ts'
import { lines as english } from '../texts/english.ts'
import { sayIn } from '../texts/say.ts'

/** What the line may say. */
export interface LimitLines {
  readonly tooLarge: string
  readonly tooManyFields: string
  readonly tooManyFiles: string
}

/** As the server says, or else in English. */
let given: Partial<LimitLines> = {}
let line: HTMLElement | undefined

/** In the page's language, as the server has them. */
export function setLines(lines: Partial<LimitLines>): void {
  given = lines
}

/** Says over the page, at its top, that a limit was reached. */
export function showLine(limit: string): void {
  if (line === undefined) {
    line = document.createElement('p')
    line.className = 'liveloom-limit'
    line.setAttribute('role', 'alert')
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(lineCss)
    // Not an element of its own, which a page's content security policy could refuse.
    document.adoptedStyleSheets.push(sheet)
  }
  line.textContent = textOf(limit)
  // Outside of the views, so that no patch takes it away.
  document.body.append(line)
}

export function hideLine(): void {
  line?.remove()
}

function textOf(limit: string): string {
  const name = nameOf(limit)
  const said = given[name]
  if (said !== undefined) return said
  const text = english[name]
  const data = { most: frameLimitDefaults.maxTextSize }
  return typeof text === 'function' ? text(data, sayIn('en')) : text
}

function nameOf(limit: string): keyof LimitLines {
  if (limit === 'maxFormFields' || limit === 'maxFormNesting') return 'tooManyFields'
  return limit === 'maxUploadChannels' ? 'tooManyFiles' : 'tooLarge'
}

/** An application may say it differently: a rule of its own for the class counts more. */
const lineCss = `
:where(.liveloom-limit) { position: fixed; inset: 0 0 auto; z-index: 2147483647; margin: 0; padding: 0.6rem 1rem;
  text-align: center; font: 500 0.95rem/1.4 system-ui, sans-serif; color: #fff; background: #8a4b00; pointer-events: none; }
`
