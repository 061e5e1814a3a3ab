/** What of a user's text reaches the browser, by the first page and by diffs that the client merges. */
import fc from 'fast-check'
import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5'
import { describe, expect, it } from 'vitest'
import { diffTree, renderTree } from '../../src/diff/diff.ts'
import { html } from '../../src/template/html.ts'
import { each } from '../../src/template/list.ts'
import type { Rendered } from '../../src/template/rendered.ts'
import { renderHtml } from '../../src/template/to-html.ts'
import { attrs } from '../../src/template/values.ts'
import { nothingLives } from '../support/embedder.ts'
import { BrowserRendered, overTheWire, wholeHtml } from './real-client.ts'

/** Each way that a value may stand in an attribute. */
const page = (
  a: unknown,
  b: unknown,
  list: readonly string[],
): Rendered => html`<div phx-click="${a}" data-x="${b}${a}">
  <a href="${a}" title="${b}"></a><a href="${a}${b}"></a><a href="${a}:${b}"></a><a href="x${a}/${b}"></a>
  <a href=${b} ${attrs({ 'xlink:href': a, 'phx-remove': b, src: b })}></a>
  ${each(
    list,
    (item) => item,
    (item) => html`<a href="${item}" phx-click="${item}"></a><img src=${item} />`,
  )}
</div>`

const commands = '[["push",{"event":"delete-everything"}]]'
const text = fc.oneof(
  fc.constantFrom(
    'javascript:alert(1)',
    ' JavaScript:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:alert(1)',
    'vbscript:a',
    'data:text/html,a',
    'data:image/svg+xml,<svg>',
    'data:image/png,a',
    '/a',
    '?b',
    'https://other.test/',
    'mailto:ada@example.org',
  ),
  fc.constantFrom(commands, '[', commands.slice(1), ':', '/', 'java', 'script:a', 'javascript', '\t', ' ', ''),
  fc.string({ maxLength: 6 }),
)
const value = fc.oneof({ weight: 4, arbitrary: text }, { weight: 1, arbitrary: fc.constantFrom(null, 7, false, true) })
const state = fc.tuple(value, value, fc.uniqueArray(text, { maxLength: 4 }))

const safe: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:', 'tel:', 'blob:'])
const base = 'https://own.test/'

/** As the client decides it. */
function runs(held: string): boolean {
  try {
    return held.startsWith('[') && JSON.stringify(JSON.parse(held)).includes('"push"')
  } catch {
    return false
  }
}

function assertSafe(markup: string): void {
  const visit = (node: DefaultTreeAdapterTypes.ChildNode): void => {
    if (!('attrs' in node)) return
    for (const { name, value: held } of node.attrs) {
      if (/^(?:xlink:)?href$|^src$/.test(name) && URL.canParse(held, base)) {
        const { protocol, pathname } = new URL(held, base)
        const isPicture = name === 'src' && protocol === 'data:' && pathname.startsWith('image/png')
        expect([name, held, isPicture || safe.has(protocol)]).toEqual([name, held, true])
      }
      if (/^(?:phx-|data-x)/.test(name)) expect([name, held, runs(held)]).toEqual([name, held, false])
    }
    for (const child of node.childNodes) visit(child)
  }
  for (const node of parseFragment(markup).childNodes) visit(node)
}

describe('the official client', () => {
  it('is given no address to run and no command of a user, by the page or by a diff, and both say the same', () => {
    fc.assert(
      fc.property(fc.array(state, { minLength: 2, maxLength: 5 }), (states) => {
        const first = renderTree(page(...states[0]!), nothingLives)
        const client = new BrowserRendered('v', overTheWire(first.tree))
        let { print } = first
        for (const next of states) {
          const update = diffTree(print, page(...next), nothingLives)
          print = update.print
          if (update.diff !== undefined) client.mergeDiff(overTheWire(update.diff))
          client.toString()
          const shown = wholeHtml(client)
          expect(shown).toBe(renderHtml(page(...next)))
          assertSafe(shown)
        }
      }),
      { numRuns: 500 },
    )
  })
})
