import { describe, expect, it } from 'vitest'
import { renderHtml } from '../template/to-html.ts'
import { csrf_field, focus_wrap, type FocusWrapOptions, portal, type PortalOptions } from './tags.ts'

describe('a portal', () => {
  it.each<{ readonly options: PortalOptions; readonly html: string }>([
    {
      options: { id: 'a' },
      html: '<template id="a" data-phx-portal="body"><div id="_lv_portal_wrap_a">hi</div></template>',
    },
    {
      options: { id: 'a', target: '#menu', container: { tag: 'aside', class: 'x', title: '"' } },
      html: '<template id="a" data-phx-portal="#menu"><aside id="_lv_portal_wrap_a" class="x" title="&quot;">hi</aside></template>',
    },
  ])('of $options is $html', ({ options, html }) => {
    expect(renderHtml(portal('hi', options)).replaceAll(' >', '>')).toBe(html)
  })

  it.each([
    { options: {}, message: 'portal: expected an id without spaces and quotes, got undefined' },
    { options: { id: 'a b' }, message: "got 'a b'" },
    { options: { id: 'a', target: '' }, message: "portal('a'): target must be a selector like '#menu', got ''" },
    { options: { id: 'a', container: { tag: 'br' } }, message: "portal('a'): container.tag must be" },
    { options: { id: 'a', container: { id: 'b' } }, message: "portal('a'): container.id belongs to the page" },
  ])('refuses $options', ({ options, message }) => {
    expect(() => portal('hi', options as PortalOptions)).toThrow(
      expect.objectContaining({
        code: 'ERR_TEMPLATE_VALUE',
        message: expect.stringContaining(message) as string,
      }) as Error,
    )
  })
})

describe('focus_wrap', () => {
  it('has something to focus at each end, and the client’s hook', () => {
    const markup = renderHtml(focus_wrap('hi', { id: 'a', class: 'box', role: 'group' })).replaceAll(/\s*\n\s*/g, '')
    expect(markup).toBe(
      '<div id="a" data-phx-hook="Phoenix.FocusWrap" class="box" role="group">' +
        '<div id="a-start" tabindex="0" aria-hidden="true"></div>hi' +
        '<div id="a-end" tabindex="0" aria-hidden="true"></div></div>',
    )
  })

  it.each([{}, { id: '' }, { id: 'a b' }, { id: 7 }])('refuses %j', (options) => {
    expect(() => focus_wrap('hi', options as FocusWrapOptions)).toThrow('focus_wrap: expected an id without spaces')
  })
})

describe('csrf_field', () => {
  it('is the hidden input of the token', () => {
    expect(renderHtml(csrf_field({ csrfToken: 'a"b' }))).toBe(
      '<input type="hidden" name="_csrf_token" value="a&quot;b" />',
    )
  })

  it.each([undefined, {}, 'token'])('refuses %j', (page) => {
    expect(() => csrf_field(page as never)).toThrow('csrf_field: expected the meta of a render')
  })
})
