import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { findSecret } from './secret.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secret-'))
  vi.stubEnv('LIVELOOM_SECRET', undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

describe('the secret', () => {
  it('is that of the environment, also in development', () => {
    vi.stubEnv('LIVELOOM_SECRET', 'from the environment')
    expect(findSecret(true, folder)).toBe('from the environment')
    expect(findSecret(false, folder)).toBe('from the environment')
    expect(readdirSync(folder)).toEqual([])
  })

  it.each([undefined, ''])('is missing in production when the environment says %j', (value) => {
    vi.stubEnv('LIVELOOM_SECRET', value)
    expect(() => findSecret(false, folder)).toThrow(expect.objectContaining({ code: 'ERR_SECRET' }))
    expect(() => findSecret(false, folder)).toThrow('LIVELOOM_SECRET')
  })

  it('is made once in development, and kept for the next start', () => {
    const made = findSecret(true, folder)
    expect(Buffer.byteLength(made)).toBeGreaterThanOrEqual(32)
    expect(findSecret(true, folder)).toBe(made)
  })

  it('is kept where only its owner reads it, and git does not look', () => {
    findSecret(true, folder)
    expect(statSync(join(folder, '.liveloom/secret')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder, '.liveloom/.gitignore'), 'utf8')).toBe('*\n')
  })

  it('is another for another project', () => {
    const other = mkdtempSync(join(tmpdir(), 'secret-'))
    expect(findSecret(true, other)).not.toBe(findSecret(true, folder))
    rmSync(other, { recursive: true })
  })
})
