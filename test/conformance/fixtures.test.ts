/** The recorded cases: the real client prints what they say, and our renderer says what they say. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { diffTree, renderTree } from '../../src/diff/diff.ts'
import { html } from '../../src/template/html.ts'
import { each } from '../../src/template/list.ts'
import type { Rendered } from '../../src/template/rendered.ts'
import { renderHtml } from '../../src/template/to-html.ts'
import { attrs } from '../../src/template/values.ts'
import { bareHtml, BrowserRendered, overTheWire, withoutMarks } from './real-client.ts'
import { nothingLives } from '../support/embedder.ts'

type Json = Readonly<Record<string, unknown>>
interface Case {
  readonly name: string
  readonly initial: Json
  readonly diffs: readonly Json[]
  readonly html: readonly string[]
  readonly extracted: readonly { readonly reply: unknown; readonly events: unknown; readonly title: string | null }[]
}

const cases = JSON.parse(
  readFileSync(new URL('fixtures/rendered-cases.json', import.meta.url), 'utf8'),
) as readonly Case[]

describe('the real client prints the recorded HTML', () => {
  it.each(cases)('$name', ({ initial, diffs, html: expected, extracted }) => {
    const first = BrowserRendered.extract(overTheWire(initial))
    expect({ reply: first.reply, events: first.events, title: first.title ?? null }).toEqual(extracted[0])
    const client = new BrowserRendered('phx-V', first.diff)
    expect(bareHtml(client)).toBe(withoutMarks(expected[0]!))
    for (const [at, wire] of diffs.entries()) {
      const { diff, reply, events, title } = BrowserRendered.extract(overTheWire(wire))
      expect({ reply, events, title: title ?? null }).toEqual(extracted[at + 1])
      client.mergeDiff(diff)
      expect(bareHtml(client)).toBe(withoutMarks(expected[at + 1]!))
    }
  })
})

interface Row {
  readonly id: string
  readonly text: unknown
}

const li = (text: unknown): Rendered => html`<li>${text}</li>`
const ul = (content: unknown): Rendered => html`<ul>${content}</ul>`
const div = (content: unknown): Rendered => html`<div>${content}</div>`
const bold = (text: unknown): Rendered => html`<b>${text}</b>`
const slot = (content: unknown): Rendered => html`${content}`

const byKey = (rows: readonly Row[], row: (row: Row) => Rendered): unknown => each(rows, (item) => item.id, row)
const rows = (...pairs: readonly (readonly [string, unknown])[]): Row[] => pairs.map(([id, text]) => ({ id, text }))
const idRow = ({ id, text }: Row): Rendered => html`<li id="${id}">${text}</li>`

/** The states of a case whose page is one `<ul>` of `<li id="…">…</li>`, read from the recorded HTML. */
const recordedRows = (name: string): Rendered[] =>
  cases
    .find((candidate) => candidate.name === name)!
    .html.map((page) =>
      ul(
        byKey(
          [...page.matchAll(/<li id="([^"]*)">([^<]*)<\/li>/g)].map(([, id, text]) => ({ id: id!, text })),
          idRow,
        ),
      ),
    )

const weather = (time: string, sky: string): Rendered => html`<h2>It is ${time}</h2>
${sky}`
const button = (disabled: boolean, on: boolean): Rendered =>
  html`<button disabled=${disabled} ${attrs({ class: on && 'on' })}>${'Go'}</button>`
const classed = (text: string): Rendered => html`<p class="c">${text}</p>`
const two = (first: unknown, second: unknown): Rendered => html`<div>${first}${second}</div>`
const section = (title: string, inner: string): Rendered =>
  html`<section id="s1"><h1>${title}</h1>${em(inner)}${em('sib')}</section>`
const em = (text: string): Rendered => html`<em>${text}</em>`
const shared = (first: unknown, second: unknown): Rendered => html`<ul>${first}${second}${['c', 'd'].map(li)}</ul>`
const group = (name: string, items: readonly string[]): Rendered =>
  html`<p>${name}:${each(
    items.map((item) => item.split('=')),
    ([key]) => key!,
    (item) => html`<i>${item.at(-1)}</i>`,
  )}</p>`
const groups = (...names: readonly (readonly [string, readonly string[]])[]): Rendered =>
  div(names.map(([name, items]) => group(name, items)))
const branchRow = ({ id, text }: Row): Rendered => html`<li>${id}:${text}</li>`
const branch = (text: string): Rendered => html`<em>${text}</em>`
const commented = (text: string): Rendered => html`<!-- <Foo> -->
<div id="d" class="k">${text}</div>
<!-- </Foo> -->`
const field = (text: string, value: string): Rendered => html`<p>${text}</p>${html`<input id="i" value="${value}">`}`
const ifA = (text: string): Rendered => html`<b>IF ${text}</b>`
const elseB = (text: string): Rendered => html`<i>ELSE ${text}</i>`
const rule = html`<hr>`

/**
 * Views and states of ours that must produce a case's tree and diffs. `roots`: the recorded tree flags the root elements that we
 * flag; elsewhere the original flags fewer of them than it may, and flags are not compared.
 */
const views: Readonly<Record<string, { readonly roots?: true; readonly states: readonly Rendered[] }>> = {
  'text-dynamics': {
    states: [weather('10:30', 'Sunny'), weather('10:30', 'Rain'), weather('10:31', 'Snow'), weather('10:31', 'Snow')],
  },
  'inline-statics': { states: ['a', 'b'].map((text) => html`<p>${text}</p>`) },
  'root-r-is-the-reply-slot': { states: [div('x'), div('y')] },
  'escaped-text': { states: [html`<p>${`<b> & "x" 'y'`}</p>`] },
  conditional: { states: [div(null), div(ifA('A')), div(ifA('A2')), div(elseB('B')), div(false), div(ifA('A3'))] },
  'nested-without-dynamics': { states: [div(rule), div(''), div(rule)] },
  'attribute-dynamic': { states: [button(true, true), button(false, true), button(false, false)] },
  'function-component-root': {
    roots: true,
    states: [
      two(classed('one'), classed('two')),
      two(classed('ONE'), classed('two')),
      two(classed('ONE'), classed('TWO')),
    ],
  },
  'function-component-nesting': {
    roots: true,
    states: [slot(section('outer', 'inner')), slot(section('outer', 'INNER')), slot(section('OUTER', 'INNER'))],
  },
  'shared-templates': {
    states: [shared(li('a'), li('b')), shared(html`<li class="x">${'a2'}</li>`, html`<li class="y">${'b2'}</li>`)],
  },
  'comprehension-by-index': {
    states: [['a', 'b'], ['a', 'B'], ['a', 'B', 'c'], ['c'], [], ['x', 'y']].map((items) => ul(items.map(li))),
  },
  'comprehension-empty-first': { states: [[], ['a'], [], ['b']].map((items) => ul(items.map(li))) },
  'keyed-moves': { states: recordedRows('keyed-moves') },
  'keyed-replace': {
    states: [
      rows(['1', bold('x')], ['2', null]),
      rows(['9', null], ['2', null]),
      rows(['2', null], ['7', bold('z')]),
    ].map((list) => ul(byKey(list, idRow))),
  },
  'keyed-moved-with-new-statics': {
    states: [rows(['1', null], ['2', null]), rows(['2', null], ['1', branch('open')])].map((list) =>
      ul(byKey(list, branchRow)),
    ),
  },
  'nested-comprehension': {
    states: [
      groups(['A', ['1', '2']]),
      groups(['A', ['1', '2=TWO']]),
      groups(['A', ['2=TWO', '1']]),
      groups(['A', ['2=TWO', '1']], ['B', ['9']]),
      groups(['A', ['2=TWO', '1']], ['B', []]),
    ],
  },
  'comprehension-entry-conditional': {
    states: [ul([li2(null), li2(bold('2'))]), ul([li2(bold('1')), li2(null)])],
  },
  'comprehension-swap': {
    // The original's third list is another, empty comprehension. We tell lists apart by their rows alone, so that an empty list
    // is the emptied one before it; what is nothing at all is `null`.
    states: [div(['a'].map(li)), div(['p', 'q'].map((text) => html`<td>${text}</td>`)), div(null)],
  },
  'comprehension-of-function-components': {
    roots: true,
    states: [rows(['1', 'a'], ['2', 'b']), rows(['1', 'a'], ['2', 'B']), rows(['2', 'B'], ['1', 'a'])].map((list) =>
      ul(byKey(list, ({ text }) => slot(li(text)))),
    ),
  },
  'comments-around-root': {
    roots: true,
    states: [slot(commented('x')), slot(commented('x')), slot(commented('y'))],
  },
  'void-root': { roots: true, states: [field('t', 'v1'), field('t2', 'v1'), field('t2', 'v2')] },
  'keyed-generated-1': { states: recordedRows('keyed-generated-1') },
  'keyed-generated-2': { states: recordedRows('keyed-generated-2') },
  'keyed-generated-3': { states: recordedRows('keyed-generated-3') },
}

function li2(content: unknown): Rendered {
  return html`<li>${content}</li>`
}

/** What needs components, streams, or what a session puts on top of a message is told by `live-fixtures.test.ts`. */
const ofSessions: ReadonlySet<string> = new Set([
  'text-cid-text',
  'root-fingerprint-change',
  'revived-component',
  'components-and-root-r',
  'events-reply-title',
])

const isOfSessions = (name: string): boolean => /^(?:component|stream)-/.test(name) || ofSessions.has(name)

describe('our renderer says what is recorded', () => {
  it('for every case without components and streams', () => {
    expect(cases.map(({ name }) => name).filter((name) => !isOfSessions(name))).toEqual(Object.keys(views))
  })

  it.each(cases.filter(({ name }) => !isOfSessions(name)))('$name', ({ name, initial, diffs, html: recorded }) => {
    const { states, roots = false } = views[name]!
    expect(states).toHaveLength(diffs.length + 1)
    const first = renderTree(states[0]!, nothingLives)
    expect(resolved(first.tree, roots)).toEqual(resolved(initial, roots))
    const client = new BrowserRendered('phx-V', overTheWire(first.tree))
    expect(bareHtml(client)).toBe(withoutMarks(recorded[0]!))
    let { print } = first
    for (const [at, state] of states.slice(1).entries()) {
      const next = diffTree(print, state, nothingLives)
      print = next.print
      expect(resolved(next.diff ?? {}, roots), `diff ${at}`).toEqual(resolved(diffs[at]!, roots))
      client.mergeDiff(overTheWire(next.diff ?? {}))
      expect(bareHtml(client)).toBe(withoutMarks(recorded[at + 1]!))
      expect(renderHtml(state)).toBe(withoutMarks(recorded[at + 1]!))
    }
  })
})

/** A message with its statics in place instead of numbers, whose order is free. A root flag at the top is no flag. */
function resolved(message: object, roots: boolean): unknown {
  const {
    p = {},
    r: _,
    ...tree
  } = overTheWire(message) as { readonly p?: Readonly<Record<string, unknown>>; readonly r?: 1 }
  const resolve = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null) return node
    if (Array.isArray(node)) return node.map(resolve)
    return Object.fromEntries(
      Object.entries(node)
        .filter(([key]) => roots || key !== 'r')
        .map(([key, value]) => [key, key === 's' && typeof value === 'number' ? p[value] : resolve(value)]),
    )
  }
  return resolve(tree)
}
