import { spawnSync } from 'node:child_process'
import { type Owner, ownProcess } from '../../src/adapters/node/owner.ts'

/** A process of this kernel that has ended; what a lease says of one. */
export function endedOwner(): Owner {
  const { pid } = spawnSync(process.execPath, ['--version'])
  return { ...ownProcess()!, pid }
}
