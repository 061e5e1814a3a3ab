/** A database as far as a bench needs one: it answers a turn later, and counts how often it was asked. */
import { setImmediate as turn } from 'node:timers/promises'

export interface Island {
  readonly id: number
  readonly name: string
}

export const islands: readonly Island[] = Array.from({ length: 10 }, (_, id) => ({ id, name: `Island ${id}` }))

let asked = 0

export async function askForIslands(): Promise<readonly Island[]> {
  asked++
  await turn()
  return islands
}

/** The runner asks how often that was. */
if (process.send !== undefined) {
  process.on('message', (message) => {
    if (message === 'asked') process.send!(asked)
  })
}
