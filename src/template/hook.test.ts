import { parseFragment } from 'parse5'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { LiveError } from '../errors.ts'
import { hook } from './hook.ts'
import { html } from './html.ts'
import { renderHtml } from './to-html.ts'

const source = `{
  mounted() { this.el.title = "a > b && '\${1}'" } // the end
}`

interface Script {
  readonly attrs: readonly { readonly name: string; readonly value: string }[]
  readonly childNodes: readonly { readonly value: string }[]
}

/** The scripts that a browser finds in a page. */
function scriptsOf(page: string): { readonly attributes: Record<string, string>; readonly text: string }[] {
  const nodes = parseFragment(page).childNodes as unknown as (Script & { readonly nodeName: string })[]
  return nodes
    .filter(({ nodeName }) => nodeName === 'script')
    .map(({ attrs, childNodes }) => ({
      attributes: Object.fromEntries(attrs.map(({ name, value }) => [name, value])),
      text: childNodes.map(({ value }) => value).join(''),
    }))
}

describe('a hook', () => {
  const chart = hook('Chart', source)

  it('prints in a template what the client knows it by', () => {
    expect(chart.name).toMatch(/^Chart-[a-z0-9]+$/)
    expect(renderHtml(html`<p id="a" phx-hook=${chart}></p>`)).toBe(`<p id="a" phx-hook="${chart.name}"></p>`)
    expect(`${chart}`).toBe(chart.name)
  })

  it('is another one when its source is', () => {
    expect(hook('Chart', source).name).toBe(chart.name)
    expect(hook('Chart', `${source} `).name).not.toBe(chart.name)
    expect(hook('Map', source).name).not.toBe(chart.name)
  })

  it('has a script, which may stand on a page more than once', () => {
    const page = renderHtml(html`${chart.script({ nonce: 'a"b' })}${chart.script({ nonce: 'a"b' })}<b></b>`)
    const scripts = scriptsOf(page)
    expect(scripts).toHaveLength(2)
    for (const { attributes, text } of scripts) {
      expect(attributes).toEqual({ 'data-phx-runtime-hook': chart.name, nonce: 'a"b' })
      expect(text).toContain(source)
    }
    expect(page.endsWith('</script><b></b>')).toBe(true)
  })

  it.each([{}, { nonce: '' }, { nonce: undefined }])('has none but the nonce it is given: %j', (page) => {
    expect(Object.keys(scriptsOf(renderHtml(chart.script(page)))[0]!.attributes)).toEqual(['data-phx-runtime-hook'])
  })

  it('sends its source once for all of its scripts', () => {
    expect(chart.script({ nonce: 'a' }).template).toBe(chart.script({ nonce: 'b' }).template)
    expect(chart.script({}).template.root).toBe(true)
  })
})

describe('where code may not be made from text', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('a hook is made without a look at its syntax', () => {
    vi.stubGlobal('Function', function () {
      throw new EvalError('not here')
    })
    expect(hook('Chart', '{ mounted( }').name).toMatch(/^Chart-/)
  })
})

describe('no hook is made', () => {
  it.each(['{ mounted( }', '{ mounted() { return 1 + } }', '{ a: 1 b: 2 }', '{ a }) }'])(
    'of what is no JavaScript: %s',
    (source) => {
      expect(() => hook('Chart', source)).toThrow(/^hook\('Chart'\): the source is no JavaScript: [A-Z].+/)
    },
  )

  it.each<{ name: unknown; source: unknown; says: string }>([
    { name: '', source, says: "expected a name like 'Chart', got ''" },
    { name: '1st', source, says: "got '1st'" },
    { name: 'a b', source, says: "got 'a b'" },
    { name: 'a"b', source, says: "got 'a\"b'" },
    { name: 'Chart\n', source, says: 'expected a name' },
    { name: undefined, source, says: 'got undefined' },
    { name: 'Chart', source: undefined, says: "hook('Chart'): expected the text of an object" },
    { name: 'Chart', source: { mounted() {} }, says: 'got a plain object' },
    { name: 'Chart', source: () => {}, says: 'got a function' },
    { name: 'Chart', source: 'mounted() {}', says: "got 'mounted() {}'" },
    { name: 'Chart', source: '', says: "got ''" },
    { name: 'Chart', source: 'class { mounted() {} }', says: "got 'class" },
    { name: 'Chart', source: '{ a: "</script>" }', says: "the source has '</script'" },
    { name: 'Chart', source: '{ a: "</SCRIPT x" }', says: "the source has '</SCRIPT'" },
    { name: 'Chart', source: '{ a: 1 <!--b }', says: "the source has '<!--'" },
  ])('of $name and $source', ({ name, source, says }) => {
    const make = (): unknown => hook(name as string, source as string)
    expect(make).toThrow(LiveError)
    expect(make).toThrow(says)
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_HOOK' }))
  })
})
