/** Serves a door in a process of its own: `child <program> <name of its export> <options>`; then does what the lines of stdin say. */
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import type { DoorOptions, StartDoor } from '../doors/app.ts'

const [program, name, options] = process.argv.slice(2) as [string, string, string]
const doors = (await import(pathToFileURL(program).href)) as Readonly<Record<string, StartDoor>>
const door = await doors[name]!(JSON.parse(options) as DoorOptions)
const say = (line: string): void => void process.stdout.write(`${line}\n`)
say(`at ${door.url}`)
const lines = createInterface(process.stdin)
// Whoever started it has gone.
lines.on('close', () => process.exit(1))
lines.on('line', (line) => {
  if (line === 'drain') void door.drain().then(() => say('drained'))
  else
    void door.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
})
