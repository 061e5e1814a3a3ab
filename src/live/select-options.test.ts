import { describe, expect, it } from 'vitest'
import { form } from '../forms/form.ts'
import { html } from '../template/html.ts'
import { renderHtml } from '../template/to-html.ts'
import { options_for_select, type Selected, type SelectOption } from './select-options.ts'

const printed = (options: Iterable<SelectOption>, selected?: Selected): string =>
  renderHtml(html`${options_for_select(options, selected)}`).replaceAll(/ {2,}/g, ' ')

describe('options_for_select', () => {
  it.each<{ name: string; options: Iterable<SelectOption>; selected?: Selected; html: string }>([
    {
      name: 'values, which are their labels',
      options: ['a', 2, true],
      selected: 2,
      html: '<option value="a">a</option><option value="2" selected>2</option><option value="true">true</option>',
    },
    {
      name: 'labels and values',
      options: [
        ['A & B', 'a"'],
        ['C', 3],
      ],
      selected: '3',
      html: '<option value="a&quot;">A &amp; B</option><option value="3" selected>C</option>',
    },
    {
      name: 'the entries of an object, and a map',
      options: Object.entries({ A: 'a' }).concat([...new Map([['B', 'b']])]),
      html: '<option value="a">A</option><option value="b">B</option>',
    },
    {
      name: 'objects, some disabled',
      options: [{ label: 'Where?', value: '', disabled: true }, { value: 'a' }],
      selected: '',
      html: '<option value="" disabled selected>Where?</option><option value="a">a</option>',
    },
    {
      name: 'groups',
      options: [
        { label: 'A "x"', options: [['B', 1]] },
        { label: 'C', disabled: true, options: ['d'] },
      ],
      selected: [1, 'd'],
      html:
        '<optgroup label="A &quot;x&quot;"><option value="1" selected>B</option></optgroup>' +
        '<optgroup label="C" disabled><option value="d" selected>d</option></optgroup>',
    },
    {
      name: 'several selected',
      options: ['a', 'b', 'c'],
      selected: new Set(['a', 'c']),
      html: '<option value="a" selected>a</option><option value="b">b</option><option value="c" selected>c</option>',
    },
    { name: 'none selected', options: ['a'], selected: null, html: '<option value="a">a</option>' },
    {
      name: 'what a field holds',
      options: [1, 2, 3],
      selected: form({ sizes: ['1', '3'] }).field('sizes'),
      html: '<option value="1" selected>1</option><option value="2">2</option><option value="3" selected>3</option>',
    },
    { name: 'nothing', options: [], html: '' },
  ])('prints $name', ({ options, selected, html: expected }) => {
    expect(printed(options, selected)).toBe(expected)
  })

  it.each([
    { options: undefined, message: 'expected a list of options, got undefined' },
    { options: 'abc', message: 'expected a list of options' },
    { options: { a: 1 }, message: 'expected a list of options, got a plain object' },
    { options: [null], message: 'got null' },
    { options: [['a']], message: 'got an array' },
    { options: [{ label: 'a' }], message: 'got a plain object' },
    { options: [{ label: 'a', options: 7 }], message: "the group 'a': expected a list of options, got 7" },
    { options: [{ label: 'a', options: [{ label: 'b', options: [] }] }], message: 'got a plain object' },
  ])('refuses $options', ({ options, message }) => {
    expect(() => printed(options as unknown as SelectOption[])).toThrow(
      expect.objectContaining({
        code: 'ERR_TEMPLATE_VALUE',
        message: expect.stringContaining(message) as string,
      }) as Error,
    )
  })
})
