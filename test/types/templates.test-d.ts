import {
  attrs,
  createLiveView,
  each,
  html,
  raw,
  type Rendered,
  renderToString,
  type TemplateValue,
  type UploadError,
} from 'liveloom'
import { js } from 'liveloom/js'
import { describe, expectTypeOf, it } from 'vitest'

declare const text: string | undefined
declare const error: UploadError
declare const loose: unknown
declare const date: Date
declare const maybeDate: Date | undefined
declare const work: Promise<string>
interface Album {
  readonly title: string
}
declare const album: Album
class Counter {
  n = 1
  inc(): void {}
}

describe('a template takes', () => {
  it('texts, numbers, flags, and nothing', () => {
    expectTypeOf(html`${text} ${1} ${1n} ${true} ${null} ${undefined} ${text === '' && 'x'}`).toEqualTypeOf<Rendered>()
  })

  it('templates and lists, also of lists', () => {
    void html`${html`<p></p>`} ${[html`<p></p>`, 'x', [1, null]]} ${new Set(['a'])} ${['a'].map((name) => html`${name}`)}`
    void html`${each(
      ['a'],
      (name) => name,
      (name) => html`<li>${name}</li>`,
    )}`
  })

  it('what prints itself', () => {
    void html`<p ${attrs({ id: 1 })} phx-click=${js.push('x')}>${error} ${raw('<b></b>')} ${[error]}</p>`
  })

  it('what nobody knows', () => {
    void html`${loose} ${[loose]}`
    void createLiveView({ render: ({ n }) => html`<p>${n}</p>` })
  })

  it('lists and objects of classes and styles', () => {
    const busy = false
    void html`<p class=${['a', busy && 'b', { c: busy, d: text }]} style=${{ width: '1px', color: text, zIndex: 3 }}></p>`
  })

  it('a value that another function was given', () => {
    const card = (content: TemplateValue): Rendered => html`<div>${content}</div>`
    void card(html`<p></p>`)
    void card('text')
    // @ts-expect-error
    void card(date)
  })
})

describe('a template does not compile with', () => {
  it('a date, also one that may be missing', () => {
    // @ts-expect-error
    void html`${date}`
    // @ts-expect-error
    void html`<time datetime="${maybeDate}"></time>`
  })

  it('a function, a promise', () => {
    // @ts-expect-error
    void html`${() => 1}`
    // @ts-expect-error
    void html`${html}`
    // @ts-expect-error
    void html`${work}`
  })

  it('an object with a name of its own, or a method', () => {
    // @ts-expect-error
    void html`${album}`
    // @ts-expect-error
    void html`${new Counter()}`
    // @ts-expect-error
    void html`${[date]}`
    // @ts-expect-error
    void html`${Symbol('x')}`
  })
})

describe('a template outside of a view', () => {
  it('is a text', () => {
    expectTypeOf(renderToString(html`<p></p>`)).toEqualTypeOf<string>()
    // @ts-expect-error
    void renderToString('<p></p>')
  })
})
