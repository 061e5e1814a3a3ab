/** Makes an image smaller, or another type of image, with the browser's own means. What they do not do well stays as it is. */
import type { Resize } from '../protocol/preparation.ts'

/** Of what browsers write. */
const extensions: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
}

/** How much of a file is looked at: what says that it moves comes before its pixels. */
const headSize = 64 * 1024

/** Gives the file itself where there is nothing to do, or nothing can be done. */
export async function resizeImage(file: File, how: Resize): Promise<File> {
  if (!/^image\/(?!svg|gif)/.test(file.type)) return file
  let bitmap: ImageBitmap | undefined
  try {
    if (await isMoving(file)) return file
    // Upright, as the camera noted.
    bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' })
    const { width, height } = bitmap
    const scale = Math.min(1, (how.maxWidth ?? width) / width, (how.maxHeight ?? height) / height)
    if (scale === 1 && (how.type ?? file.type) === file.type) return file
    const written = tellsTheTruth() ? await drawn(bitmap, scale, file.type, how) : null
    return written === null ? file : named(file, written)
  } catch {
    // It is no image that the browser can read.
    return file
  } finally {
    bitmap?.close()
  }
}

async function isMoving(file: File): Promise<boolean> {
  const head = new Uint8Array(await file.slice(0, headSize).arrayBuffer())
  const text = new TextDecoder('latin1').decode(head)
  if (text.startsWith('WEBPVP8X', 8)) return (head[20]! & 2) !== 0
  if (text.startsWith('PNG', 1)) return text.slice(0, text.indexOf('IDAT')).includes('acTL')
  // Whatever it is called.
  return text.startsWith('GIF8') || text.startsWith('ftypavis', 4)
}

async function drawn(bitmap: ImageBitmap, scale: number, own: string, { type, quality }: Resize): Promise<Blob | null> {
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(bitmap.width * scale))
  canvas.height = Math.max(1, Math.round(bitmap.height * scale))
  const context = canvas.getContext('2d')!
  context.imageSmoothingQuality = 'high'
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  const write = (type: string): Promise<Blob | null> => {
    if (type === 'image/jpeg') {
      // Without it what is transparent would be black.
      context.globalCompositeOperation = 'destination-over'
      context.fillStyle = '#fff'
      context.fillRect(0, 0, canvas.width, canvas.height)
    }
    return new Promise((resolve) => canvas.toBlob(resolve, type, quality))
  }
  try {
    const wanted = type ?? (isWritten(own) ? own : isOpaque(context) ? 'image/jpeg' : 'image/png')
    const written = await write(wanted)
    // For what it does not write, WebP in Safari, a browser gives a PNG.
    return written?.type !== wanted && isOpaque(context) ? await write('image/jpeg') : written
  } finally {
    // Safari has little memory for canvases, and keeps it for long.
    canvas.width = canvas.height = 0
  }
}

function isWritten(type: string): boolean {
  return type in extensions
}

function isOpaque(context: CanvasRenderingContext2D): boolean {
  const { data } = context.getImageData(0, 0, context.canvas.width, context.canvas.height)
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false
  return true
}

let truth: boolean | undefined

/** A browser that protects its user from being recognised by a canvas gives noise for a picture. */
function tellsTheTruth(): boolean {
  if (truth !== undefined) return truth
  const context = document.createElement('canvas').getContext('2d')!
  context.fillStyle = '#123456'
  context.fillRect(0, 0, 4, 4)
  return (truth = context
    .getImageData(0, 0, 4, 4)
    .data.every((value, at) => value === [0x12, 0x34, 0x56, 0xff][at % 4]))
}

/** What was made of a file is called as that is, with the extension of the image that it is now. */
export function named({ name, type, lastModified }: File, made: Blob): File {
  const extension = made.type === type ? undefined : extensions[made.type]
  const called = extension === undefined ? name : `${name.replace(/\.[^.]*$/, '')}.${extension}`
  return new File([made], called, { type: made.type || type, lastModified })
}
