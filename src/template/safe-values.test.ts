import { parseFragment } from 'parse5'
import { describe, expect, it } from 'vitest'
import { nothingLives } from '../../test/support/embedder.ts'
import { diffTree, renderTree } from '../diff/diff.ts'
import { js } from '../js/js.ts'
import { type Renderable, renderable } from '../protocol/renderable.ts'
import { html } from './html.ts'
import type { Rendered } from './rendered.ts'
import { type Refusal, refusalError } from './safe-values.ts'
import { renderHtml } from './to-html.ts'
import { attrs, raw, unchanged } from './values.ts'

/** Attributes of the first element, as a browser reads them. */
function attributesOf(text: string): Readonly<Record<string, string>> {
  const [element] = parseFragment(text).childNodes
  const list = element !== undefined && 'attrs' in element ? element.attrs : []
  return Object.fromEntries(list.map(({ prefix, name, value }) => [prefix ? `${prefix}:${name}` : name, value]))
}

function print(rendered: Rendered): { readonly html: string; readonly refused: readonly Refusal[] } {
  const refused: Refusal[] = []
  return { html: renderHtml(rendered, undefined, (refusal) => refused.push(refusal)), refused }
}

const scripts = [
  'javascript:alert(1)',
  'JavaScript:alert(1)',
  'jAvAsCrIpT:alert(1)',
  ' javascript:alert(1)',
  '\u00a0javascript:alert(1)'.slice(1),
  '\u0001javascript:alert(1)',
  '\u001f \tjavascript:alert(1)',
  '\0javascript:alert(1)',
  'java\nscript:alert(1)',
  'java\tscript:alert(1)',
  'java\rscript\r\n:alert(1)',
  'j\na\nv\na\ns\nc\nr\ni\np\nt\n:alert(1)',
  'javascript\t:alert(1)',
  'javascript://evil.test/%0aalert(1)',
  'javascript:\u2028alert(1)',
  'vbscript:msgbox(1)',
  'VBScript:msgbox(1)',
  'data:text/html,<script>alert(1)</script>',
  'data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==',
  'DATA:,x',
  'data:image/svg+xml,<svg onload=alert(1)>',
  'feed:javascript:alert(1)',
  'view-source:javascript:alert(1)',
  'jar:javascript:alert(1)!/',
  'livescript:alert(1)',
  'mocha:alert(1)',
  'about:blank',
  'file:///etc/passwd',
  'filesystem:https://own.test/temporary/x',
  'ms-msdt:/id',
  'intent://scan/#Intent;end',
  'x:y',
]
const fine = [
  '/photos/1',
  '//cdn.test/a',
  '?page=2',
  '#top',
  '.',
  './a:b',
  'photos/1',
  '',
  'a/b:c',
  '10:30',
  'ä:b',
  'http://other.test',
  'HTTPS://other.test:8080/a?b#c',
  'mailto:ada@example.org',
  'tel:+49-30-123',
  'blob:https://own.test/0a1b',
  'java script:alert(1)',
  'javascript',
  '&#106;avascript:alert(1)',
  '%6aavascript:alert(1)',
  'ｊavascript:alert(1)',
]
const printedBy: readonly (readonly [name: string, attribute: string, render: (value: unknown) => Rendered])[] = [
  ['in quotes', 'href', (x) => html`<a href="${x}"></a>`],
  ['in single quotes', 'href', (x) => html`<a href='${x}'></a>`],
  ['behind spaces', 'href', (x) => html`<a href="  ${x}"></a>`],
  ['a whole attribute', 'href', (x) => html`<a href=${x}></a>`],
  ['in capitals', 'href', (x) => html`<a HREF=${x}></a>`],
  ['of a spread', 'href', (x) => html`<a ${attrs({ class: 'a', href: x })}></a>`],
  ['of a spread in capitals', 'href', (x) => html`<a ${attrs({ HREF: x })}></a>`],
  ['of an area', 'href', (x) => html`<area href="${x}">`],
  ['of a base', 'href', (x) => html`<base href="${x}">`],
  ['of a link in SVG', 'xlink:href', (x) => html`<svg xlink:href="${x}"></svg>`],
  ['of a frame', 'src', (x) => html`<iframe src="${x}"></iframe>`],
  ['of a picture', 'src', (x) => html`<img src=${x}>`],
  ['of a form', 'action', (x) => html`<form action="${x}"></form>`],
  ['of a button', 'formaction', (x) => html`<button formaction="${x}"></button>`],
  ['of an object', 'data', (x) => html`<object data="${x}"></object>`],
]

describe.each(printedBy)('an address, %s (%s)', (_, attribute, render) => {
  it.each(scripts)('is left out: %j', (text) => {
    const { html: printed, refused } = print(render(text))
    expect(attributesOf(printed)[attribute]?.trim()).toBe('')
    expect(refused).toMatchObject([{ name: expect.stringMatching(new RegExp(attribute, 'i')) as string }])
  })

  it.each(fine)('is printed: %j', (text) => {
    const { html: printed, refused } = print(render(text))
    expect(attributesOf(printed)[attribute]?.trim()).toBe(text.trim())
    expect(refused).toEqual([])
  })

  it('may be anything that the program vouches for', () => {
    const { html: printed, refused } = print(render(raw('javascript:void(0)')))
    expect(attributesOf(printed)[attribute]?.trim()).toBe('javascript:void(0)')
    expect(refused).toEqual([])
  })
})

describe('data', () => {
  it.each([
    { value: 'data:image/png;base64,AA==', src: true },
    { value: 'DATA:IMAGE/JPEG,x', src: true },
    { value: ' data:image/\nwebp;base64,AA', src: true },
    { value: 'data:image/svg+xml;base64,AA', src: false },
    { value: 'data:image/sv\tg+xml,<svg>', src: false },
    { value: 'data: image/svg+xml,<svg>', src: false },
    { value: 'data:image/SVG,<svg>', src: false },
    { value: 'data:image/png', src: false },
    { value: 'data:text/html,image/png', src: false },
    { value: 'data:,x', src: false },
  ])('$value stands in a src: $src, and in no link', ({ value, src }) => {
    expect(print(html`<img src="${value}">`).refused).toHaveLength(src ? 0 : 1)
    expect(print(html`<a href="${value}"></a>`).refused).toHaveLength(1)
  })
})

describe('an address of several pieces', () => {
  it.each([
    { name: 'a scheme and the rest', made: html`<a href="${'javascript'}:${'alert(1)'}"></a>`, href: ':' },
    { name: 'half a scheme', made: html`<a href="${'java'}${'script:alert(1)'}"></a>`, href: '' },
    { name: 'a scheme that the template begins', made: html`<a href="java${'script:alert(1)'}"></a>`, href: 'java' },
    { name: 'a scheme in the second value', made: html`<a href="${''}${'javascript:a'}"></a>`, href: '' },
    { name: 'a scheme behind a number', made: html`<a href="${null}${'javascript:a'}${1}"></a>`, href: '' },
    { name: 'a path behind a scheme', made: html`<a href="${'javascript:a'}/${2}"></a>`, href: '/' },
    { name: 'a type of data', made: html`<img src="data:image/${'svg+xml'};base64,${'AA'}">`, href: undefined },
    { name: 'a raw piece that decides nothing', made: html`<a href="${raw('java')}${'script:a'}"></a>`, href: '' },
  ])('is left out as a whole: $name', ({ made, href }) => {
    const { html: printed, refused } = print(made)
    expect(attributesOf(printed)['href']).toBe(href)
    expect(refused).toHaveLength(1)
  })

  it.each([
    { name: 'a path that the template begins', made: html`<a href="/x/${'javascript:a'}"></a>` },
    { name: 'a site that the template names', made: html`<a href="https://x.test/${':'}${'javascript:'}"></a>` },
    { name: 'a scheme of the template’s', made: html`<a href="sms:${'+49'}"></a>` },
    { name: 'a path and a query', made: html`<a href="${'/a'}?b=${'javascript:c'}"></a>` },
    { name: 'a path and a part', made: html`<a href="${'a/'}${'javascript:c'}"></a>` },
    { name: 'a part alone', made: html`<a href="${''}#${'a:b'}"></a>` },
    { name: 'a picture', made: html`<img src="data:image/${'png'};base64,${'AA'}">` },
    { name: 'a raw piece that decides', made: html`<a href="${raw('javascript:f(')}${'1'})"></a>` },
    { name: 'an encoded slash of the template’s', made: html`<a href="&#x2f;a/${'javascript:a'}"></a>` },
  ])('is printed: $name', ({ made }) => {
    const { html: printed, refused } = print(made)
    expect(printed).toBe(renderHtml(made))
    expect(printed).toMatch(/49|javascript:|a:b|png|f\(1/)
    expect(refused).toEqual([])
  })

  it.each([
    { name: 'the script of a link', render: () => html`<a href="javascript:f('${1}')"></a>` },
    { name: 'one with entities', render: () => html`<a href="&#106;ava&#x73;cript&colon;f(${1})"></a>` },
    { name: 'one in pieces', render: () => html`<a href="java${1}script:f(${1})"></a>` },
    { name: 'one in capitals', render: () => html`<form action=" JavaScript:${1}"></form>` },
  ])('cannot stand in $name', ({ render }) => {
    expect(render).toThrow(expect.objectContaining({ code: 'ERR_TEMPLATE' }))
    expect(render).toThrow('where no escaping is safe')
  })
})

describe('what else leads somewhere', () => {
  it.each([
    { name: 'what an animation makes of a link', made: html`<animate attributeName="href" to="${scripts[0]}" />` },
    { name: 'one of its values', made: html`<animate attributeName="href" values="/a;${scripts[0]};/b" />` },
    { name: 'one behind a number', made: html`<animate attributeName="href" values="${0};${scripts[0]}" />` },
    { name: 'what a set makes of it', made: html`<set attributeName="href" to=${scripts[0]} />` },
    { name: 'the same in a spread', made: html`<set ${attrs({ attributeName: 'href', to: scripts[0] })} />` },
  ])('is left out: $name', ({ made }) => {
    expect(print(made).refused).toHaveLength(1)
  })

  it.each([
    {
      name: 'colours and numbers of an animation',
      made: html`<animate values="${'red;blue'}" from="${0}" to="${'1px'}" />`,
    },
    { name: 'the words of other elements', made: html`<p to="${scripts[0]}" data="${scripts[0]}"></p>` },
    { name: 'a title', made: html`<a title="${scripts[0]}" ${attrs({ alt: scripts[0] })}></a>` },
    { name: 'text', made: html`<p>${scripts[0]}</p>` },
  ])('is printed: $name', ({ made }) => {
    expect(print(made).refused).toEqual([])
  })
})

const printing = (text: unknown): Renderable => ({ [renderable]: () => String(text) })
const commands = '[["push",{"event":"delete-everything"}]]'

describe('commands', () => {
  const hostile = [
    commands,
    '[["push",{"event":"a"}],"broken"]',
    '["x",["exec",{"attr":"phx-remove"}]]'.replace('"x",', '[],'),
    '[[["push"],{"event":"a"}]]',
    '[["\\u0070ush",{"event":"a"}]]',
    '[ [ "navigate" , {"href":"https://evil.test"} ] ]',
    '[["set_attr",{"attr":["href","javascript:alert(1)"]}]]',
    '[\n["push",{"event":"a"}]]',
  ]
  const names = [
    'phx-click',
    'phx-click-away',
    'phx-change',
    'phx-submit',
    'phx-focus',
    'phx-blur',
    'phx-window-focus',
    'phx-window-blur',
    'phx-keydown',
    'phx-keyup',
    'phx-window-keydown',
    'phx-window-keyup',
    'phx-mounted',
    'phx-remove',
    'phx-connected',
    'phx-disconnected',
    'phx-auto-recover',
    'phx-viewport-top',
    'phx-viewport-bottom',
    'PHX-CLICK',
    'data-close',
    'data-cancel',
  ]

  it.each(names)('that are a text are left out of %s', (name) => {
    for (const text of hostile) {
      const { html: printed, refused } = print(html`<p ${attrs({ [name]: text })}></p>`)
      expect([text, attributesOf(printed)[name.toLowerCase()]]).toEqual([text, '[]'])
      expect(refused).toMatchObject([{ kind: 'commands', name }])
    }
  })

  it.each([
    { name: 'in quotes', render: (x: unknown) => html`<p phx-click="${x}"></p>` },
    { name: 'a whole attribute', render: (x: unknown) => html`<p phx-click=${x}></p>` },
    { name: 'behind a value that is empty', render: (x: unknown) => html`<p phx-click="${''}${x}"></p>` },
    { name: 'in two halves', render: (x: unknown) => html`<p phx-click="${'['}${String(x).slice(1)}"></p>` },
    { name: 'in the brackets of data', render: (x: unknown) => html`<p data-list="[${String(x).slice(1, -1)}]"></p>` },
    {
      name: 'inside of a list that is written as data',
      render: (x: unknown) => html`<p data-list="[[&quot;a&quot;],${String(x).slice(1, -1)}]"></p>`,
    },
    // An error of a form prints its message, which may quote what somebody wrote.
    { name: 'in a value that prints itself', render: (x: unknown) => html`<p data-error="${printing(x)}"></p>` },
  ])('that are a text are left out: $name', ({ render }) => {
    expect(print(render(commands)).refused).toMatchObject([{ kind: 'commands' }])
  })

  it.each([
    { name: 'a list that js made', made: html`<p phx-click="${js.push('a')}"></p>`, says: 'push' },
    { name: 'the same as a whole attribute', made: html`<p phx-click=${js.push('a')}></p>`, says: 'push' },
    { name: 'the same in a spread', made: html`<p ${attrs({ 'phx-click': js.push('a') })}></p>`, says: 'push' },
    { name: 'the same as data', made: html`<p data-close="${js.push('a')}"></p>`, says: 'push' },
    { name: 'a raw text', made: html`<p phx-click='${raw(commands)}'></p>`, says: 'push' },
    { name: 'the name of an event', made: html`<p phx-click="${'save'}"></p>`, says: 'save' },
    { name: 'a name in brackets', made: html`<p phx-click="${'[save]'}"></p>`, says: '[save]' },
    { name: 'a name behind a word', made: html`<p phx-click="x${commands}"></p>`, says: 'push' },
    { name: 'a list of numbers', made: html`<p data-points="[${'[1,2],[3,4]'}]"></p>`, says: '[[1,2],[3,4]]' },
    { name: 'a list of names', made: html`<p data-tags="${'["push","hide"]'}"></p>`, says: 'hide' },
    { name: 'what goes with an event', made: html`<p phx-value-text="${commands}"></p>`, says: 'push' },
    { name: 'a selector', made: html`<p phx-target="[data-id='${7}']"></p>`, says: '7' },
    { name: 'another attribute', made: html`<p title="${commands}"></p>`, says: 'push' },
  ])('are printed: $name', ({ made, says }) => {
    const { html: printed, refused } = print(made)
    expect(printed).toContain(says)
    expect(refused).toEqual([])
  })

  it.each([
    { name: 'brackets', render: () => html`<p phx-click="[${'x'}]"></p>` },
    { name: 'a list', render: () => html`<p phx-click='[["push",{"event":"${'x'}"}]]'></p>` },
    { name: 'brackets that are encoded', render: () => html`<p phx-remove="&#91;${'x'}]"></p>` },
  ])('are not written by hand around a value: $name', ({ render }) => {
    expect(render).toThrow(expect.objectContaining({ code: 'ERR_TEMPLATE' }))
    expect(render).toThrow('build the list of phx-')
  })

  it('may be nested without end, and are left out', () => {
    const deep = `[[${'['.repeat(50_000)}"push"${']'.repeat(50_000)},{}]]`
    expect(print(html`<p phx-click="${deep}"></p>`).refused).toHaveLength(1)
  })
})

describe('a document in an attribute', () => {
  it.each([
    () => html`<iframe srcdoc="${'<b>'}"></iframe>`,
    () => html`<iframe srcdoc=${'text'}></iframe>`,
    () => html`<iframe srcdoc="${raw('<b>')}${7}"></iframe>`,
    () => html`<iframe ${attrs({ srcDoc: 'a' })}></iframe>`,
  ])('needs raw: %#', (render) => {
    expect(() => renderHtml(render())).toThrow(expect.objectContaining({ code: 'ERR_TEMPLATE_VALUE' }))
    expect(() => renderHtml(render())).toThrow(/srcdoc.* expected raw\(…\), got /i)
  })

  it('is printed when it is raw, and may be left out', () => {
    expect(renderHtml(html`<iframe srcdoc="${raw('&lt;b>')}"></iframe>`)).toContain('srcdoc="&lt;b>"')
    expect(renderHtml(html`<iframe srcdoc=${null}></iframe>`)).toBe('<iframe></iframe>')
  })
})

describe('what is reported', () => {
  it.each([
    {
      made: html`<p><a href="${'javascript:a\u001b[2J'}">x</a></p>`,
      says:
        "html: href was printed empty, since 'javascript:a\\u{1b}[2J' has a scheme other than http, https, mailto, tel and blob; " +
        'what is yours may be given by raw(…), at `…<p><a href="${here}">x</a></p>…` (value 1 of the template)',
    },
    { made: html`<img src="${'data:text/html,x'}">`, says: 'tel and blob, and is no picture; what is yours' },
    {
      made: html`<p phx-click=${commands}></p>`,
      says: 'a list of JS commands that js did not make: give phx-click the',
    },
  ])('says where, what came and what to write: $says', ({ made, says }) => {
    const error = refusalError(print(made).refused[0]!)
    expect(error.code).toBe('ERR_TEMPLATE_VALUE')
    expect(error.message).toContain(says)
  })
})

describe('a value that the page keeps', () => {
  const link = (a: unknown, b: unknown): Rendered => html`<a href="${a}${b}"></a>`
  const diffOf = (render: typeof link, before: readonly [unknown, unknown], after: readonly [unknown, unknown]) => {
    const { print: known } = renderTree(render(...before), nothingLives)
    const refused: Refusal[] = []
    const embedder = { ...nothingLives, refused: (refusal: Refusal) => void refused.push(refusal) }
    return { diff: diffTree(known, render(...after), embedder).diff, refused: refused.length }
  }

  it('takes no value behind it that may make a scheme of it', () => {
    expect(diffOf(link, ['javascript', ''], [unchanged, ':alert(1)'])).toEqual({ diff: { 0: '' }, refused: 1 })
    const list = (a: unknown, b: unknown): Rendered => html`<a phx-click="${a}${b}"></a>`
    expect(diffOf(list, ['[', ''], [unchanged, commands.slice(1)]).refused).toBe(1)
  })

  it('stays, and what cannot change it is printed', () => {
    expect(diffOf(link, ['javascript', ''], [unchanged, unchanged])).toEqual({ diff: undefined, refused: 0 })
    expect(diffOf(link, ['/a', ''], ['/a', unchanged])).toEqual({ diff: undefined, refused: 0 })
    const paged = (a: unknown, b: unknown): Rendered => html`<a href="/list/${a}/${b}"></a>`
    expect(diffOf(paged, [1, 2], [unchanged, 3])).toEqual({ diff: { 1: '3' }, refused: 0 })
  })
})
