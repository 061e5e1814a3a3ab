import { describe, expect, it } from 'vitest'
import { LiveError } from '../errors.ts'
import { js } from '../js/js.ts'
import { renderHtml } from '../template/to-html.ts'
import { escapeHtml } from '../template/escape.ts'
import { raw } from '../template/values.ts'
import {
  attributeTexts,
  type ContainerOptions,
  mergeContainers,
  renderContainer,
  resolveContainer,
} from './container.ts'

const resolve = (options: unknown) =>
  resolveContainer(options as ContainerOptions, (message) => new LiveError('ERR_VIEW', message))
const print = (options: ContainerOptions): string =>
  renderHtml(renderContainer(resolve(options), { id: 'a', 'data-phx-main': true }, raw('<p></p>')))

describe('a container', () => {
  it.each<{ readonly options: ContainerOptions; readonly html: string }>([
    { options: {}, html: '<div id="a" data-phx-main><p></p></div>' },
    { options: { tag: 'li' }, html: '<li id="a" data-phx-main><p></p></li>' },
    { options: { tag: 'my-page', class: 'a b' }, html: '<my-page id="a" data-phx-main class="a b"><p></p></my-page>' },
    { options: { title: '"<' }, html: '<div id="a" data-phx-main title="&quot;&lt;"><p></p></div>' },
    {
      options: { hidden: true, inert: false, lang: undefined },
      html: '<div id="a" data-phx-main hidden=""><p></p></div>',
    },
    { options: { tabindex: 0 }, html: '<div id="a" data-phx-main tabindex="0"><p></p></div>' },
  ])('of $options is $html', ({ options, html }) => {
    expect(print(options)).toBe(html)
  })

  it('may hold JS commands', () => {
    const commands = js.hide({ to: '#a' })
    const options = { 'phx-mounted': commands }
    expect(attributeTexts(resolve(options))).toEqual({ 'phx-mounted': JSON.stringify(commands) })
    expect(print(options)).toContain(`phx-mounted="${escapeHtml(String(commands))}"`)
    const merged = mergeContainers(resolve({ class: 'a' }), resolve(options))
    expect(renderHtml(renderContainer(merged, {}, ''))).toContain('class="a" phx-mounted="[[&quot;hide&quot;')
  })

  it('holds a text of commands for none', () => {
    expect(print({ 'phx-mounted': '[["push",{"event":"x"}]]' })).toContain('phx-mounted="[]"')
  })

  it('is said by the one inside first', () => {
    const outer = resolve({ tag: 'main', class: 'wide', role: 'main' })
    expect(mergeContainers(outer, resolve({ class: 'narrow' }))).toEqual({
      tag: 'main',
      attributes: { class: 'narrow', role: 'main' },
    })
    expect(mergeContainers(outer, resolve({ tag: 'section' })).tag).toBe('section')
  })

  it.each([
    { options: 'li', message: "container must be an object like { tag: 'main', class: 'wide' }, got 'li'" },
    { options: ['li'], message: 'got an array' },
    { options: { tag: 'Main' }, message: "in small letters, got 'Main'" },
    { options: { tag: 'a b' }, message: "got 'a b'" },
    { options: { tag: 'img' }, message: "an element that may hold others, in small letters, got 'img'" },
    { options: { tag: 'script' }, message: "got 'script'" },
    { options: { tag: 7 }, message: 'got 7' },
    { options: { id: 'x' }, message: 'container.id belongs to the page, and cannot be set' },
    { options: { 'data-phx-main': true }, message: 'container.data-phx-main belongs to the page' },
    { options: { 'DATA-PHX-SESSION': '' }, message: 'container.DATA-PHX-SESSION belongs to the page' },
    { options: { onclick: 'x()' }, message: 'container: attrs: onclick cannot be set' },
    { options: { 'a b': '' }, message: "container: attrs: 'a b' is not an attribute name" },
    { options: { class: ['a'] }, message: 'container.class must be a text, a number or a boolean, got an array' },
    { options: { title: () => 1 }, message: 'container.title must be a text, a number or a boolean, got a function' },
  ])('refuses $options', ({ options, message }) => {
    expect(() => resolve(options)).toThrow(
      expect.objectContaining({ code: 'ERR_VIEW', message: expect.stringContaining(message) as string }) as Error,
    )
  })
})
