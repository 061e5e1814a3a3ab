/** Every command with every option, and the exact commands that must go to the client. */
import { js } from '../../src/js/js.ts'
import type { JsCommands } from '../../src/js/commands.ts'
import { type Renderable, renderable } from '../../src/protocol/renderable.ts'

export interface JsCase {
  readonly name: string
  readonly chain: JsCommands
  readonly wire: readonly (readonly [name: string, args: Readonly<Record<string, unknown>>])[]
}

/** What a component's `myself` is to `js`: it prints a number. */
export const printing = (text: string): Renderable => ({ [renderable]: () => text })

const fade = ['fade in', 'from', ['to', 'end']] as const
const fadeWire = [['fade', 'in'], ['from'], ['to', 'end']]
const timing = { to: '#m', time: 300, blocking: false } as const
const when = new Date(0)

export const jsCases: readonly JsCase[] = [
  { name: 'nothing', chain: js, wire: [] },

  { name: 'push', chain: js.push('close'), wire: [['push', { event: 'close' }]] },
  {
    name: 'push with everything',
    chain: js.push('close', { value: { id: 1 }, target: '#box', loading: '.row', pageLoading: true }),
    wire: [['push', { event: 'close', value: { id: 1 }, target: '#box', loading: '.row', page_loading: true }]],
  },
  {
    name: 'push of all that JSON says',
    chain: js.push('e', { value: { a: [1, 'x', null, true, { b: -0.5 }], when, gone: undefined } }),
    wire: [['push', { event: 'e', value: { a: [1, 'x', null, true, { b: -0.5 }], when: when.toISOString() } }]],
  },
  {
    name: 'push to a component by number',
    chain: js.push('e', { target: 3 }),
    wire: [['push', { event: 'e', target: 3 }]],
  },
  {
    name: 'push to a component by its handle',
    chain: js.push('e', { target: printing('12') }),
    wire: [['push', { event: 'e', target: 12 }]],
  },
  {
    name: 'push to what prints a selector',
    chain: js.push('e', { target: printing('#box') }),
    wire: [['push', { event: 'e', target: '#box' }]],
  },
  { name: 'push without page loading', chain: js.push('e', { pageLoading: false }), wire: [['push', { event: 'e' }]] },

  { name: 'navigate', chain: js.navigate('/home?a=1#b'), wire: [['navigate', { href: '/home?a=1#b' }]] },
  {
    name: 'navigate in place',
    chain: js.navigate('/x', { replace: true }),
    wire: [['navigate', { href: '/x', replace: true }]],
  },
  { name: 'patch', chain: js.patch('/', { replace: false }), wire: [['patch', { href: '/' }]] },
  {
    name: 'patch in place',
    chain: js.patch('/list?page=2', { replace: true }),
    wire: [['patch', { href: '/list?page=2', replace: true }]],
  },

  { name: 'dispatch', chain: js.dispatch('copied'), wire: [['dispatch', { event: 'copied' }]] },
  {
    name: 'dispatch with everything',
    chain: js.dispatch('app:go', { to: '#m', detail: { n: 1 }, bubbles: false, blocking: true }),
    wire: [['dispatch', { to: '#m', event: 'app:go', detail: { n: 1 }, bubbles: false, blocking: true }]],
  },
  {
    name: 'dispatch that bubbles',
    chain: js.dispatch('click', { bubbles: true, blocking: false, detail: { done: 1 } }),
    wire: [['dispatch', { event: 'click', bubbles: true, detail: { done: 1 } }]],
  },
  {
    name: 'exec',
    chain: js.exec('data-cancel', { to: { closest: 'dialog' } }),
    wire: [['exec', { attr: 'data-cancel', to: { closest: 'dialog' } }]],
  },

  { name: 'show', chain: js.show(), wire: [['show', {}]] },
  {
    name: 'show with everything',
    chain: js.show({ ...timing, display: 'flex', transition: fade }),
    wire: [['show', { ...timing, display: 'flex', transition: fadeWire }]],
  },
  {
    name: 'hide with everything',
    chain: js.hide({ ...timing, transition: 'fade out' }),
    wire: [['hide', { ...timing, transition: [['fade', 'out'], [], []] }]],
  },
  {
    name: 'hide that holds patches back, at once',
    chain: js.hide({ to: { inner: '.x' }, time: 0, blocking: true, transition: ['a', '', []] }),
    wire: [['hide', { to: { inner: '.x' }, time: 0, transition: [['a'], [], []] }]],
  },
  {
    name: 'toggle with everything',
    chain: js.toggle({ ...timing, display: 'grid', in: fade, out: 'gone' }),
    wire: [['toggle', { ...timing, display: 'grid', ins: fadeWire, outs: [['gone'], [], []] }]],
  },

  { name: 'addClass', chain: js.addClass(' a  b '), wire: [['add_class', { names: ['a', 'b'] }]] },
  {
    name: 'addClass with everything',
    chain: js.addClass(['a', 'b c'], { ...timing, transition: fade }),
    wire: [['add_class', { ...timing, names: ['a', 'b', 'c'], transition: fadeWire }]],
  },
  {
    name: 'removeClass with everything',
    chain: js.removeClass('a', { ...timing, transition: fade }),
    wire: [['remove_class', { ...timing, names: ['a'], transition: fadeWire }]],
  },
  {
    name: 'toggleClass with everything',
    chain: js.toggleClass('a', { ...timing, transition: fade }),
    wire: [['toggle_class', { ...timing, names: ['a'], transition: fadeWire }]],
  },
  {
    name: 'transition with everything',
    chain: js.transition('shake', timing),
    wire: [['transition', { ...timing, transition: [['shake'], [], []] }]],
  },
  {
    name: 'transition of three parts',
    chain: js.transition(fade),
    wire: [['transition', { transition: fadeWire }]],
  },

  {
    name: 'setAttribute',
    chain: js.setAttribute('aria-expanded', 'true', { to: '#m' }),
    wire: [['set_attr', { to: '#m', attr: ['aria-expanded', 'true'] }]],
  },
  {
    name: 'setAttribute to nothing',
    chain: js.setAttribute('hidden', ''),
    wire: [['set_attr', { attr: ['hidden', ''] }]],
  },
  {
    name: 'removeAttribute',
    chain: js.removeAttribute('onclick', { to: '#m' }),
    wire: [['remove_attr', { to: '#m', attr: 'onclick' }]],
  },
  {
    name: 'toggleAttribute of one value',
    chain: js.toggleAttribute('open', 'true', { to: '#m' }),
    wire: [['toggle_attr', { to: '#m', attr: ['open', 'true'] }]],
  },
  {
    name: 'toggleAttribute of two values',
    chain: js.toggleAttribute('aria-expanded', ['true', 'false']),
    wire: [['toggle_attr', { attr: ['aria-expanded', 'true', 'false'] }]],
  },
  {
    name: 'ignoreAttributes, one',
    chain: js.ignoreAttributes('open', { to: '#m' }),
    wire: [['ignore_attrs', { to: '#m', attrs: ['open'] }]],
  },
  {
    name: 'ignoreAttributes, more',
    chain: js.ignoreAttributes(['style', 'data-*', '*']),
    wire: [['ignore_attrs', { attrs: ['style', 'data-*', '*'] }]],
  },

  { name: 'focus', chain: js.focus({ to: '#m' }), wire: [['focus', { to: '#m' }]] },
  { name: 'focusFirst', chain: js.focusFirst({ to: '#m' }), wire: [['focus_first', { to: '#m' }]] },
  { name: 'pushFocus', chain: js.pushFocus({ to: '#m' }), wire: [['push_focus', { to: '#m' }]] },
  { name: 'popFocus', chain: js.popFocus(), wire: [['pop_focus', {}]] },

  {
    name: 'options that are undefined',
    chain: js.push('e', { value: undefined, target: undefined, loading: undefined, pageLoading: undefined }),
    wire: [['push', { event: 'e' }]],
  },
  {
    name: 'a chain',
    chain: js
      .push('close', { value: { id: 1 }, target: 3, pageLoading: true })
      .hide({ to: '#m', transition: 'fade', time: 300 })
      .popFocus(),
    wire: [
      ['push', { event: 'close', value: { id: 1 }, target: 3, page_loading: true }],
      ['hide', { to: '#m', transition: [['fade'], [], []], time: 300 }],
      ['pop_focus', {}],
    ],
  },
]
