import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as node from 'liveloom/node'
import * as main from 'liveloom'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { root } from './root.ts'

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
}

/** The names that a built door exports: values, then types. */
function namesOf(door: string): { readonly values: string[]; readonly types: string[] } {
  const entry = manifest.exports[door] as { readonly types: string }
  const program = ts.createProgram([join(root, entry.types)], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
    noEmit: true,
  })
  const checker = program.getTypeChecker()
  const file = program.getSourceFile(join(root, entry.types))!
  const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(file)!).map((symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const typeOnly = symbol.declarations?.some(ts.isTypeOnlyImportOrExportDeclaration) === true
    return { name: symbol.name, isValue: !typeOnly && (target.flags & ts.SymbolFlags.Value) !== 0 }
  })
  const named = (isValue: boolean) =>
    symbols
      .filter((symbol) => symbol.isValue === isValue)
      .map(({ name }) => name)
      .toSorted()
  return { values: named(true), types: named(false) }
}

describe('the doors', () => {
  it('are these', () => {
    expect(Object.keys(manifest.exports)).toEqual(['.', './node', './client', './package.json'])
  })

  it('"." exports these names', () => {
    const { values, types } = namesOf('.')
    expect(values).toMatchInlineSnapshot(`
      [
        "LiveError",
        "attrs",
        "createLiveServer",
        "createLiveView",
        "each",
        "html",
        "live_file_input",
        "live_img_preview",
        "postpone",
        "raw",
      ]
    `)
    expect(types).toMatchInlineSnapshot(`
      [
        "Attrs",
        "ConsumeUploadedEntriesMeta",
        "Each",
        "ErrorContext",
        "ErrorPage",
        "Key",
        "LayoutPage",
        "LiveErrorCode",
        "LiveEvent",
        "LiveRequest",
        "LiveServer",
        "LiveServerOptions",
        "LiveView",
        "LiveViewCallbacks",
        "LiveViewSocket",
        "PageOptions",
        "Params",
        "Postponed",
        "PubSub",
        "Raw",
        "RedirectOptions",
        "RenderMeta",
        "Rendered",
        "ServerLimits",
        "SessionData",
        "Stage",
        "UploadConfig",
        "UploadConfigOptions",
        "UploadEntry",
        "UploadError",
        "UploadErrorCode",
        "UploadErrorData",
        "UploadFileSystem",
      ]
    `)
    expect(Object.keys(main).toSorted()).toEqual(values)
  })

  it('"./node" exports these names', () => {
    const { values, types } = namesOf('./node')
    expect(values).toMatchInlineSnapshot(`
      [
        "createHandler",
        "serve",
      ]
    `)
    expect(types).toMatchInlineSnapshot(`
      [
        "HandlerOptions",
        "LiveHandler",
        "Middleware",
        "NodeServer",
        "ServeOptions",
      ]
    `)
    expect(Object.keys(node).toSorted()).toEqual(values)
  })

  it('"./client" exports these names', () => {
    const { values, types } = namesOf('./client')
    expect(values).toMatchInlineSnapshot(`
      [
        "connect",
      ]
    `)
    expect(types).toMatchInlineSnapshot(`
      [
        "ConnectOptions",
      ]
    `)
  })
})

describe('what was built', () => {
  it('prints a template', () => {
    const rendered = main.html`<p>${'<'}</p>`
    expect(rendered.template.statics).toEqual(['<p>', '</p>'])
  })

  it('serves a view', async () => {
    const hello = main.createLiveView({ render: () => main.html`<h1>${'Hello & welcome'}</h1>` })
    const live = main.createLiveServer({ routes: { '/': hello }, secret: 's'.repeat(32) })
    const server = await node.serve(live, { port: 0, host: '127.0.0.1', signals: false })
    try {
      const response = await fetch(server.url)
      expect(response.status).toBe(200)
      expect(await response.text()).toContain('<h1>Hello &amp; welcome</h1>')
    } finally {
      await server.close()
    }
  })
})
