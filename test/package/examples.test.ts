/** Every example that a reader can find compiles as it stands: in the documents, and in the comments of the sources. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { filesBelow, root, sources } from './root.ts'

interface Example {
  readonly name: string
  readonly code: string
}

/** The blocks fenced as `ts`. What is no whole program is fenced otherwise. */
function examplesOfDocument(path: string, text: string): Example[] {
  return [...text.matchAll(/^( *)```ts\n([\s\S]*?)^\1```$/gm)].map(([, indent, code], at) => ({
    name: `${path} ${at + 1} (line ${text.slice(0, text.indexOf(code!)).split('\n').length})`,
    code: code!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }))
}

/** The blocks behind `@example`, up to the next tag or the comment's end. */
function examplesOfSource(path: string, text: string): Example[] {
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap(([comment]) => {
    const lines = comment.split('\n').map((line) => line.replace(/^\s*\*(?: |\/)?/, ''))
    const blocks = lines
      .join('\n')
      .split(/^@/m)
      .filter((block) => block.startsWith('example\n'))
    return blocks.map((block, at) => ({
      name: `src/${path} ${at + 1} (line ${text.slice(0, text.indexOf(comment)).split('\n').length})`,
      code: block.slice('example\n'.length),
    }))
  })
}

const documents = new Map<string, string>(
  [...filesBelow(join(root, 'docs'), '.md')].map(([path, text]) => [`docs/${path}`, text]),
)
for (const name of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md']) {
  if (existsSync(join(root, name))) documents.set(name, readFileSync(join(root, name), 'utf8'))
}
const examples = [
  ...[...documents].flatMap(([path, text]) => examplesOfDocument(path, text)),
  ...[...sources()].flatMap(([path, text]) => examplesOfSource(path, text)),
]

/** Compiles the examples as modules inside the package, so that they import it by its name. Gives the errors of each. */
function compile(programs: readonly Example[]): Map<string, string[]> {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.test.json'), (path) => ts.sys.readFile(path)).config,
    ts.sys,
    root,
  )
  const files = new Map(programs.map(({ code }, at) => [join(root, 'test/package', `example-${at}.ts`), code]))
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => files.has(path) || fileExists(path)
  host.readFile = (path) => files.get(path) ?? readFile(path)
  host.getSourceFile = (path, language, ...rest) => {
    const code = files.get(path)
    // An example without imports is a module all the same.
    return code === undefined
      ? getSourceFile(path, language, ...rest)
      : ts.createSourceFile(path, `${code}\nexport {}\n`, language)
  }
  const program = ts.createProgram([...files.keys()], options, host)
  return new Map(
    [...files.keys()].map((path, at) => {
      const file = program.getSourceFile(path)!
      const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
      return [
        programs[at]!.name,
        found.map(({ messageText, start = 0 }) => {
          const line = file.getLineAndCharacterOfPosition(start).line + 1
          return `line ${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
        }),
      ]
    }),
  )
}

describe('every example compiles', () => {
  const errors = compile(examples)

  it.each(examples)('$name', ({ name }) => {
    expect(errors.get(name)).toEqual([])
  })
})

describe('the check of examples', () => {
  it('finds those of the documents and of the sources', () => {
    expect(examples.some(({ name }) => name.startsWith('docs/'))).toBe(true)
    expect(examples.some(({ name }) => name.startsWith('README.md'))).toBe(true)
    expect(examples.some(({ name }) => name.startsWith('src/live/view.ts'))).toBe(true)
  })

  it('notices one that does not compile', () => {
    const wrong = {
      name: 'wrong',
      code: "import { html } from 'liveloom'\nexport const page: string = html`<p></p>`\n",
    }
    const missing = { name: 'missing', code: "import { htm } from 'liveloom'\n" }
    const found = compile([wrong, missing])
    expect(found.get('wrong')).toHaveLength(1)
    expect(found.get('missing')!.join()).toContain("has no exported member named 'htm'")
  })
})
