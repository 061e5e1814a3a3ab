/** The package as npm would get it: checked by the tools that look at packages, and used by a stranger. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from './root.ts'

/** Packing and compiling take their time on a busy machine. */
const patience = 120_000

let folder: string
let tarball: string
let installed: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'packed-'))
  // Without scripts: packing must not build anew while other tests run on what is built.
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  tarball = join(folder, (JSON.parse(packed) as readonly [{ readonly filename: string }])[0].filename)
  installed = join(folder, 'node_modules/liveloom')
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
  // What npm would install beside it: its dependencies, and the types that its users have.
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>
  }
  for (const name of [...Object.keys(dependencies), '@types/node', 'undici-types']) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }
}, patience)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a tool of the house, and gives all that it said when it failed. */
function complaintOf(script: string, args: readonly string[], cwd = folder): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return status === 0 ? '' : `${stdout}${stderr}`
}

describe('the packed package', () => {
  it('holds what was built and what is to be read, and nothing else', () => {
    const read = ['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md']
    expect(readdirSync(installed).toSorted()).toEqual([...read, 'dist', 'docs', 'examples', 'package.json'])
    // What an example that was run has left is not shipped.
    const example = readdirSync(join(installed, 'examples/photo-album')).toSorted()
    expect(example).toEqual(['album-store.ts', 'album-view.ts', 'assets', 'server.ts'])
    const built = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' })
    expect(built.filter((path) => /\.test\.|\.tsbuildinfo$/.test(path))).toEqual([])
    expect(built).toContain('client/liveloom.min.js')
  })

  it('has everything that its documents link to', () => {
    const documents = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.md'),
    )
    const broken = documents.flatMap((path) =>
      [...readFileSync(join(installed, path), 'utf8').matchAll(/\]\(([^)\s#:]+)(?:#[^)]*)?\)/g)]
        .map(([, link]) => join(path, '..', link!))
        .filter((target) => !existsSync(join(installed, target)))
        .map((target) => `${path}: ${target}`),
    )
    expect(documents).toContain('docs/guides/getting-started.md')
    expect(broken).toEqual([])
  })

  it('ships the client compressed too', () => {
    const shipped = readdirSync(join(installed, 'dist/client'))
    for (const name of ['liveloom.min.js', 'development.min.js']) {
      expect(shipped).toEqual(expect.arrayContaining([name, `${name}.br`, `${name}.gz`]))
    }
  })

  it('has no complaint of publint', async () => {
    const { publint } = await import('publint')
    const { formatMessage } = await import('publint/utils')
    const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  it(
    'has no complaint of attw',
    () => {
      const args = [tarball, '--profile', 'esm-only', '--no-emoji', '--format', 'ascii']
      expect(complaintOf('@arethetypeswrong/cli/dist/index.js', args)).toBe('')
    },
    patience,
  )
})

const serverSide = `
import { createLiveServer, createLiveView, html, live_file_input, type UploadEntry } from 'liveloom'
import { serve, type NodeServer } from 'liveloom/node'

export const view = createLiveView<{ n: number }, { type: 'inc' }, 'photos'>({
  mount: (socket) => {
    socket.assign({ n: 0 })
    void socket.allowUpload('photos', { maxEntries: 2 })
  },
  render: ({ n }, { uploads }) => html\`<p>\${n}</p><form>\${live_file_input(uploads.photos)}</form>\`,
})
export const name = (entry: UploadEntry): string => entry.clientName
export const start = (): Promise<NodeServer> => serve(createLiveServer({ routes: { '/': view } }))
// @ts-expect-error There is no such upload: the types are there.
createLiveView<{ n: number }, { type: 'inc' }, 'photos'>({ render: (_, { uploads }) => html\`\${uploads.videos}\` })
`

const browserSide = `
import { connect } from 'liveloom/client'

connect({ path: '/live', hooks: {} })
// @ts-expect-error The path is a string: the types are there.
connect({ path: 3 })
`

/** Only this resolution finds the types of phoenix_live_view. */
const typedBrowserSide = `${browserSide}
connect({
  hooks: { Chart: { mounted() { this.pushEvent('ready', { id: this.el.id }) }, destroyed() {} } },
  uploaders: { S3: () => {} },
  params: (element) => ({ id: element.id }),
  dom: { onBeforeElUpdated: (from, to) => { if (from.id === to.id) return } },
  metadata: { click: (event) => ({ alt: event.altKey }) },
  defaults: { debounce: 100 },
  disconnectedTimeout: 1000,
  reconnectAfterMs: (tries) => tries * 100,
  longPollFallbackMs: false,
})
connect({ params: { zone: 'UTC' } })
// @ts-expect-error There is no such option.
connect({ hoks: {} })
// @ts-expect-error Callbacks of a hook are functions.
connect({ hooks: { Chart: { mounted: 3 } } })
// @ts-expect-error It is a number of ms.
connect({ loaderTimeout: '1s' })
// @ts-expect-error There is no such callback.
connect({ dom: { onBeforeUpdate() {} } })
`

describe('a stranger’s project', () => {
  it.each([
    { name: 'of a server', module: 'nodenext', resolution: 'nodenext', code: serverSide, checksLibraries: true },
    { name: 'of a server', module: 'esnext', resolution: 'bundler', code: serverSide, checksLibraries: true },
    {
      name: 'of a bundled client',
      module: 'esnext',
      resolution: 'bundler',
      code: typedBrowserSide,
      checksLibraries: false,
    },
    // The types of phoenix_live_view itself are not right for this resolution.
    { name: 'of a client', module: 'nodenext', resolution: 'nodenext', code: browserSide, checksLibraries: false },
  ])(
    '$name type-checks with the module resolution $resolution',
    ({ module, resolution, code, checksLibraries }) => {
      const project = mkdtempSync(join(folder, 'project-'))
      writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
      writeFileSync(join(project, 'app.ts'), code)
      const compilerOptions = {
        module,
        moduleResolution: resolution,
        strict: true,
        noEmit: true,
        skipLibCheck: !checksLibraries,
        // The dependencies are links; a stranger's are not, and find nothing of ours.
        preserveSymlinks: true,
        target: 'es2023',
        lib: ['es2023', 'dom', 'dom.iterable'],
        types: ['node'],
      }
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }))
      expect(complaintOf('typescript/bin/tsc', ['-p', '.'], project)).toBe('')
    },
    patience,
  )

  it(
    'has the types of `liveloom/node` with the options that TypeScript 7 writes for a new project',
    () => {
      const project = mkdtempSync(join(folder, 'project-'))
      writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
      writeFileSync(
        join(project, 'app.ts'),
        `import { serve } from 'liveloom/node'
        export const server = (await serve(undefined as never)).server
        // @ts-expect-error Were Node's types not found, it would be any.
        server.thereIsNoSuchThing()`,
      )
      const compilerOptions = {
        module: 'nodenext',
        target: 'esnext',
        types: [],
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        strict: true,
        verbatimModuleSyntax: true,
        isolatedModules: true,
        noUncheckedSideEffectImports: true,
        moduleDetection: 'force',
        skipLibCheck: true,
        preserveSymlinks: true,
        noEmit: true,
      }
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }))
      expect(complaintOf('typescript/bin/tsc', ['-p', '.'], project)).toBe('')
    },
    patience,
  )

  it('runs', () => {
    writeFileSync(
      join(folder, 'run.mjs'),
      `import { createLiveServer, createLiveView, html } from 'liveloom'
      import { serve } from 'liveloom/node'
      const view = createLiveView({ render: () => html\`<h1>Hello</h1>\` })
      const live = createLiveServer({ routes: { '/': view }, secret: 's'.repeat(32) })
      const server = await serve(live, { port: 0, host: '127.0.0.1', signals: false })
      const page = await (await fetch(server.url)).text()
      const script = /src="([^"]+client[^"]+)"/.exec(page)[1]
      const client = await fetch(new URL(script, server.url))
      console.log(page.includes('<h1>Hello</h1>'), client.status, (await client.text()).includes('phx_join'))
      await server.close()`,
    )
    const printed = execFileSync(process.execPath, ['run.mjs'], { cwd: folder, encoding: 'utf8' })
    expect(printed.trim()).toBe('true 200 true')
    expect(basename(tarball)).toMatch(/^liveloom-\d+\.\d+\.\d+\.tgz$/)
  })
})
