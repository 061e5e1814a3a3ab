/**
 * A process that leaves while the system still has work of its files to do: `HOME_OF` has the folders `tmp` and `saved`, and the file
 * `src`. `LEAVES` says in which moment. Whatever it reports goes to stderr.
 */
import { pbkdf2 } from 'node:crypto'
import { join } from 'node:path'
import { createFileStore } from '../../src/adapters/node/file-store.ts'
import type { NoteSave } from '../../src/adapters/node/save-notes.ts'
import { createTempFolder } from '../../src/adapters/node/temp-files.ts'

const { HOME_OF, LEAVES } = process.env
const at = (name: string): string => join(HOME_OF!, name)
const temp = createTempFolder((error) => process.stderr.write(`reported: ${String(error)}\n`), at('tmp'))

/** Holds the thread that all files are opened on (`UV_THREADPOOL_SIZE` is 1). What comes next waits behind it, and is done at the end. */
const holdThread = (): void => pbkdf2('a', 'b', 300_000, 64, 'sha512', () => {})

const noteSave: NoteSave = async (save) => {
  const noted = await temp.noteSave(save)
  holdThread()
  // Once the store has asked for its file.
  setImmediate(() => process.exit(3))
  return noted
}

if (LEAVES === 'before a new file is there') {
  await createFileStore({ noteSave }).append(at('saved/dest'), at('src'))
} else {
  await temp.openWriter()
  for (let count = 0; count < 3000; count++) void temp.openWriter()
  setImmediate(() => process.exit(3))
}
