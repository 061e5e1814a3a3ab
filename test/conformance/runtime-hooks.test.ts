/** A hook's script, read by the client's own code: what it looks for, and what it makes of it. */
import { runInThisContext } from 'node:vm'
import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { hook, type ClientHook } from '../../src/template/hook.ts'
import { html } from '../../src/template/html.ts'
import { renderHtml } from '../../src/template/to-html.ts'
import './real-client.ts'

const { LiveSocket } = await import('phoenix_live_view')

/** The client's own look-up, with no hooks but those of the page. */
function definitionOf(name: string): unknown {
  const { prototype } = LiveSocket as unknown as { prototype: { getHookDefinition(name: string): unknown } }
  return prototype.getHookDefinition.call(Object.assign(Object.create(prototype), { hooks: {} }), name)
}

/** A page with these hooks: their scripts have run, and a selector finds the script that it names. */
function visit(...hooks: readonly ClientHook[]): void {
  const page = parseFragment(renderHtml(html`${hooks.map((each) => each.script({ nonce: 'n' }))}`))
  const scripts = page.childNodes.filter((node): node is DefaultTreeAdapterTypes.Element => node.nodeName === 'script')
  for (const { childNodes } of scripts) runInThisContext((childNodes[0] as DefaultTreeAdapterTypes.TextNode).value)
  const selectors = new Set(scripts.map(({ attrs }) => `script[${attrs[0]!.name}="${attrs[0]!.value}"]`))
  vi.stubGlobal('document', { querySelector: (selector: string) => (selectors.has(selector) ? {} : null) })
}

beforeEach(() => {
  // Nothing in these names has to be escaped; the conformance of `CSS.escape` is the browser's.
  vi.stubGlobal('CSS', { escape: (name: string) => name })
})

afterEach(() => vi.unstubAllGlobals())

describe('the client', () => {
  it.each([
    { name: 'an object', source: '{ mounted() { return 7 } }' },
    { name: 'an object behind white space, with a comment at its end', source: '\n{ mounted: () => 7 // seven\n}\n' },
    { name: 'several lines', source: '{\n  get seven() { return 7 },\n  mounted() { return this.seven },\n}' },
  ])('finds what the source says: $name', ({ source }) => {
    const chart = hook('Chart.Bar_1', source)
    visit(chart)
    expect((definitionOf(chart.name) as { mounted(): number }).mounted()).toBe(7)
  })

  it('tells hooks of one name apart by their sources', () => {
    const [one, two] = [hook('Chart', '{ n: 1 }'), hook('Chart', '{ n: 2 }')]
    visit(one, two, one)
    expect(definitionOf(one.name)).toEqual({ n: 1 })
    expect(definitionOf(two.name)).toEqual({ n: 2 })
  })

  it('finds none without the script', () => {
    visit(hook('Chart', '{ n: 3 }'))
    expect(definitionOf(hook('Chart', '{ n: 4 }').name)).toBeUndefined()
  })

  it('takes no hook of ours for one of its own', () => {
    const focus = hook('Phoenix.FocusWrap', '{ n: 5 }')
    visit(focus)
    expect(definitionOf(focus.name)).toEqual({ n: 5 })
  })
})
