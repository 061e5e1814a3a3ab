/** `unchanged` leaves what the page shows, and what the page shows is what the official client makes of our messages. */
import { describe, expect, it } from 'vitest'
import { diffTree, renderTree } from '../../src/diff/diff.ts'
import { html } from '../../src/template/html.ts'
import { each } from '../../src/template/list.ts'
import type { Rendered } from '../../src/template/rendered.ts'
import { renderHtml } from '../../src/template/to-html.ts'
import { unchanged } from '../../src/template/values.ts'
import { nothingLives } from '../support/embedder.ts'
import { BrowserRendered, overTheWire, wholeHtml } from './real-client.ts'

/** A page through several renders: what it shows after each, and what was sent for it. */
function show(views: readonly Rendered[]): { readonly shown: readonly string[]; readonly sent: readonly unknown[] } {
  const first = renderTree(views[0]!, nothingLives)
  const tree = new BrowserRendered('view', overTheWire(first.tree))
  tree.toString()
  let { print } = first
  const shown = [wholeHtml(tree)]
  const sent: unknown[] = []
  for (const view of views.slice(1)) {
    const update = diffTree(print, view, nothingLives)
    ;({ print } = update)
    sent.push(update.diff)
    if (update.diff !== undefined) tree.mergeDiff(overTheWire(update.diff))
    shown.push(wholeHtml(tree))
    tree.toString()
  }
  return { shown, sent }
}

const list = (items: readonly string[] | typeof unchanged): unknown =>
  each(
    items,
    (item) => item,
    (item) => html`<li>${item}</li>`,
  )

describe('a slot that is unchanged', () => {
  const slots: readonly {
    name: string
    render: (value: unknown) => Rendered
    value: unknown
    shown: string
    next: unknown
  }[] = [
    { name: 'text', render: (value) => html`<p>${value}</p>`, value: 'a', shown: '<p>a</p>', next: 'b' },
    {
      name: 'an attribute',
      render: (value) => html`<p title=${value}></p>`,
      value: 'a',
      shown: '<p title="a"></p>',
      next: true,
    },
    {
      name: 'part of one',
      render: (value) => html`<p class="x ${value}"></p>`,
      value: 'a',
      shown: '<p class="x a"></p>',
      next: 'b',
    },
    {
      name: 'a template',
      render: (value) => html`<p>${value}</p>`,
      value: html`<b>${1}</b>`,
      shown: '<p><b>1</b></p>',
      next: 'b',
    },
    {
      name: 'a list',
      render: (value) => html`<p>${value}</p>`,
      value: [html`<b>${1}</b>`, html`<b>${2}</b>`],
      shown: '<p><b>1</b><b>2</b></p>',
      next: [html`<b>${3}</b>`],
    },
    {
      name: 'a keyed list',
      render: (value) => html`<p>${value}</p>`,
      value: list(['a', 'b']),
      shown: '<p><li>a</li><li>b</li></p>',
      next: list([]),
    },
  ]

  it.each(slots)('keeps what it shows: $name', ({ render, value, shown, next }) => {
    const page = show([
      render(value),
      render(unchanged),
      render(unchanged),
      render(next),
      render(value),
      render(unchanged),
    ])
    expect(page.shown).toEqual([shown, shown, shown, renderHtml(render(next)), shown, shown])
    expect(page.sent.filter((diff) => diff === undefined)).toHaveLength(3)
  })

  it.each(slots)('is forgotten by the server, so the same is sent once more: $name', ({ render, value, shown }) => {
    const page = show([render(value), render(unchanged), render(value)])
    expect(page.shown).toEqual([shown, shown, shown])
    expect(page.sent[1]).toBeDefined()
    const { print } = renderTree(render(value), nothingLives)
    diffTree(print, render(unchanged), nothingLives)
    expect(print.slots).toEqual([unchanged])
  })

  it.each(slots)('prints nothing in a part that is new: $name', ({ render }) => {
    const part = (value: unknown): Rendered => html`<div>${value}</div>`
    const nothing = renderHtml(render(''))
    const page = show([part('a'), part(render(unchanged))])
    expect(page.shown[1]).toBe(`<div>${renderHtml(render(unchanged))}</div>`)
    expect([nothing, nothing.replace(' title=""', '')]).toContain(renderHtml(render(unchanged)))
  })

  it('leaves the rest of its template to change', () => {
    const view = (big: unknown, small: number): Rendered => html`<p>${big}</p><i>${small}</i>`
    const page = show([view('big', 1), view(unchanged, 2), view(unchanged, 2)])
    expect(page.shown.at(-1)).toBe('<p>big</p><i>2</i>')
    expect(page.sent).toEqual([{ 1: '2' }, undefined])
  })

  it('keeps its place in a row that moves', () => {
    const rows = (order: readonly string[], text: (id: string) => unknown): Rendered =>
      html`<ul>
        ${each(
          order,
          (id) => id,
          (id) => html`<li id="${id}">${text(id)}</li>`,
        )}
      </ul>`
    const page = show([rows(['a', 'b'], (id) => `text of ${id}`), rows(['b', 'a'], () => unchanged)])
    expect(page.shown[1]).toMatch(/<li id="b">text of b<\/li><li id="a">text of a<\/li>/)
  })
})
