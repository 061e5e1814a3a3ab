import { describe, expect, it } from 'vitest'
import type { Refusal } from '../template/safe-values.ts'
import { renderHtml } from '../template/to-html.ts'
import { checkHead, type HeadOptions, headTags } from './head.ts'

function print(options: HeadOptions, fallback?: string, refusals: Refusal[] = []): string {
  const tags = headTags(checkHead(options), 'n1', fallback)
  if (tags === undefined) return 'none'
  return renderHtml(tags, undefined, (refusal) => refusals.push(refusal))
    .replaceAll(/>\s+</g, '><')
    .trim()
}

describe('the tags of a head', () => {
  it.each<[string, HeadOptions, string | undefined, string]>([
    ['nothing', {}, undefined, 'none'],
    ['an empty description', { description: '' }, undefined, 'none'],
    ['a description', { description: 'A <b>' }, undefined, '<meta name="description" content="A &lt;b&gt;" />'],
    ['that of the live session', {}, 'D', '<meta name="description" content="D" data-default="D" />'],
    ['one in its place', { description: 'V' }, 'D', '<meta name="description" content="V" data-default="D" />'],
    ['none in its place', { description: '' }, 'D', '<meta name="description" content="" data-default="D" />'],
    [
      'a meta element',
      { meta: [{ property: 'og:title', content: '"x"' }] },
      undefined,
      '<meta property="og:title" content="&quot;x&quot;" />',
    ],
    [
      'a stylesheet, with the nonce',
      { links: [{ rel: 'stylesheet', href: '/a.css', 'phx-track-static': true }] },
      undefined,
      '<link nonce="n1" rel="stylesheet" href="/a.css" phx-track-static />',
    ],
    [
      'another link, without',
      { links: [{ rel: 'canonical', href: 'https://example.test/a', hreflang: undefined }] },
      undefined,
      '<link rel="canonical" href="https://example.test/a" />',
    ],
    ['a script by its path', { scripts: ['/a.js'] }, undefined, '<script nonce="n1" defer src="/a.js"></script>'],
    [
      'a script by its attributes',
      { scripts: [{ src: '/m.js', type: 'module', defer: false }] },
      undefined,
      '<script nonce="n1" src="/m.js" type="module"></script>',
    ],
  ])('%s', (_, options, fallback, expected) => {
    expect(print(options, fallback).replaceAll(' >', '>')).toBe(expected)
  })

  it.each<[string, HeadOptions]>([
    ['a script', { scripts: ['javascript:alert(1)'] }],
    ['a script by attributes', { scripts: [{ src: ' data:text/javascript,alert(1)' }] }],
    ['a link', { links: [{ rel: 'stylesheet', href: 'data:text/css,*{}' }] }],
  ])('leave the address of %s empty that would run by itself, and tell of it', (_, options) => {
    const refusals: Refusal[] = []
    expect(print(options, undefined, refusals)).toMatch(/(?:src|href)=""/)
    expect(refusals).toHaveLength(1)
  })

  it.each<[string, unknown, string]>([
    ['no object', 'x', 'head: expected an object, got'],
    ['null', null, 'head: expected an object, got null'],
    ['an unknown part', { styles: [] }, "head: unknown option 'styles'; known are title, description, bodyClass"],
    ['a title that is no text', { title: 1 }, 'head: title must be text, got 1'],
    ['a description that is none', { description: null }, 'head: description must be text, got null'],
    ['links that are no list', { links: '/a.css' }, 'head: links must be an array, got'],
    ['a link by its path', { links: ['/a.css'] }, 'head: links[0] must be an object of attributes, got'],
    ['a link without rel', { links: [{ href: '/a.css' }] }, 'head: links[0].rel must be text, got undefined'],
    ['a script without src', { scripts: ['/a.js', {}] }, 'head: scripts[1].src must be text, got undefined'],
    ['a meta element without content', { meta: [{ name: 'a' }] }, 'head: meta[0].content must be text'],
    ['an attribute that is no text', { scripts: [{ src: '/a.js', id: {} }] }, 'head: scripts[0].id must be a text'],
    ['an attribute that is code', { scripts: [{ src: '/a.js', onload: 'x' }] }, 'head: scripts[0]: attrs: onload'],
    ['an attribute that is none', { meta: [{ content: 'a', 'x y': 'b' }] }, 'head: meta[0]: attrs: '],
  ])('are not made of %s', (_, options, message) => {
    const check = (): unknown => checkHead(options as HeadOptions)
    expect(check).toThrow(expect.objectContaining({ code: 'ERR_VIEW' }))
    expect(check).toThrow(message)
  })
})
