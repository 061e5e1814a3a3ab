import { describe, expect, it } from 'vitest'
import { renderTree } from '../diff/diff.ts'
import { html } from './html.ts'
import { each, type Key, toList } from './list.ts'
import type { Rendered } from './rendered.ts'
import { renderHtml } from './to-html.ts'
import { nothingLives } from '../../test/support/embedder.ts'

const identity = (item: unknown) => item as Key

describe('each', () => {
  it('reads its items once, and does not copy an array', () => {
    let reads = 0
    const once = {
      *[Symbol.iterator]() {
        reads++
        yield 1
      },
    }
    const made = each(once, identity, (item) => html`<li>${item}</li>`)
    renderHtml(html`${made}`)
    renderHtml(html`${made}`)
    expect(reads).toBe(1)
    const items = [1, 2]
    expect(each(items, identity, identity).items).toBe(items)
  })

  it('refuses a key that is no function', () => {
    expect(() => each([1], 'id' as never, identity)).toThrow('each: key must be a function')
    expect(() => each([1], 'id' as never, identity)).toThrow(expect.objectContaining({ code: 'ERR_TEMPLATE_KEY' }))
  })

  it.each([
    { name: 'as HTML', print: renderHtml },
    { name: 'as a tree', print: (list: Rendered) => renderTree(list, nothingLives) },
  ])('refuses two items of one key $name', ({ print }) => {
    const list = html`<ul>
      ${each(['a', 'b', 'a'], identity, (item) => html`<li>${item}</li>`)}
    </ul>`
    expect(() => print(list)).toThrow("each: the key 'a' occurs twice, at `…<ul> ${here} </ul>…`")
    expect(() => print(list)).toThrow(expect.objectContaining({ code: 'ERR_TEMPLATE_KEY' }))
  })

  it('gives render the item alone, so that a function with more parameters may stand there', () => {
    const row = (item: string, extra = 'none'): unknown => html`<li>${item} ${extra}</li>`
    const list = html`<ul>${each(['a'], identity, row)}</ul>`
    expect(JSON.stringify(renderTree(list, nothingLives).tree)).toContain('"1":"none"')
    expect(renderHtml(list)).toContain('a none')
  })

  it('tells the number 1 from the text 1', () => {
    expect(renderHtml(html`<ul>${each([1, '1'], identity, identity)}</ul>`)).toBe('<ul>11</ul>')
  })
})

describe('a list', () => {
  it.each([
    { name: 'an array', value: [1], items: [1] },
    { name: 'a set', value: new Set([1, 2]), items: [1, 2] },
    { name: 'a keyed list', value: each([3], identity, identity), items: [3] },
  ])('is made of $name', ({ value, items }) => {
    expect(toList(value)?.items).toEqual(items)
  })

  it.each([{}, new Date(0), Promise.resolve()])('is not made of %s', (value) => {
    expect(toList(value)).toBeUndefined()
  })
})
