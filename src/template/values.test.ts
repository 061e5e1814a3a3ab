import { parseFragment } from 'parse5'
import { describe, expect, it } from 'vitest'
import { LiveError } from '../errors.ts'
import { renderable } from '../protocol/renderable.ts'
import { html } from './html.ts'
import { each } from './list.ts'
import { renderHtml } from './to-html.ts'
import { attrs, raw } from './values.ts'

const printed = (value: unknown) => ({
  text: renderHtml(html`<p>${value}</p>`).slice(3, -4),
  quoted: renderHtml(html`<p a="${value}"></p>`).slice(6, -6),
  attribute: renderHtml(html`<p a=${value}></p>`).slice(2, -5),
  spread: renderHtml(html`<p ${attrs({ a: value })}></p>`).slice(2, -5),
})

describe('a value prints itself', () => {
  it.each([
    { name: 'a string', value: 'a', text: 'a', attribute: ' a="a"' },
    { name: 'an empty string', value: '', text: '', attribute: ' a=""' },
    {
      name: 'markup',
      value: `<b a="1" c='2'>&`,
      text: '&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;',
      attribute: ' a="&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;"',
    },
    { name: 'an entity', value: '&amp;', text: '&amp;amp;', attribute: ' a="&amp;amp;"' },
    { name: 'zero', value: 0, text: '0', attribute: ' a="0"' },
    { name: 'a negative fraction', value: -1.5, text: '-1.5', attribute: ' a="-1.5"' },
    { name: 'a bigint', value: 12n, text: '12', attribute: ' a="12"' },
    { name: 'true', value: true, text: 'true', attribute: ' a' },
    { name: 'false', value: false, text: '', attribute: '' },
    { name: 'null', value: null, text: '', attribute: '' },
    { name: 'undefined', value: undefined, text: '', attribute: '' },
    { name: 'raw', value: raw('a&nbsp;b'), text: 'a&nbsp;b', attribute: ' a="a&nbsp;b"' },
    { name: 'a renderable', value: { [renderable]: () => '<i>' }, text: '&lt;i&gt;', attribute: ' a="&lt;i&gt;"' },
  ])('$name', ({ value, text, attribute }) => {
    expect(printed(value)).toEqual({ text, quoted: text, attribute, spread: attribute })
  })

  it.each([
    { name: 'a template', value: html`<b>${'<'}</b>`, prints: '<b>&lt;</b>' },
    { name: 'an array', value: ['a', 1, null, html`<b></b>`, ['<', [2]]], prints: 'a1<b></b>&lt;2' },
    { name: 'an empty array', value: [], prints: '' },
    { name: 'a set', value: new Set(['a', 'b']), prints: 'ab' },
    { name: 'a map’s values', value: new Map([[1, '<']]).values(), prints: '&lt;' },
    {
      name: 'a generator',
      value: (function* () {
        yield html`<i>1</i>`
        yield 2
      })(),
      prints: '<i>1</i>2',
    },
    {
      name: 'a keyed list',
      value: each(
        new Set(['a', 'b']),
        (item) => item,
        (item) => html`<li>${item}</li>`,
      ),
      prints: '<li>a</li><li>b</li>',
    },
    {
      name: 'a keyed list of texts',
      value: each(
        ['<', 'b'],
        (item) => item,
        (item) => item,
      ),
      prints: '&lt;b',
    },
    { name: 'raw', value: raw('<hr>'), prints: '<hr>' },
  ])('$name as text', ({ value, prints }) => {
    expect(renderHtml(html`<p>${value}</p>`)).toBe(`<p>${prints}</p>`)
  })

  it('spreads attributes in order, each by the rule of a whole attribute', () => {
    const spread = attrs({ type: 'text', disabled: true, hidden: false, title: null, 'data-n': 3, '@click.x': '"' })
    expect(renderHtml(html`<input ${spread} required />`)).toBe(
      '<input type="text" disabled data-n="3" @click.x="&quot;" required />',
    )
  })

  it.each([null, undefined, false, '', attrs({})])('spreads nothing for %s', (value) => {
    expect(renderHtml(html`<input ${value} />`)).toBe('<input />')
  })
})

describe('class', () => {
  const busy = true as boolean
  it.each<[string, unknown, string]>([
    ['a text', 'a b', 'a b'],
    ['a list', ['a', busy && 'b', !busy && 'c', null, undefined, '', 0], 'a b'],
    ['a list of lists and objects', ['a', ['b', { c: true, d: 0 }], { e: 'yes' }], 'a b c e'],
    ['an object', { a: busy, b: !busy, 'c d': 1, e: null }, 'a c d'],
    ['nothing to print', [false, { a: false }], ''],
    ['what has to be escaped', ['"><script>'], '&quot;&gt;&lt;script&gt;'],
    ['a number', [1], '1'],
  ])('takes %s', (_what, value, expected) => {
    expect(renderHtml(html`<p class=${value}></p>`)).toBe(`<p class="${expected}"></p>`)
    expect(renderHtml(html`<p class="x ${value}"></p>`)).toBe(`<p class="x ${expected}"></p>`)
    expect(renderHtml(html`<p ${attrs({ class: value })}></p>`)).toBe(`<p class="${expected}"></p>`)
  })

  it.each([[new Date(0)], [[() => 1]], [[Promise.resolve()]], [new Map()]])('refuses %s', (value) => {
    expect(() => renderHtml(html`<p class=${value as unknown}></p>`)).toThrow('cannot be rendered')
  })

  it('is the only attribute that takes them, beside style', () => {
    expect(() => renderHtml(html`<p title=${['a']}></p>`)).toThrow('an array cannot be rendered')
    expect(() => renderHtml(html`<p title=${{ a: true }}></p>`)).toThrow('a plain object cannot be rendered')
  })
})

describe('style', () => {
  it.each<[string, unknown, string]>([
    ['a text', 'color: red', 'color: red'],
    [
      'properties in either spelling',
      { backgroundColor: 'red', 'border-top': 0 },
      'background-color: red; border-top: 0',
    ],
    [
      'properties of a vendor and of the page',
      { WebkitMask: 'none', '--Gap': '1rem' },
      '-webkit-mask: none; --Gap: 1rem',
    ],
    ['what is not there', { color: null, width: undefined, height: false, margin: '' }, ''],
    [
      'functions, texts and lists',
      { width: 'calc(1px + (2px * 3))', content: '"a;b"' },
      'width: calc(1px + (2px * 3)); content: &quot;a;b&quot;',
    ],
    [
      'a semicolon inside of brackets',
      { background: 'url(data:image/png;base64,AA)' },
      'background: url(data:image/png;base64,AA)',
    ],
  ])('takes %s', (_what, value, expected) => {
    expect(renderHtml(html`<p style=${value}></p>`)).toBe(`<p style="${expected}"></p>`)
    expect(renderHtml(html`<p ${attrs({ style: value })}></p>`)).toBe(`<p style="${expected}"></p>`)
  })

  it.each([
    'red; position: fixed',
    'red;',
    'red)',
    'url(x',
    '"red',
    "'a\n'; b: c",
    'red /* and',
    'red \\',
    'red}',
    '{red',
    'url(x"y) ; position: fixed; z: ")',
    'url(a(b) ; position: fixed; q: x)',
    'url(\u00a0"); position: fixed; z: ")',
    'u\\72l(a(b) ; position: fixed; q: x)',
    "'a\f; position: fixed; x: '",
    "'a\r; position: fixed; x: '",
    'x {a;b} position: fixed',
    'xurl([)',
    'xurl({)',
    '-url(/*)',
    '1URL(/*)',
    '#url(/*)',
    '@url(/*)',
    'éurl(/*)',
    '\u{1f5bc}url(/*)',
    '\0url(/*)',
  ])('prints no value that could begin another declaration: %j', (value) => {
    expect(renderHtml(html`<p style=${{ color: value, width: '1px' }}></p>`)).toBe(
      '<p style="color: ; width: 1px"></p>',
    )
  })

  it('takes an address also behind a comma or a space, and texts in functions whose names end alike', () => {
    const background = 'none,url(a.png) url(b.png), xurl("c"), image-set(url(d.png) 1x)'
    expect(renderHtml(html`<p style=${{ background }}></p>`)).toContain('image-set(url(d.png) 1x)')
  })

  it.each([[{ 'color: red; width': 1 }], [{ '': 1 }], [{ color: {} }], [{ color: true }], [new Map()]])(
    'refuses %s',
    (value) => {
      expect(() => renderHtml(html`<p style=${value as unknown}></p>`)).toThrow('cannot be rendered')
    },
  )
})

describe('a line break that stands first', () => {
  it.each(['\n', '\nx', '\n\nx', '\r\nx', 'x', '', '\n\n'])('stays, as %j', (text) => {
    const page = parseFragment(renderHtml(html`<pre>${text}</pre><textarea rows="3">${text}</textarea>`))
    const [pre, area] = page.childNodes as unknown as readonly { readonly childNodes: readonly { value: string }[] }[]
    const shown = text.replaceAll('\r\n', '\n')
    expect(pre!.childNodes[0]?.value ?? '').toBe(shown)
    expect(area!.childNodes[0]?.value ?? '').toBe(shown)
  })

  it('of the template itself is its author’s, and drops', () => {
    expect(
      renderHtml(html`<pre>
a${1}</pre>`),
    ).toBe('<pre>\na1</pre>')
    expect(renderHtml(html`<pre>a${1}</pre>`)).toBe('<pre>\na1</pre>')
  })
})

describe('what goes wrong with a value', () => {
  it('is told where the template stands, in the message and by the first frame', () => {
    const made = html`<p>${new Date(0) as unknown}</p>`
    const error = errorOf(() => renderHtml(made))
    expect(error.message).toMatch(/, in \/?.*values\.test\.ts:\d+:\d+$/)
    expect(error.stack!.split('\n').find((line) => /^ +at /.test(line))).toContain('values.test.ts')
  })

  it('costs no more frames than before', () => {
    expect(Error.stackTraceLimit).toBeGreaterThan(1)
  })
})

function errorOf(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

describe('a value is refused', () => {
  const list = [1, 2]
  it.each([
    {
      name: 'a plain object',
      make: () => html`<p>${{ a: 1 }}</p>`,
      says: 'a plain object',
      hint: 'render one of its fields',
    },
    { name: 'a Date', make: () => html`<p>${new Date(0) as unknown}</p>`, says: 'a Date', hint: 'say how' },
    {
      name: 'a promise',
      make: () => html`<p>${Promise.resolve(1) as unknown}</p>`,
      says: 'a Promise',
      hint: 'await it',
    },
    { name: 'a function', make: () => html`<p>${(() => 1) as unknown}</p>`, says: 'a function', hint: 'call it' },
    { name: 'a symbol', make: () => html`<p>${Symbol('s') as unknown}</p>`, says: 'Symbol(s)', hint: 'at `' },
    {
      name: 'attributes as text',
      make: () => html`<p>${attrs({ a: 1 })}</p>`,
      says: 'an Attrs',
      hint: 'can only stand in a tag',
    },
    {
      name: 'an object in a list',
      make: () => html`<p>${[1, { a: 1 }]}</p>`,
      says: 'a plain object',
      hint: 'render one of its fields',
    },
    {
      name: 'a template in an attribute',
      make: () => html`<p a=${html`<b></b>`}></p>`,
      says: 'a Rendered',
      hint: 'in an attribute',
    },
    { name: 'a list in a quoted value', make: () => html`<p a="${list}"></p>`, says: 'an array', hint: 'join a list' },
    { name: 'a list as an attribute', make: () => html`<p a=${list}></p>`, says: 'an array', hint: 'join a list' },
    {
      name: 'a plain object in a tag',
      make: () => html`<p ${{ a: 1 }}></p>`,
      says: 'a plain object',
      hint: 'only attrs({ … })',
    },
    {
      name: 'a string in a tag',
      make: () => html`<p ${'disabled'}></p>`,
      says: `'disabled'`,
      hint: 'only attrs({ … })',
    },
    { name: 'true in a tag', make: () => html`<p ${true}></p>`, says: 'true', hint: 'only attrs({ … })' },
    {
      name: 'a function in a spread',
      make: () => html`<p ${attrs({ a: () => 1 })}></p>`,
      says: 'a function',
      hint: 'call it',
    },
  ])('$name', ({ make, says, hint }) => {
    const render = () => renderHtml(make())
    expect(render).toThrow(LiveError)
    expect(render).toThrow(`${says} cannot be rendered`)
    expect(render).toThrow(hint)
    expect(render).toThrow('${here}')
    expect(render).toThrow(expect.objectContaining({ code: 'ERR_TEMPLATE_VALUE' }))
  })

  it('with the place it stands at', () => {
    expect(() => renderHtml(html`<h1>${1}</h1><p>${{ a: 1 }}</p>`)).toThrow(
      'at `…</h1><p>${here}</p>…` (value 2 of the template)',
    )
  })

  it.each(['', 'a b', 'a"', "a'", 'a>', 'a<', 'a/b', 'a=b', 'a\u0000', 'a\n'])('as an attribute name: %j', (name) => {
    expect(() => attrs({ [name]: 1 })).toThrow(expect.objectContaining({ code: 'ERR_TEMPLATE_VALUE' }))
    expect(() => attrs({ [name]: 1 })).toThrow(/^attrs: '.*' is not an attribute name$/s)
  })

  it.each(['onclick', 'onLoad', 'ON'])('as the handler %s in a spread', (name) => {
    expect(() => attrs({ [name]: 'x' })).toThrow(`attrs: ${name} cannot be set, since the browser runs it as a script`)
  })

  it('by raw when it is no string', () => {
    expect(() => raw(3 as unknown as string)).toThrow('raw: expected a string, got 3')
  })
})
