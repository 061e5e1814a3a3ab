import { describe, expect, it } from 'vitest'
import { nothingLives } from '../../test/support/embedder.ts'
import type { WireEntry, WireKeyed, WireMessage } from '../protocol/keys.ts'
import { html } from '../template/html.ts'
import { each } from '../template/list.ts'
import type { Rendered } from '../template/rendered.ts'
import { diffComponent, diffTree, renderComponent, renderTree } from './diff.ts'

interface Row {
  readonly id: number
  readonly name: string
}

const size = 10_000
const rows: readonly Row[] = Array.from({ length: size }, (_, id) => ({ id, name: 'old' }))

/** A page with a list, and how many of its rows the last render of it rendered. */
class Page {
  rendered = 0
  readonly deps: readonly unknown[] | undefined
  readonly #print

  constructor(items: readonly Row[], deps: readonly unknown[] | undefined) {
    this.deps = deps
    this.#print = renderTree(this.#view(items, deps), nothingLives).print
  }

  #view(items: readonly Row[], deps: readonly unknown[] | undefined): Rendered {
    this.rendered = 0
    const row = ({ id, name }: Row): Rendered => {
      this.rendered++
      return html`<li id="r${id}">${name}</li>`
    }
    return html`<ul>${each(items, ({ id }) => id, row, deps)}</ul>`
  }

  to(items: readonly Row[], deps: readonly unknown[] | undefined = this.deps): WireMessage | undefined {
    return diffTree(this.#print, this.#view(items, deps), nothingLives).diff
  }
}

const list = (k: WireKeyed['k']): WireMessage => ({ 0: { k } })
/** Entries that say of positions where their rows came from. */
const from = (first: number, last: number, by: number): WireKeyed['k'] =>
  Object.fromEntries(Array.from({ length: last - first + 1 }, (_, nth) => [first + nth, first + nth + by]))

describe.each([
  { how: 'with dependencies', deps: [] },
  { how: 'without', deps: undefined },
])('a list of 10,000 rows, $how', ({ deps }) => {
  it.each([
    { name: 'nothing, when nothing changed', items: rows, wire: undefined },
    {
      name: 'one row, when one changed',
      items: rows.with(5000, { id: 5000, name: 'new' }),
      wire: list({ 5000: { 1: 'new' }, kc: size }),
    },
    {
      name: 'two numbers, when two are swapped',
      items: rows.with(10, rows[9990]!).with(9990, rows[10]!),
      wire: list({ 10: 9990, 9990: 10, kc: size, km: true }),
    },
    {
      name: 'those between, when one moves by three',
      items: rows.toSpliced(100, 1).toSpliced(103, 0, rows[100]!),
      wire: list({ 100: 101, 101: 102, 102: 103, 103: 100, kc: size, km: true }),
    },
    {
      name: 'a number for each, when it is reversed',
      items: rows.toReversed(),
      wire: list({ ...Object.fromEntries(rows.map(({ id }) => [id, size - 1 - id] as const)), kc: size, km: true }),
    },
    {
      name: 'one row, when one is appended',
      items: [...rows, { id: size, name: 'new' }],
      wire: list({ [size]: { 0: `${size}`, 1: 'new' }, kc: size + 1 }),
    },
    {
      name: 'a row and a number for each behind it, when one is put in the middle',
      items: rows.toSpliced(5000, 0, { id: -1, name: 'new' }),
      wire: list({ ...from(5001, size, -1), 5000: { 0: '-1', 1: 'new' }, kc: size + 1, km: true }),
    },
    {
      name: 'a number for each behind it, when one is taken out',
      items: rows.toSpliced(9000, 1),
      wire: list({ ...from(9000, size - 2, 1), kc: size - 1, km: true }),
    },
    { name: 'the count alone, when its end is cut off', items: rows.slice(0, 3), wire: list({ kc: 3 }) },
    { name: 'the count alone, when all go', items: [], wire: list({ kc: 0 }) },
    {
      name: 'where it came from and what changed, when one does both',
      items: rows.with(0, { id: 1, name: 'new' }).with(1, rows[0]!),
      wire: list({ 0: [1, { 1: 'new' }], 1: 0, kc: size, km: true }),
    },
  ])('is sent $name', ({ items, wire }) => {
    expect(new Page(rows, deps).to(items)).toEqual(wire)
  })
})

describe('a row', () => {
  const changed = rows.with(7, { id: 7, name: 'new' })

  it.each([
    { name: 'none, when items and dependencies are the same', deps: ['a'], items: rows, thenDeps: ['a'], rendered: 0 },
    { name: 'the one whose item changed', deps: ['a'], items: changed, thenDeps: ['a'], rendered: 1 },
    { name: 'none, when they only move', deps: ['a'], items: rows.toReversed(), thenDeps: ['a'], rendered: 0 },
    { name: 'the new one', deps: [], items: [{ id: -1, name: '' }, ...rows], thenDeps: [], rendered: 1 },
    { name: 'all, when a dependency changed', deps: ['a'], items: rows, thenDeps: ['b'], rendered: size },
    { name: 'all, when there is another dependency', deps: ['a'], items: rows, thenDeps: ['a', 'b'], rendered: size },
    { name: 'all, without dependencies', deps: undefined, items: rows, thenDeps: undefined, rendered: size },
  ])('is rendered again: $name', ({ deps, items, thenDeps, rendered }) => {
    const page = new Page(rows, deps)
    page.to(items, thenDeps)
    expect(page.rendered).toBe(rendered)
  })

  it('is told from what it was, though the view changed its array in place', () => {
    const items = rows.slice(0, 3)
    const page = new Page(items, [])
    items[1] = { id: 1, name: 'new' }
    expect(page.to(items)).toEqual(list({ 1: { 1: 'new' }, kc: 3 }))
  })
})

/** How often a text of the statics is in a message. */
const times = (message: unknown, text: string): number => JSON.stringify(message).split(text).length - 1

describe('a list of function templates', () => {
  const card = (name: string): Rendered => html`<article class="card">${name}</article>`
  const cards = (names: readonly string[]): Rendered =>
    html`<div>${names.map((name) => html`<li>${card(name)}</li>`)}</div>`
  const names = Array.from({ length: 100 }, (_, at) => `n${at}`)

  it('sends their statics once, in a view and in a component', () => {
    expect(times(renderTree(cards(names), nothingLives).tree, 'class=')).toBe(1)
    expect(times(renderComponent(cards(names), nothingLives, undefined).tree, 'class=')).toBe(1)
  })

  it('names them in a table of its own in a component, for its rows alone', () => {
    const { print, tree } = renderComponent(cards(['a', 'b']), nothingLives, undefined)
    const table = { 0: ['<article class="card">', '</article>'] }
    expect(tree).toEqual({
      0: {
        s: ['<li>', '</li>'],
        k: { 0: { 0: { 0: 'a', s: 0, r: 1 } }, 1: { 0: { 0: 'b', s: 0, r: 1 } }, kc: 2 },
        p: table,
      },
      s: ['<div>', '</div>'],
      r: 1,
    })
    expect(diffComponent(print, cards(['a', 'B', 'c']), nothingLives).diff).toEqual({
      0: { k: { 1: { 0: { 0: 'B' } }, 2: { 0: { 0: 'c', s: 0, r: 1 } }, kc: 3 }, p: table },
    })
    // Without anything new there is no table.
    expect(diffComponent(print, cards(['A', 'B', 'c']), nothingLives).diff).toEqual({
      0: { k: { 0: { 0: { 0: 'A' } }, kc: 3 } },
    })
  })

  it('has one table for lists in lists', () => {
    const nested = (names: readonly string[]): Rendered =>
      html`<div>${[1, 2].map(() => html`<ol>${names.map((name) => html`<li>${card(name)}</li>`)}</ol>`)}</div>`
    const { tree } = renderComponent(nested(['a', 'b']), nothingLives, undefined)
    expect(times(tree, 'class=')).toBe(1)
    expect(times(tree, '"p":')).toBe(1)
  })
})

describe('rows of several templates', () => {
  const mixed = (kinds: readonly string[]): Rendered =>
    html`<div>${kinds.map((kind) => (kind === 'a' ? html`<a>${kind}</a>` : kind === 'b' ? html`<b>${kind}</b>` : kind))}</div>`

  it('bring their own statics, and only what changed afterwards', () => {
    const { print } = renderTree(mixed(['a', 'b']), nothingLives)
    const diff = diffTree(print, mixed(['a', 'text']), nothingLives).diff!
    expect((diff[0] as WireKeyed).k).toEqual({ 1: { 0: 'text' } satisfies WireEntry, kc: 2 })
    expect(diffTree(print, mixed(['a', 'text']), nothingLives).diff).toBeUndefined()
  })

  describe('in a list that had one', () => {
    const shown = ({ id, name }: Row): Rendered => html`<li id="r${id}">${name}</li>`
    const edited = ({ id, name }: Row): Rendered => html`<li id="r${id}"><input value="${name}" /></li>`
    const either = (row: Row): Rendered => (row.name === 'edit' ? edited(row) : shown(row))
    const few = rows.slice(0, 4)
    const edit = (items: readonly Row[], id: number): readonly Row[] => items.with(id, { id, name: 'edit' })
    const play = (row: (item: Row) => Rendered) => {
      const view = (items: readonly Row[]): Rendered => html`<ul>${each(items, ({ id }) => id, row, [])}</ul>`
      let { print } = renderTree(view(few), nothingLives)
      return (items: readonly Row[]): WireMessage | undefined => {
        const next = diffTree(print, view(items), nothingLives)
        print = next.print
        return next.diff
      }
    }

    it('have the whole list sent again with the first of another, once', () => {
      const to = play(either)
      const first = to(edit(few, 1))!
      expect(Object.keys((first[0] as WireKeyed).k)).toEqual(['0', '1', '2', '3', 'kc'])
      expect(JSON.stringify(first)).toContain('"old"')
      const second = to(edit(edit(few, 1), 3))!
      expect(Object.keys((second[0] as WireKeyed).k)).toEqual(['3', 'kc'])
      expect(Object.keys((to(few)![0] as WireKeyed).k)).toEqual(['1', '3', 'kc'])
    })

    it('are sent alone where a template of one slot is around each', () => {
      const to = play((row) => html`${either(row)}`)
      expect(to(edit(few, 1))).toEqual({
        0: { k: { 1: { 0: { 0: '1', 1: 'edit', s: 0, r: 1 } }, kc: 4 } },
        p: { 0: ['<li id="r', '"><input value="', '" /></li>'] },
      })
      expect(Object.keys((to(few)![0] as WireKeyed).k)).toEqual(['1', 'kc'])
    })
  })
})
