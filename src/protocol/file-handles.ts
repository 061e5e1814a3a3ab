/**
 * What the server says of an upload that is kept for the visitor: our client module keeps the browser's handles of its files, and gives those
 * back that wait to be chosen again.
 */

/** On an upload's input: what its files belong to, as this visitor has it, and how long they are kept, in ms; parted by a space. */
export const keepAttribute = 'data-liveloom-keep'

/** On an upload's input: the files that wait to be chosen again, as JSON of {@link AwaitedFile}s. */
export const awaitedAttribute = 'data-liveloom-awaited'

/** On a button that has them go on: the id of the input. */
export const resumeAttribute = 'data-liveloom-resume'

/** By these a file that is chosen again is known, on both sides. */
export type AwaitedFile = readonly [name: string, size: number, lastModified: number]

/** What all of them may hold, counted in characters of names and {@link each} for whatever else; the others follow as these leave. */
const most = 16 * 1024
const each = 50

/** `undefined` when there are none. */
export function writeAwaited(files: Iterable<AwaitedFile>): string | undefined {
  const said: AwaitedFile[] = []
  let room = most
  for (const file of files) {
    room -= file[0].length + each
    if (room < 0) break
    said.push(file)
  }
  return said.length === 0 ? undefined : JSON.stringify(said)
}

/** The server has written it. */
export function readAwaited(text: string): readonly AwaitedFile[] {
  return text === '' ? [] : (JSON.parse(text) as readonly AwaitedFile[])
}
