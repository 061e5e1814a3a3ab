import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsCases } from '../../test/support/js-cases.ts'
import { LiveError } from '../errors.ts'
import { renderable } from '../protocol/renderable.ts'
import type { JsCommands } from './commands.ts'
import { js } from './js.ts'

describe('a chain', () => {
  it.each(jsCases)('of $name is encoded as the client expects it', ({ chain, wire }) => {
    expect(chain.toJSON()).toStrictEqual(wire)
  })

  it('prints its JSON, in a template and as text', () => {
    const chain = js.push('a"b', { value: { html: '<&>' } }).hide()
    const text = '[["push",{"event":"a\\"b","value":{"html":"<&>"}}],["hide",{}]]'
    expect(chain[renderable]()).toBe(text)
    expect(String(chain)).toBe(text)
    expect(JSON.stringify({ chain })).toBe(`{"chain":${text}}`)
    expect(js[renderable]()).toBe('[]')
  })

  it('says nothing of what is the default anyway', () => {
    expect(String(js.hide({ blocking: true }))).toBe('[["hide",{}]]')
    expect(String(js.patch('/', { replace: false }))).toBe('[["patch",{"href":"/"}]]')
  })

  it('is not changed by what happens to what it was given, nor to what it gave', () => {
    const value = { list: [1] }
    const classes = ['a']
    const chain = js.push('e', { value }).addClass(classes)
    const before = String(chain)
    value.list.push(2)
    classes.push('b')
    chain.toJSON().pop()
    expect(String(chain)).toBe(before)
  })
})

describe('composing', () => {
  /** Any chain, made by calls that extend and concatenate others. */
  const anyChain: fc.Arbitrary<JsCommands> = fc
    .array(fc.constantFrom(...jsCases), { maxLength: 4 })
    .map((cases) => cases.reduce((chain, next) => chain.concat(next.chain), js))

  it('concat runs the one, then the other', () => {
    fc.assert(
      fc.property(anyChain, anyChain, (one, other) => {
        expect(one.concat(other).toJSON()).toEqual([...one.toJSON(), ...other.toJSON()])
      }),
    )
  })

  it('concat is associative, and js is its neutral element', () => {
    fc.assert(
      fc.property(anyChain, anyChain, anyChain, (a, b, c) => {
        expect(String(a.concat(b).concat(c))).toBe(String(a.concat(b.concat(c))))
        expect(String(js.concat(a))).toBe(String(a))
        expect(String(a.concat(js))).toBe(String(a))
      }),
    )
  })

  it('never changes a chain', () => {
    const steps: readonly ((chain: JsCommands) => JsCommands)[] = [
      (chain) => chain.push('e'),
      (chain) => chain.navigate('/'),
      (chain) => chain.patch('/'),
      (chain) => chain.dispatch('e'),
      (chain) => chain.exec('data-x'),
      (chain) => chain.show(),
      (chain) => chain.hide(),
      (chain) => chain.toggle(),
      (chain) => chain.addClass('a'),
      (chain) => chain.removeClass('a'),
      (chain) => chain.toggleClass('a'),
      (chain) => chain.transition('a'),
      (chain) => chain.setAttribute('a', ''),
      (chain) => chain.removeAttribute('a'),
      (chain) => chain.toggleAttribute('a', ''),
      (chain) => chain.ignoreAttributes('a'),
      (chain) => chain.focus(),
      (chain) => chain.focusFirst(),
      (chain) => chain.pushFocus(),
      (chain) => chain.popFocus(),
    ]
    fc.assert(
      fc.property(anyChain, fc.constantFrom(...steps), (chain, step) => {
        const before = String(chain)
        const after = step(chain)
        expect(String(chain)).toBe(before)
        expect(after.toJSON().slice(0, -1)).toEqual(chain.toJSON())
      }),
    )
  })

  it('the methods of a shared chain do not meet', () => {
    const close = js.hide({ to: '#m' })
    expect(String(close.push('a'))).toBe('[["hide",{"to":"#m"}],["push",{"event":"a"}]]')
    expect(String(close.push('b'))).toBe('[["hide",{"to":"#m"}],["push",{"event":"b"}]]')
  })
})

describe('a wrong value is refused', () => {
  const circle: { self?: unknown } = {}
  circle.self = circle
  /** As JavaScript calls it: the types refuse most of these. */
  const untyped = js as unknown as Readonly<Record<string, (...args: readonly unknown[]) => unknown>>
  const classNames = "class names in a string or a list: 'a b' or ['a', 'b']"
  const transition =
    "class names 'a b' or the three parts [run, start, end], each a string or a list, with something in run"
  const target = 'a CSS selector, { closest: selector } or { inner: selector }'
  const href = "a path of this site, like '/home?page=2'; a link leads to another one"
  const address = 'a path, or an address with http, https, mailto, tel or blob'
  const commands = '[["push",{"event":"delete"}]]'

  const cases: readonly (readonly [method: string, args: readonly unknown[], says: string])[] = [
    ['push', [], 'event must be a string that is not empty, got undefined'],
    ['push', [''], "event must be a string that is not empty, got ''"],
    ['push', ['e', '#m'], "the options must be an object like { value: … }, got '#m'"],
    ['push', ['e', null], 'the options must be an object like { value: … }, got null'],
    ['push', ['e', []], 'the options must be an object like { value: … }, got an array'],
    [
      'push',
      ['e', { page_loading: true }],
      "unknown option 'page_loading'; known are value, target, loading, pageLoading",
    ],
    ['push', ['e', { value: 3 }], 'value must be a plain object, got 3'],
    ['push', ['e', { value: [1] }], 'value must be a plain object, got an array'],
    ['push', ['e', { value: new Date(0) }], 'value must be a plain object, got a Date'],
    ['push', ['e', { value: { toJSON: () => 'x' } }], 'value must be a plain object, got a plain object'],
    ['push', ['e', { value: { a: [{ b: NaN }] } }], 'value.a[0].b must be something that JSON can say, got NaN'],
    ['push', ['e', { value: { a: 1n } }], 'value.a must be something that JSON can say, got 1'],
    ['push', ['e', { value: { a: new Map() } }], 'value.a must be something that JSON can say, got a Map'],
    ['push', ['e', { value: { a: [undefined] } }], 'value.a[0] must be something that JSON can say, got undefined'],
    ['push', ['e', { value: { a: () => 1 } }], 'value.a must be something that JSON can say, got a function'],
    ['push', ['e', { value: circle }], '.self must be something that JSON can say, got a plain object'],
    ['push', ['e', { target: -1 }], "target must be a CSS selector, or a component's myself or number, got -1"],
    [
      'push',
      ['e', { target: {} }],
      "target must be a CSS selector, or a component's myself or number, got a plain object",
    ],
    ['push', ['e', { target: '' }], "target must be a CSS selector, or a component's myself or number, got ''"],
    ['push', ['e', { loading: true }], 'loading must be a CSS selector, got true'],
    ['push', ['e', { pageLoading: 'yes' }], "pageLoading must be true or false, got 'yes'"],
    ['navigate', ['home'], `href must be ${href}, got 'home'`],
    ['navigate', [''], `href must be ${href}, got ''`],
    ['navigate', ['//other.test'], `href must be ${href}, got '//other.test'`],
    ['navigate', ['/\\other.test'], `href must be ${href}, got '/\\other.test'`],
    ['navigate', ['/\t/other.test'], `href must be ${href}, got '/\\u{9}/other.test'`],
    ['navigate', ['/%09/other.test'], `href must be ${href}, got '/%09/other.test'`],
    ['patch', ['javascript:alert(1)'], `href must be ${href}, got 'javascript:alert(1)'`],
    ['navigate', ['https://here.test/x'], `href must be ${href}, got 'https://here.test/x'`],
    ['patch', ['http://'], `href must be ${href}, got 'http://'`],
    ['patch', ['/', { replace: 1 }], 'replace must be true or false, got 1'],
    ['dispatch', [' '], "event must be a string that is not empty, got ' '"],
    ['dispatch', ['e', { detail: 'x' }], "detail must be a plain object, got 'x'"],
    ['dispatch', ['e', { detail: { dispatcher: 1 } }], 'detail.dispatcher must be left to the client, which sets it'],
    [
      'dispatch',
      ['e', { detail: { done: 1 }, blocking: true }],
      'detail.done must be left to the client, which sets it',
    ],
    ['dispatch', ['e', { bubbles: 0 }], 'bubbles must be true or false, got 0'],
    ['exec', ['a b'], "attribute must be the name of an attribute, got 'a b'"],
    ['exec', ['title'], 'attribute must be one that holds commands: phx-… (but phx-value-…) or data-…, got'],
    ['exec', ['phx-value-text'], 'attribute must be one that holds commands'],
    ['show', ['#m'], "the options must be an object like { to: … }, got '#m'"],
    ['show', [{ to: '' }], `to must be ${target}, got ''`],
    ['show', [{ to: {} }], `to must be ${target}, got a plain object`],
    ['show', [{ to: { closest: 'a', inner: 'b' } }], `to must be ${target}, got a plain object`],
    ['show', [{ to: { outer: 'a' } }], `to must be ${target}, got a plain object`],
    ['show', [{ to: { inner: 3 } }], `to must be ${target}, got a plain object`],
    ['show', [{ display: '' }], "display must be a string that is not empty, got ''"],
    ['hide', [{ display: 'flex' }], "unknown option 'display'; known are to, time, blocking, transition"],
    ['hide', [{ time: -1 }], 'time must be a whole number of ms, from 0 to 2147483647, got -1'],
    ['hide', [{ time: 0.5 }], 'time must be a whole number of ms, from 0 to 2147483647, got 0.5'],
    ['hide', [{ time: 2 ** 31 }], 'time must be a whole number of ms, from 0 to 2147483647, got 2147483648'],
    ['hide', [{ time: '1s' }], "time must be a whole number of ms, from 0 to 2147483647, got '1s'"],
    ['hide', [{ blocking: 'no' }], "blocking must be true or false, got 'no'"],
    ['hide', [{ transition: '' }], `transition must be ${transition}, got ''`],
    ['hide', [{ transition: ['a', 'b'] }], `transition must be ${transition}, got an array`],
    ['hide', [{ transition: ['', 'b', 'c'] }], `transition must be ${transition}, got an array`],
    ['hide', [{ transition: ['a', 1, 'c'] }], `transition must be ${transition}, got an array`],
    ['toggle', [{ transition: 'a' }], "unknown option 'transition'; known are to, time, blocking, display, in, out"],
    ['toggle', [{ in: 1 }], `in must be ${transition}, got 1`],
    ['toggle', [{ out: {} }], `out must be ${transition}, got a plain object`],
    ['addClass', [], `classes must be ${classNames}, got undefined`],
    ['addClass', [''], `classes must be ${classNames}, got ''`],
    ['removeClass', [[]], `classes must be ${classNames}, got an array`],
    ['toggleClass', [['a', null]], `classes must be ${classNames}, got an array`],
    ['transition', [], 'transition must be class names, got undefined'],
    ['setAttribute', ['a=b', ''], "name must be the name of an attribute, got 'a=b'"],
    [
      'setAttribute',
      ['OnClick', ''],
      "name must be an attribute that the browser does not run as a script, got 'OnClick'",
    ],
    ['setAttribute', ['a', true], "value must be a string, such as 'true', got true"],
    ['setAttribute', ['srcDoc', '<b>'], 'name must be an attribute that the browser does not run as a script'],
    [
      'setAttribute',
      ['HREF', ' JavaScript:alert(1)'],
      `the value of HREF must be ${address}, got ' JavaScript:alert(1)'`,
    ],
    ['setAttribute', ['xlink:href', 'java\nscript:a'], `the value of xlink:href must be ${address}`],
    ['setAttribute', ['src', 'data:image/svg+xml,<svg/>'], `the value of src must be ${address}`],
    ['setAttribute', ['phx-click', commands], 'the value of phx-click must be a list of commands made with js'],
    ['setAttribute', ['data-close', commands], 'the value of data-close must be a list of commands made with js'],
    ['removeAttribute', [], 'name must be the name of an attribute, got undefined'],
    [
      'toggleAttribute',
      ['onload', 'x'],
      "name must be an attribute that the browser does not run as a script, got 'onload'",
    ],
    ['toggleAttribute', ['action', ['/a', 'vbscript:a']], `the value of action must be ${address}`],
    ['toggleAttribute', ['formaction', 'javascript:a'], `the value of formaction must be ${address}`],
    ['setAttribute', ['to', 'javascript:a'], `the value of to must be ${address}`],
    ['setAttribute', ['values', '#a;javascript:b'], `the value of values must be ${address}`],
    [
      'setAttribute',
      ['data-x', { [renderable]: () => commands }],
      'the value of data-x must be a list of commands made with js',
    ],
    ['toggleAttribute', ['a', ['x']], 'value must be one string or two: [value, other], got an array'],
    ['toggleAttribute', ['a', ['x', 1]], "value must be a string, such as 'true', got 1"],
    [
      'ignoreAttributes',
      [[]],
      "names must be names of attributes, or patterns like 'data-*' and '*', one or a list, got an array",
    ],
    [
      'ignoreAttributes',
      ['*-x'],
      "names must be names of attributes, or patterns like 'data-*' and '*', one or a list, got '*-x'",
    ],
    ['focus', [{ time: 1 }], "unknown option 'time'; known are to"],
    ['concat', [[]], 'the other must be a list of commands, made with js, got an array'],
    ['concat', [undefined], 'the other must be a list of commands, made with js, got undefined'],
  ]

  it.each(cases.map(([method, args, says]) => ({ method, args, says })))(
    'js.$method(): $says',
    ({ method, args, says }) => {
      const call = (): unknown => untyped[method]!.call(js, ...args)
      expect(call).toThrow(LiveError)
      expect(call).toThrow(expect.objectContaining({ code: 'ERR_JS' }))
      expect(call).toThrow(`js.${method}(): `)
      expect(call).toThrow(says)
    },
  )
})
