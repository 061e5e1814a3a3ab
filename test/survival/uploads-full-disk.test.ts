/** A disk that is full, and then not: what waits goes on by itself, and what is refused is told. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildProgram } from '../support/build-program.ts'
import { grantUpload } from '../support/http-upload.ts'
import { Home, KeepingProcess } from '../support/keeping-process.ts'

const run = promisify(execFile)
const source = fileURLToPath(new URL('../support/keeping-server.ts', import.meta.url))
const kB = 1024

/** A disk of 1 MiB; needs somebody who may mount one. */
async function mount(folder: string): Promise<boolean> {
  return run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', folder]).then(
    () => true,
    () => false,
  )
}

let program: string
let home: Home
let server: KeepingProcess
let mayMount = false

beforeAll(async () => {
  program = await buildProgram(source)
  const probe = await Home.make()
  mayMount = await mount(probe.saved)
  if (mayMount) await run('umount', [probe.saved])
  await probe.remove()
})

beforeEach(async () => {
  home = await Home.make()
  if (mayMount) {
    await mount(join(home.path, 'tmp'))
    await chmod(join(home.path, 'tmp'), 0o700)
  }
  server = await KeepingProcess.start(program, home)
})

afterEach(async () => {
  await server.end('SIGKILL')
  if (mayMount) await run('umount', [join(home.path, 'tmp')])
  await home.remove()
})

const ballast = (): string => join(home.path, 'tmp', 'ballast')

/** Leaves no more room than `left`. */
async function fill(left: number): Promise<void> {
  let size = 1024 * kB
  for (;;) {
    try {
      await writeFile(ballast(), new Uint8Array(size))
      break
    } catch {
      await rm(ballast(), { force: true })
      size -= 4 * kB
    }
  }
  if (left > 0) await writeFile(ballast(), new Uint8Array(size - left))
}

describe.runIf(process.getuid?.() === 0)('a disk that is full', () => {
  it('while a file is written has it wait, with what there is, until there is room', async ({ skip }) => {
    if (!mayMount) skip()
    const bytes = randomBytes(600 * kB)
    const upload = await grantUpload(server, { ref: '0', name: 'a.png', size: bytes.length })
    await upload.patch(0, bytes.subarray(0, 100 * kB))
    await fill(200 * kB)
    const { status, headers } = await upload.patch(100 * kB, bytes.subarray(100 * kB), true)
    expect(status).toBe(507)
    expect(headers['retry-after']).toBe('10')
    const offset = Number((await upload.send('HEAD')).headers['upload-offset'])
    expect(offset).toBeGreaterThanOrEqual(100 * kB)
    expect(offset).toBeLessThanOrEqual(300 * kB)
    expect((await upload.patch(offset, bytes.subarray(offset), true)).status).toBe(507)
    await rm(ballast())
    const now = Number((await upload.send('HEAD')).headers['upload-offset'])
    expect(now).toBeGreaterThanOrEqual(offset)
    expect((await upload.patch(now, bytes.subarray(now), true)).status).toBe(200)
    await upload.view.submit('save')
    const [name] = await readdir(home.saved)
    expect(bytes.equals(await readFile(join(home.saved, name!)))).toBe(true)
    expect(server.output).toBe('')
  })

  it('when a file is to be granted refuses it with a word, and takes the next when there is room', async ({ skip }) => {
    if (!mayMount) skip()
    const bytes = randomBytes(1000)
    const file = { ref: '0', name: 'a.png', size: bytes.length }
    const { page, client } = await server.visit()
    const view = await client.joinView(page, { params: { _mounts: 0, liveloomHttpUploads: [] } })
    const ref = view.inputRef('photos')
    // The folder is there, and what says that the process lives.
    const first = await grantUpload(server, file)
    await fill(0)
    await view.choose({ [ref]: [file] })
    const refused = await view.preflight(ref, [file])
    expect(refused.entries).toEqual({})
    expect(JSON.stringify(refused.error)).toContain('storage_full')
    // What was granted waits.
    expect((await first.patch(0, bytes, true)).status).toBe(507)
    await rm(ballast())
    expect((await first.patch(0, bytes, true)).status).toBe(200)
    const other = { ...file, ref: '1' }
    const next = await server.visit()
    const later = await next.client.joinView(next.page, { params: { _mounts: 0, liveloomHttpUploads: [] } })
    await later.choose({ [later.inputRef('photos')]: [other] })
    expect(Object.keys((await later.preflight(later.inputRef('photos'), [other])).entries)).toEqual(['1'])
  })
})
