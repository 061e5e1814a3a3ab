import fc from 'fast-check'
import { parseFragment } from 'parse5'
import { describe, expect, it } from 'vitest'
import { html } from './html.ts'
import { renderHtml } from './to-html.ts'
import { attrs } from './values.ts'

interface Node {
  readonly nodeName: string
  readonly value?: string
  readonly attrs?: readonly { readonly name: string; readonly value: string }[]
  readonly childNodes?: readonly Node[]
}

/** HTML cannot hold NUL, and reads CR LF as LF, whatever it is escaped to. */
const text = fc.string({ unit: 'binary' }).map((value) => value.replaceAll(/[\0\r]|\p{Surrogate}/gu, ''))

describe('html', () => {
  it('gives a parser of HTML back exactly the text that was put in, wherever it stands', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const printed = renderHtml(
          html`<p a="x${one}" b='${other}' c=${one} ${attrs({ d: other })}>${one}<b>${other}</b></p>`,
        )
        const [p, ...rest] = (parseFragment(printed) as unknown as Node).childNodes!
        expect(rest).toEqual([])
        expect(p!.attrs!.map(({ name, value }) => [name, value])).toEqual([
          ['a', `x${one}`],
          ['b', other],
          ['c', one],
          ['d', other],
        ])
        const texts = (node: Node): string => node.value ?? (node.childNodes ?? []).map(texts).join('')
        expect(texts(p!)).toBe(one + other)
        expect(p!.childNodes!.filter((node) => node.nodeName !== '#text')).toHaveLength(1)
      }),
    )
  })
})
