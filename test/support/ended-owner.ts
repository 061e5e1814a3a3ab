import { execFileSync } from 'node:child_process'
import { type Owner, ownProcess } from '../../src/adapters/node/owner.ts'

/** A process of this kernel that has ended; what a lease says of one. */
export async function endedOwner(): Promise<Owner> {
  const pid = Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }))
  return { ...ownProcess()!, pid }
}
