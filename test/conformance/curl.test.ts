/** The resource of an upload, and a client that knows nothing of uploads: the guide's commands, run by the real curl. */
import { execFile, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { root } from '../package/root.ts'
import type { HttpUpload } from '../support/http-upload.ts'
import { casesFor } from '../support/upload-cases.ts'
import { entriesOf } from '../security/target.ts'

/** `%header{…}` came with 7.84. */
const oldest = [7, 84] as const
const version = /^curl (\d+)\.(\d+)/.exec(spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout ?? '')
const [major = 0, minor = 0] = version?.slice(1).map(Number) ?? []
const hasCurl = major > oldest[0] || (major === oldest[0] && minor >= oldest[1])

const guide = readFileSync(join(root, 'docs/guides/file-uploads/protocol.md'), 'utf8')
const commands = [...guide.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, command]) => command!)
const [ask, sendAll, sendPart, sendRest, end] = commands as [string, string, string, string, string]

const bytes = randomBytes(3_000_000)
let folder: string
let path: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'curl-'))
  path = join(folder, 'a.png')
  await writeFile(path, bytes)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const { onUpload, expectSaved } = casesFor(bytes)

function environment({ url, page }: HttpUpload): NodeJS.ProcessEnv {
  return { ...process.env, URL: url, COOKIE: page.cookie, FILE: path }
}

/** Status, offset and completeness of the last answer; before it curl may print that the server goes on. */
async function said(upload: HttpUpload, command: string): Promise<readonly unknown[]> {
  const { stdout } = await promisify(execFile)('sh', ['-ec', command], { env: environment(upload) })
  const answer = stdout.slice(stdout.lastIndexOf('HTTP/1.1 '))
  const header = (name: string): string | undefined => new RegExp(`^${name}: (.*?)\\r?$`, 'im').exec(answer)?.[1]
  return [Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]), header('upload-offset'), header('upload-complete')]
}

it('the guide has these commands, and no others', () => expect(commands).toHaveLength(5))

describe.skipIf(!hasCurl)('curl, by the guide,', () => {
  it('asks, and sends all at once', () =>
    onUpload(async (upload, target) => {
      expect(await said(upload, ask)).toEqual([204, '0', '?0'])
      expect(await said(upload, sendAll)).toEqual([200, '3000000', '?1'])
      expect(await said(upload, ask)).toEqual([204, '3000000', '?1'])
      await expectSaved(upload, target)
    }))

  it('sends one half, and then the rest', () =>
    onUpload(async (upload, target) => {
      expect(await said(upload, sendPart)).toEqual([204, '1500000', '?0'])
      expect(await said(upload, ask)).toEqual([204, '1500000', '?0'])
      expect(await said(upload, sendRest)).toEqual([200, '3000000', '?1'])
      await expectSaved(upload, target)
    }))

  it.for(['--upload-file "$FILE"', '--upload-file - < "$FILE"'])('sends what it does not hold in memory: %s', (from) =>
    onUpload(async (upload, target) => {
      const command = sendAll.replace('--data-binary "@$FILE"', from)
      expect(command).not.toBe(sendAll)
      expect(await said(upload, command)).toEqual([200, '3000000', '?1'])
      await expectSaved(upload, target)
    }),
  )

  it('that was killed leaves what came, and another goes on', () =>
    onUpload(async (upload, target) => {
      const slow = `exec ${sendAll.replace('curl ', 'curl --limit-rate 300K ')}`
      const running = execFile('sh', ['-ec', slow], { env: environment(upload) })
      await vi.waitFor(async () => expect((await entriesOf(upload.view))[0]!.progress).toBeGreaterThan(0), 5000)
      running.kill('SIGKILL')
      const [status, offset, complete] = await said(upload, ask)
      expect([status, complete]).toEqual([204, '?0'])
      expect(Number(offset)).toBeGreaterThan(0)
      expect(Number(offset)).toBeLessThan(bytes.length)
      expect(await said(upload, sendRest)).toEqual([200, '3000000', '?1'])
      await expectSaved(upload, target)
    }))

  it('ends the upload', () =>
    onUpload(async (upload) => {
      expect((await said(upload, sendPart))[0]).toBe(204)
      expect((await said(upload, end))[0]).toBe(204)
      expect(await entriesOf(upload.view)).toMatchObject([{ failed: true }])
      expect((await said(upload, ask))[0]).toBe(410)
    }))
})
