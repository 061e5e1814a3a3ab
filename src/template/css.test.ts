import { describe, expect, it } from 'vitest'
import { LiveError } from '../errors.ts'
import { allBeside, mostBeside } from './beside.ts'
import { css } from './css.ts'
import { html } from './html.ts'
import { renderHtml } from './to-html.ts'

/** As a program would have written it. */
const written = (text: string): TemplateStringsArray => Object.assign([text], { raw: [text] })

describe('scoped styles', () => {
  const card = css`
    h2 { content: '\201C'; color: red }
  `

  it('print in a template what their scope is called', () => {
    expect(card.name).toMatch(/^[a-z0-9]+$/)
    expect(renderHtml(html`<p data-css=${card}></p>`)).toBe(`<p data-css="${card.name}"></p>`)
    expect(html`<p data-css=${card}></p>`.template.root).toBe(true)
    expect(`${card}`).toBe(card.name)
  })

  it('are others when their text is', () => {
    expect(css(written('a { color: red }')).name).toBe(css(written('a { color: red }')).name)
    expect(css(written('a { color: red }')).name).not.toBe(css(written('a { color: blue }')).name)
  })

  it('are among those that pages load, once, with their backslashes', () => {
    const text = `@scope ([data-css="${card.name}"]) to (:scope [data-css]) {`
    css(written('b { color: red }'))
    css(written('b { color: red }'))
    expect(allBeside('css').split(text)).toHaveLength(2)
    expect(allBeside('css').split('b { color: red }')).toHaveLength(2)
    expect(allBeside('css')).toContain(String.raw`content: '\201C'`)
  })

  it('have an element of their own, with the nonce that it is given', () => {
    const style = css(written('a > b { color: red }'))
    const scope = `@scope ([data-css="${style.name}"]) to (:scope [data-css])`
    expect(renderHtml(style.style({ nonce: 'a"b' }))).toBe(
      `<style nonce="a&quot;b">${scope} {a > b { color: red }}</style>`,
    )
    for (const page of [{}, { nonce: '' }]) expect(renderHtml(style.style(page))).toMatch(/^<style>@scope/)
    expect(style.style({}).template).toBe(style.style({ nonce: 'b' }).template)
  })

  it.each([
    '',
    `a::before { content: '}' } b { content: "\\"}" }`,
    '/* } */ a { color: red /* { */ }',
    'a { background: url(data:image/png;base64,a//b/*c) }',
    `a { background: url( "a)b" ); width: calc((1px + 2px) * 3) }`,
    '@media (width > 10rem) { a[href^="x"] { color: red } }',
    '.a\\{b { color: red }',
    '@importance { }',
  ])('may be %j', (text) => {
    expect(css(written(text)).style({}).template.strings.join('')).toContain(text)
  })

  it.each([
    { text: 'a { color: red } }', says: "a '}' closes nothing" },
    { text: 'a { color: red', says: "a '}' is missing" },
    { text: 'a { width: calc(1px }', says: "a '}' closes nothing" },
    { text: 'a { background: url(x } b { color: red }', says: 'an address in url(…) is not closed' },
    { text: '/* a', says: 'a comment is not closed' },
    { text: "a { content: 'b\n' }", says: 'a quote is not closed' },
    { text: 'a { content: "b }', says: 'a quote is not closed' },
    { text: 'a { color: red } \\', says: 'a backslash stands last' },
    { text: '/* </style> */', says: "'</style' ends or hides styles" },
    { text: '/* </STYLE> */', says: "'</STYLE' ends or hides styles" },
    { text: '<!-- a { }', says: "'<!--' ends or hides styles" },
    { text: '@import "a.css";', says: '@import must begin a file' },
    { text: '@CHARSET "utf-8";', says: '@CHARSET must begin a file' },
    {
      text: `a { color: red } ${' '.repeat(mostBeside)}`,
      says: 'all styles together have more than 1048576 characters',
    },
  ])('may not be $says', ({ text, says }) => {
    const make = (): unknown => css(written(text))
    expect(make).toThrow(LiveError)
    expect(make).toThrow(`css: ${says}`)
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_TEMPLATE' }))
  })

  it('hold no value, and a mistake is told where they stand', () => {
    const color = 'red' as never
    const make = (): unknown => css`a { color: ${color} }`
    expect(make).toThrow("css: a value cannot stand in styles, got 'red'; set a property on the element")
    try {
      make()
    } catch (error) {
      expect((error as Error).stack).toMatch(/\n +at .*css\.test\.ts/)
    }
  })
})
