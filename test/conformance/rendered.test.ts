import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffTree, renderTree } from '../../src/diff/diff.ts'
import { html } from '../../src/template/html.ts'
import { each } from '../../src/template/list.ts'
import type { Rendered } from '../../src/template/rendered.ts'
import { renderHtml } from '../../src/template/to-html.ts'
import { attrs, raw } from '../../src/template/values.ts'
import { BrowserRendered, overTheWire, wholeHtml } from './real-client.ts'
import { nothingLives } from '../support/embedder.ts'

/** A page's state, wide enough to reach every kind of slot and every way for one kind to become another. */
interface Sample {
  readonly root: number
  readonly text: unknown
  readonly attribute: unknown
  readonly branch: number
  readonly rows: readonly Row[]
  readonly items: readonly (string | number)[]
  readonly useDeps: boolean
  readonly dep: number
  readonly mixed: readonly number[]
  readonly any: number
}
interface Row {
  readonly id: number
  readonly name: string
  readonly open: boolean
  readonly tags: readonly string[]
}

const text = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom('<b>&"\'', '', '0'))
const row: fc.Arbitrary<Row> = fc.record({
  id: fc.integer({ min: 0, max: 8 }),
  name: text,
  open: fc.boolean(),
  tags: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 }),
})
const sample: fc.Arbitrary<Sample> = fc.record({
  root: fc.constantFrom(0, 0, 0, 1),
  text: fc.oneof(text, fc.constantFrom(null, undefined, false, true, 0, -1, 12.5, 7n)),
  attribute: fc.oneof(text, fc.constantFrom(null, undefined, false, true, 3)),
  branch: fc.integer({ min: 0, max: 3 }),
  rows: fc.uniqueArray(row, { selector: (item) => item.id, maxLength: 7 }),
  items: fc.array(fc.oneof(text, fc.integer()), { maxLength: 4 }),
  useDeps: fc.boolean(),
  dep: fc.integer({ min: 0, max: 1 }),
  mixed: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 }),
  any: fc.integer({ min: 0, max: 5 }),
})

function view(state: Sample): Rendered {
  if (state.root === 1) return html`<main>${state.text} ${state.rows.map((item) => html`<i>${item.name}</i>`)}</main>`
  const deps = state.useDeps ? [state.dep] : undefined
  return html`<div
    class="a ${state.attribute}"
    title=${state.attribute}
    ${attrs({ hidden: state.attribute, 'data-x': state.text })}
  >
    <h1>${state.text}</h1>
    ${branch(state)}
    <ul>
      ${each(
        state.rows,
        (item) => item.id,
        (item) => rowView(item, state.useDeps ? state.dep : 0),
        deps,
      )}
    </ul>
    <p>${state.items.map((item) => html`<b>${item}</b>`)}</p>
    <p>${state.items}</p>
    ${state.mixed.map((kind) => [html`<u>${kind}</u>`, html`<s>${kind}${state.text}</s>`, 'plain <', [1, html`<q></q>`]][kind])}
    ${
      [
        state.text,
        html`<em>${state.text}</em>`,
        state.items.map((item) => html`<b>${item}</b>`),
        null,
        raw('<hr>'),
        each(
          state.rows,
          (item) => item.id,
          (item) => html`<b>${item.id}</b>`,
        ),
      ][state.any]
    }
  </div>`
}

function branch(state: Sample): unknown {
  if (state.branch === 0) return null
  if (state.branch === 1) return html`<b>IF ${state.text}</b>`
  if (state.branch === 2) return html`<i id="x-${state.branch}">ELSE ${html`<span>${state.text}</span>`}</i> two roots`
  return html`<input value="${state.text}" />`
}

function rowView(item: Row, dep: number): Rendered {
  return html`<li id="row-${item.id}">
    ${item.name}${item.open && html`<p>${item.name} ${dep}</p>`}${each(
      item.tags,
      (tag) => tag,
      (tag) => html`<i>${tag}</i>`,
    )}
  </li>`
}

const rowOf = (id: number, name: string): Row => ({ id, name, open: false, tags: [] })

describe('the official client', () => {
  it('shows what the server rendered, after any changes', () => {
    fc.assert(
      fc.property(fc.array(sample, { minLength: 2, maxLength: 5 }), (states) => {
        const first = renderTree(view(states[0]!), nothingLives)
        const client = new BrowserRendered('v', overTheWire(first.tree))
        expect(wholeHtml(client)).toBe(renderHtml(view(states[0]!)))
        let { print } = first
        client.toString()
        for (const state of states.slice(1)) {
          const next = diffTree(print, view(state), nothingLives)
          print = next.print
          if (next.diff !== undefined) {
            client.mergeDiff(overTheWire(next.diff))
            client.toString()
          }
          expect(wholeHtml(client)).toBe(renderHtml(view(state)))
        }
      }),
      { numRuns: 600 },
    )
  })

  it.each([
    { written: 'in one line', part: () => html`<section id="side" class="x"><p>${'keep'}</p></section>` },
    {
      written: 'over lines, with tabs',
      part: () => html`<section
	id="side"
	class="x"><p>${'keep'}</p></section>`,
    },
    { written: 'without quotes', part: () => html`<section id=side><p>${'keep'}</p></section>` },
    {
      written: 'behind a > in a value',
      part: () => html`<section title = "a > b" id="side"><p>${'keep'}</p></section>`,
    },
  ])('keeps a part that did not change, its id written $written', ({ part }) => {
    const page = (text: string): Rendered => html`<main>${text}${part()}</main>`
    const { print, tree } = renderTree(page('a'), nothingLives)
    const client = new BrowserRendered('v', overTheWire(tree))
    client.toString()
    client.mergeDiff(overTheWire(diffTree(print, page('b'), nothingLives).diff))
    const { buffer } = client.toString()
    // Skipped, the client keeps what the page has, if it finds it by its id; else it has to be there in full.
    if (buffer.includes('data-phx-skip')) expect(buffer).toContain('id="side"')
    else expect(buffer).toContain('<p>keep</p>')
  })

  it.each([
    { how: 'with dependencies', deps: [] },
    { how: 'without', deps: undefined },
  ])('shows what became of 10,000 rows, $how', ({ deps }) => {
    const size = 10_000
    const rows: readonly Row[] = Array.from({ length: size }, (_, id) => rowOf(id, 'old'))
    const list = (items: readonly Row[]): Rendered =>
      html`<ul>
        ${each(
          items,
          (item) => item.id,
          (item) => rowView(item, 0),
          deps,
        )}
      </ul>`
    const changes: readonly ((items: readonly Row[]) => readonly Row[])[] = [
      (items) => items.with(5000, rowOf(5000, 'changed')),
      (items) => items.with(10, items[9990]!).with(9990, items[10]!),
      (items) => items.toReversed(),
      (items) => items.toSpliced(size / 2, 0, rowOf(size, 'inserted')),
      // All at once, and some go.
      (items) => [
        rowOf(size + 1, 'first'),
        ...items
          .toReversed()
          .with(7, rowOf(size + 2, 'other'))
          .slice(0, 9000),
      ],
    ]
    const first = renderTree(list(rows), nothingLives)
    const client = new BrowserRendered('v', overTheWire(first.tree))
    client.toString()
    let { print } = first
    let items = rows
    for (const change of changes) {
      items = change(items)
      const next = diffTree(print, list(items), nothingLives)
      print = next.print
      client.mergeDiff(overTheWire(next.diff))
      client.toString()
      // As a flag: nobody could read the difference of such texts.
      expect(wholeHtml(client) === renderHtml(list(items))).toBe(true)
    }
  })

  it('is sent nothing when nothing changed', () => {
    fc.assert(
      fc.property(sample, (state) => {
        const { print } = renderTree(view(state), nothingLives)
        expect(diffTree(print, view(state), nothingLives).diff).toBeUndefined()
      }),
    )
  })

  it('is sent nothing about rows that did not change', () => {
    const rows = (changed: number) => Array.from({ length: 100 }, (_, id) => rowOf(id, id === changed ? 'new' : 'old'))
    const list = (items: readonly Row[]) =>
      html`<ul>
        ${each(
          items,
          (item) => item.id,
          (item) => rowView(item, 0),
        )}
      </ul>`
    const { print } = renderTree(list(rows(-1)), nothingLives)
    expect(diffTree(print, list(rows(41)), nothingLives).diff).toEqual({ 0: { k: { 41: { 1: 'new' }, kc: 100 } } })
  })
})
