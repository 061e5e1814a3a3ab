/** A process that writes down three saves in a folder of `HOME_OF`, and prints which errors were reported and what is in the folder then. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createTempFolder } from '../../src/adapters/node/temp-files.ts'

const home = process.env['HOME_OF']!
const reported: unknown[] = []
const temp = createTempFolder((error) => reported.push((error as NodeJS.ErrnoException).code), home)
for (let count = 0; count < 3; count++) await temp.noteSave({ kind: 'new', dest: '/a', part: '/b' })
const [folder] = await readdir(home)
// Its own first round may come upon the folder before that is known as its own, and begin to watch it.
const left = (await readdir(join(home, folder!))).filter((name) => name !== 'watch')
await temp.close()
process.stdout.write(JSON.stringify({ reported, left }))
