import { describe, expect, it } from 'vitest'
import { LiveError } from '../errors.ts'
import { html } from './html.ts'
import { templateOf } from './parse.ts'

/** The template of a tagged literal, as ``html`…` `` sees it. */
function template(strings: TemplateStringsArray, ..._values: readonly unknown[]) {
  return templateOf(strings)
}

function errorOf(make: () => unknown): LiveError {
  try {
    make()
  } catch (error) {
    expect(error).toBeInstanceOf(LiveError)
    return error as LiveError
  }
  throw new Error('nothing was thrown')
}

describe('the slots of a template', () => {
  const x = 'x'
  it.each([
    { name: 'text', made: template`<p>${x}</p>`, slots: ['text '], statics: ['<p>', '</p>'] },
    { name: 'text between others', made: template`${x}a${x}`, slots: ['text ', 'text '], statics: ['', 'a', ''] },
    { name: 'a quoted value', made: template`<p id="${x}"></p>`, slots: ['quoted id'], statics: ['<p id="', '"></p>'] },
    { name: 'single quotes', made: template`<p id='${x}'></p>`, slots: ['quoted id'], statics: ["<p id='", "'></p>"] },
    {
      name: 'a part of a quoted value',
      made: template`<p class="a ${x} b ${x}"></p>`,
      slots: ['quoted class', 'quoted class'],
      statics: ['<p class="a ', ' b ', '"></p>'],
    },
    { name: 'a whole attribute', made: template`<p id=${x}></p>`, slots: ['attribute id'], statics: ['<p', '></p>'] },
    {
      name: 'a whole attribute between others',
      made: template`<p a id=${x} b></p>`,
      slots: ['attribute id'],
      statics: ['<p a', ' b></p>'],
    },
    {
      name: 'a whole attribute with spaces around the equals sign',
      made: template`<p id = ${x}></p>`,
      slots: ['attribute id'],
      statics: ['<p', '></p>'],
    },
    {
      name: 'two whole attributes',
      made: template`<p a=${x} b=${x}></p>`,
      slots: ['attribute a', 'attribute b'],
      statics: ['<p', '', '></p>'],
    },
    {
      name: 'a whole attribute that closes an element',
      made: template`<svg><path d=${x}/></svg>`,
      slots: ['attribute d'],
      statics: ['<svg><path', '/></svg>'],
    },
    { name: 'a spread', made: template`<p ${x}></p>`, slots: ['spread '], statics: ['<p', '></p>'] },
    {
      name: 'a spread behind a bare attribute',
      made: template`<p a ${x} b></p>`,
      slots: ['spread '],
      statics: ['<p a', ' b></p>'],
    },
    {
      name: 'a spread on a line of its own',
      made: template`<p
        ${x}
      ></p>`,
      slots: ['spread '],
      statics: ['<p', '\n      ></p>'],
    },
    {
      name: 'text behind a comment',
      made: template`<!-- a > b -->${x}`,
      slots: ['text '],
      statics: ['<!-- a > b -->', ''],
    },
    {
      name: 'text behind a script',
      made: template`<script>if (a < b) "<p>"</script>${x}`,
      slots: ['text '],
      statics: ['<script>if (a < b) "<p>"</script>', ''],
    },
    { name: 'text behind a lone <', made: template`a < ${x}`, slots: ['text '], statics: ['a < ', ''] },
    {
      name: 'text behind a > in an attribute',
      made: template`<p title="a>b">${x}</p>`,
      slots: ['text '],
      statics: ['<p title="a>b">', '</p>'],
    },
    {
      name: 'text in a title',
      made: template`<!doctype html><title>${x}</title>`,
      slots: ['text '],
      statics: ['<!doctype html><title>', '</title>'],
    },
  ])('$name', ({ made, slots, statics }) => {
    expect(made.slots.map((slot) => `${slot.kind} ${slot.name}`)).toEqual(slots)
    expect(made.statics).toEqual(statics)
  })

  it('are read once for each place in the code', () => {
    const make = (value: unknown) => html`<p>${value}</p>`
    expect(make(1).template).toBe(make(2).template)
    expect(make(1).template).not.toBe(html`<p>${1}</p>`.template)
  })
})

describe('a value is refused', () => {
  const x = 'x'
  it.each([
    { where: 'as a tag name', make: () => html`<${x}>`, says: 'a value cannot be a tag name', at: '…<${here}>…' },
    { where: 'in a tag name', make: () => html`<h${x}>`, says: 'a value cannot be a tag name', at: '…<h${here}>…' },
    {
      where: 'in a closing tag',
      make: () => html`<p></p${x}>`,
      says: 'a value cannot be a tag name',
      at: '</p${here}',
    },
    {
      where: 'behind a closing tag’s name',
      make: () => html`<p></p ${x}>`,
      says: 'a value cannot stand in a closing tag',
      at: '</p ${here}',
    },
    {
      where: 'in an attribute name',
      make: () => html`<p data-${x}="1"></p>`,
      says: 'a value cannot be part of an attribute name; use attrs({ … })',
      at: '<p data-${here}="1"',
    },
    {
      where: 'in a comment',
      make: () => html`<!-- ${x} -->`,
      says: 'a value cannot stand in a comment',
      at: '<!-- ${here}',
    },
    {
      where: 'in a doctype',
      make: () => html`<!doctype ${x}>`,
      says: 'a value cannot stand in a comment',
      at: '${here}',
    },
    {
      where: 'in a script that seems to close itself',
      make: () => html`<script/>${x}</script>`,
      says: 'a value cannot stand in <script>',
      at: '<script/>${here}',
    },
    {
      where: 'in a script behind a lone <',
      make: () => html`<<script>${x}</script>`,
      says: 'a value cannot stand in <script>',
      at: '<script>${here}',
    },
    {
      where: 'behind a space that HTML takes for a letter',
      make: () => html`<a class=b title=${x}>`,
      says: 'the value of class must be quoted',
      at: '${here}',
    },
    {
      where: 'in a script',
      make: () => html`<script>let a = ${x}</script>`,
      says: 'a value cannot stand in <script>, where no escaping is safe',
      at: 'let a = ${here}</script>',
    },
    {
      where: 'in a script that mentions its like',
      make: () => html`<script>"</scripts>"; ${x}</script>`,
      says: 'a value cannot stand in <script>',
      at: '${here}</script>',
    },
    {
      where: 'in a style',
      make: () => html`<STYLE>p { color: ${x} }</STYLE>`,
      says: 'a value cannot stand in <style>',
      at: 'color: ${here} }',
    },
    {
      where: 'in a quoted handler',
      make: () => html`<p onclick="go('${x}')"></p>`,
      says: 'a value cannot stand in onclick, which the browser runs as a script',
      at: `onclick="go('\${here}')"`,
    },
    {
      where: 'as a whole handler',
      make: () => html`<p onClick=${x}></p>`,
      says: 'a value cannot stand in onclick',
      at: 'onClick=${here}>',
    },
    {
      where: 'as the end of an unquoted value',
      make: () => html`<p class=a${x}></p>`,
      says: 'the value of class must be quoted, or be one slot alone',
      at: 'class=a${here}>',
    },
    {
      where: 'as the start of an unquoted value',
      make: () => html`<p class=${x}a></p>`,
      says: 'a value with text behind it must be in quotes',
      at: 'class=${here}a>',
    },
    {
      where: 'right behind another',
      make: () => html`<p class=${x}${x}></p>`,
      says: 'two values in a row must be in quotes, or apart',
      at: '${here}>',
    },
    {
      where: 'right behind a spread',
      make: () => html`<p ${x}${x}></p>`,
      says: 'two values in a row must be in quotes, or apart',
      at: '${here}>',
    },
  ])('$where', ({ make, says, at }) => {
    const error = errorOf(make)
    expect(error.code).toBe('ERR_TEMPLATE')
    expect(error.message).toContain(says)
    expect(error.message).toContain(at)
  })

  it('with the number of the value', () => {
    expect(errorOf(() => html`<p>${x}</p><!-- ${x} -->`).message).toContain('(value 2 of the template)')
  })

  it.each([
    { name: 'a tag', make: () => html`<p>${x}</p><br`, inside: '<br>' },
    { name: 'an attribute', make: () => html`<p title="${x}>`, inside: '<p>' },
    { name: 'a comment', make: () => html`<p></p><!-- ->`, inside: 'a comment' },
    { name: 'a script', make: () => html`<script>`, inside: '<script>' },
  ])('when the template ends inside $name', ({ make, inside }) => {
    const error = errorOf(make)
    expect(error.code).toBe('ERR_TEMPLATE')
    expect(error.message).toContain(`the template ends inside ${inside}`)
  })
})

describe('an element with phx-hook', () => {
  const x = 'x'
  it.each([
    { name: 'alone', make: () => html`<p phx-hook="Chart"></p>`, at: '<p phx-hook="Chart">' },
    { name: 'as a value', make: () => html`<p class="a" phx-hook=${x}></p>`, at: '<p class="a" phx-hook=${…}>' },
    { name: 'in an unclosed tag', make: () => html`<input phx-hook=a />`, at: '<input phx-hook=a />' },
    { name: 'bare', make: () => html`<p phx-hook></p>`, at: '<p phx-hook>' },
    { name: 'in upper case', make: () => html`<p PHX-HOOK="Chart"></p>`, at: '<p PHX-HOOK="Chart">' },
    { name: 'whose parent has the id', make: () => html`<p id="a"><b phx-hook="C"></b></p>`, at: '<b phx-hook="C">' },
    { name: 'whose sibling has the id', make: () => html`<b id="a"></b><b phx-hook="C"></b>`, at: '<b phx-hook="C">' },
    { name: 'whose child has a spread', make: () => html`<p phx-hook="C"><b ${x}></b></p>`, at: '<p phx-hook="C">' },
    { name: 'with data-id', make: () => html`<p data-id="a" phx-hook="C"></p>`, at: 'phx-hook="C">' },
  ])('and without an id is refused: $name', ({ make, at }) => {
    const error = errorOf(make)
    expect(error.code).toBe('ERR_TEMPLATE')
    expect(error.message).toContain(`an element with phx-hook needs an id, at`)
    expect(error.message).toContain(at)
  })

  it.each([
    { name: 'an id', make: () => html`<p phx-hook="Chart" id="a"></p>` },
    { name: 'an id that is a value', make: () => html`<p id=${x} phx-hook=${x}></p>` },
    { name: 'an id in quotes', make: () => html`<p id="a-${x}" phx-hook="Chart"></p>` },
    { name: 'an id in upper case', make: () => html`<p ID="a" phx-hook="Chart"></p>` },
    { name: 'an id behind spaces', make: () => html`<p phx-hook="Chart" id = "a"></p>` },
    { name: 'a spread that may bring it', make: () => html`<p phx-hook="Chart" ${x}></p>` },
  ])('may have $name', ({ make }) => {
    expect(make).not.toThrow()
  })

  it.each([
    { name: 'text', make: () => html`<p>phx-hook</p>` },
    { name: 'a value', make: () => html`<p title="phx-hook"></p>` },
    { name: 'another attribute', make: () => html`<p data-phx-hook="x" phx-hooks="y"></p>` },
    { name: 'a comment', make: () => html`<!-- <p phx-hook="x"> --><p></p>` },
  ])('is not $name', ({ make }) => {
    expect(make).not.toThrow()
  })
})

describe('a single root element', () => {
  const x = 'x'
  it.each([
    { name: 'an element', made: template`<p>${x}</p>`, root: true },
    { name: 'an element with elements inside', made: template`<p><b>${x}</b>text<br><i></i></p>`, root: true },
    {
      name: 'whitespace around it',
      made: template`
      <p></p>
    `,
      root: true,
    },
    { name: 'a void element', made: template`<input value="${x}">`, root: true },
    { name: 'a void element with a slash', made: template`<input value="${x}" />`, root: true },
    { name: 'upper case', made: template`<P></p>`, root: true },
    { name: 'comments around it', made: template`<!-- a --> <p></p><!-- b -->`, root: true },
    { name: 'an svg with self-closing shapes', made: template`<svg><path d="M0"/></svg>`, root: true },
    {
      name: 'a comment over several lines',
      made: template`<!-- a
      --><p></p>`,
      root: false,
    },
    { name: 'a script', made: template`<script>a < b</script>`, root: true },
    {
      name: 'a newline before the id',
      made: template`<p
      id="a" class="b">${x}</p>`,
      root: true,
    },
    { name: 'an id that the client would not find: no quotes', made: template`<p id=a>${x}</p>`, root: false },
    { name: 'an id that the client would not find: upper case', made: template`<p ID="a">${x}</p>`, root: false },
    { name: 'an id that the client would not find: spaces', made: template`<p id = "a">${x}</p>`, root: false },
    {
      name: 'an id behind an equals sign with spaces',
      made: template`<p title = "a > b" id="c">${x}</p>`,
      root: false,
    },
    { name: 'nothing', made: template``, root: false },
    { name: 'text', made: template`text`, root: false },
    { name: 'text before', made: template`a <p></p>`, root: false },
    { name: 'text behind', made: template`<p></p> a`, root: false },
    { name: 'a lone <', made: template`<p></p> < `, root: false },
    { name: 'a value', made: template`${x}`, root: false },
    { name: 'a value before', made: template`${x}<p></p>`, root: false },
    { name: 'a value behind', made: template`<p></p>${x}`, root: false },
    { name: 'two elements', made: template`<p></p><p></p>`, root: false },
    { name: 'two void elements', made: template`<br><br>`, root: false },
    { name: 'an element that stays open', made: template`<p>`, root: false },
    { name: 'a closing tag too many', made: template`<p></p></p>`, root: false },
    { name: 'crossed tags', made: template`<p><b></p></b>`, root: false },
    { name: 'an element that the slash does not close', made: template`<div />`, root: false },
    { name: 'a document', made: template`<!doctype html><html></html>`, root: false },
  ])('$name: $root', ({ made, root }) => {
    expect(made.root).toBe(root)
  })
})
