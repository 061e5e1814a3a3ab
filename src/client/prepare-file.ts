/** What becomes of one file before it is listed: a transform of the page's own, then a smaller image. */
import { messageOf } from '../errors.ts'
import type { Preparation } from '../protocol/preparation.ts'
import { isNoted, noteFile } from './note-files.ts'
import { named, resizeImage } from './resize-image.ts'
import type { ChosenFile } from './upload-inputs.ts'

/**
 * Makes another file of one that was chosen, or gives that back. A `Blob` gets the file's name and date, and its type where it has none. `signal` is
 * aborted when nobody waits for it any more. What it throws refuses the file, with `transform_failure`.
 */
export type FileTransform = (file: File, tools: { readonly signal: AbortSignal }) => File | Blob | Promise<File | Blob>

/** By the names that views call them by. */
export type FileTransforms = Readonly<Record<string, FileTransform>>

/** So many at once: an image that is read takes four bytes for each of its pixels. */
const mostAtOnce = 2
let running = 0
const waiting: (() => void)[] = []

/** Never rejects: in place of a file whose transform has failed there is one without a byte, which says so. */
export async function prepareFile(
  given: Blob,
  { transform, resize }: Preparation,
  transforms: FileTransforms,
  signal: AbortSignal,
): Promise<File> {
  const file: ChosenFile = given instanceof File ? given : new File([given], unnamed(given), { type: given.type })
  // There is nothing in it.
  if (file.size === 0 || isNoted(file)) return file
  if (running < mostAtOnce) running++
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    if (signal.aborted) return file
    // One that hangs holds its place until nobody waits for it, and no longer.
    const transformed =
      transform === undefined
        ? file
        : await Promise.race([transformedBy(transforms, transform, file, signal), left(signal, file)])
    if (signal.aborted) return file
    const made = resize === undefined ? transformed : await resizeImage(transformed, resize)
    return like(given, like(transformed, made))
  } catch (error) {
    // The page's own mistake: its console has it, and whoever listens for errors.
    if (!signal.aborted) reportError(error)
    return spoiled(given, file, messageOf(error))
  } finally {
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }
}

/** Resolves when nobody waits for the file any more. */
function left(signal: AbortSignal, file: File): Promise<File> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(file), { once: true }))
}

async function transformedBy(transforms: FileTransforms, name: string, file: File, signal: AbortSignal): Promise<File> {
  const transform = Object.hasOwn(transforms, name) ? transforms[name] : undefined
  if (transform === undefined) throw new Error(`This page has no transform ${name}`)
  const made: unknown = await transform(file, { signal })
  if (made instanceof File) return made
  if (!(made instanceof Blob)) throw new TypeError(`The transform ${name} gave no File or Blob`)
  return like(made, named(file, made))
}

/** What the client tells of the one that was chosen is told of this one. */
function like(given: ChosenFile | Blob, file: ChosenFile): ChosenFile {
  const { webkitRelativePath: path = '', meta } = given as Partial<ChosenFile>
  if (file === given) return file
  if (path !== '' && file.webkitRelativePath === '')
    Object.defineProperty(file, 'webkitRelativePath', { value: path.replace(/[^/]*$/, file.name) })
  if (meta !== undefined && file.meta === undefined) file.meta = meta
  return file
}

function spoiled(given: Blob, { name, type, size, lastModified }: File, reason: string): File {
  const file = like(given, new File([], name, { type, lastModified }))
  Object.defineProperty(file, 'size', { value: size })
  noteFile(file, { spoiled: reason })
  return file
}

/** A `Blob` has no name. */
function unnamed({ type }: Blob): string {
  const [, extension] = type.split(/[/+;]/)
  return extension === undefined ? 'blob' : `blob.${extension}`
}
