import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LiveError } from '../../errors.ts'

/**
 * The secret of the environment; in development one that is made once and kept, so that a restart of the server lets open pages
 * come back. The folder ignores itself in git.
 */
export function findSecret(development: boolean, folder: string = process.cwd()): string {
  const { LIVELOOM_SECRET: secret } = process.env
  if (secret !== undefined && secret !== '') return secret
  if (!development) {
    throw new LiveError(
      'ERR_SECRET',
      'in production a secret is needed: set LIVELOOM_SECRET, or the option `secret`, to 32 random bytes or more',
    )
  }
  const own = join(folder, '.liveloom')
  const path = join(own, 'secret')
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const made = randomBytes(48).toString('base64url')
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, '.gitignore'), '*\n')
  writeFileSync(path, made, { mode: 0o600 })
  return made
}
