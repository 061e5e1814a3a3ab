/** What is in a file is looked at while it comes, whatever its name says, over both ways. */
import { describe, expect, it } from 'vitest'
import { docx, frame, gif, jpeg, pdf, png, segment, zip } from '../support/made-files.ts'
import { grantUpload } from '../support/http-upload.ts'
import { RawUpload } from '../support/raw-client.ts'
import { entriesOf, type Target, withTarget } from './target.ts'

const pictures = { accept: ['.png', '.jpg'], sniff: true, image: { minWidth: 2 } }
const some = Buffer.alloc(65_000)
const chain = (length: number, data: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8]), ...Array.from({ length }, () => segment(0xe0, data)), frame(3, 2)])

const hostile: readonly (readonly [what: string, name: string, bytes: Buffer, code: string])[] = [
  ['a zip named .png', 'a.png', zip({ 'a.txt': 'x' }), 'not_accepted'],
  ['a document named .png', 'a.png', docx(), 'not_accepted'],
  ['a PDF named .jpg', 'a.jpg', pdf(), 'not_accepted'],
  ['a GIF that is a page, too', 'a.png', Buffer.concat([gif(3, 2), Buffer.from('<script>1</script>')]), 'not_accepted'],
  ['a page named .png', 'a.png', Buffer.from('<!doctype html><script>1</script>'), 'not_accepted'],
  ['one byte', 'a.png', Buffer.from([0x89]), 'not_accepted'],
  ['a PNG that says 60,000 × 60,000', 'a.png', png(1, 1, [60_000, 60_000]), 'image_dimensions'],
  ['a PNG that is too narrow', 'a.png', png(1, 9), 'image_dimensions'],
  ['a JPEG that is cut', 'a.jpg', jpeg(3, 2).subarray(0, 14), 'not_an_image'],
  ['a JPEG whose segments are small and do not end', 'a.jpg', chain(2000, Buffer.alloc(0)), 'not_an_image'],
  ['a JPEG whose segments are large and do not end', 'a.jpg', chain(600, some), 'not_an_image'],
]

/** The file by one of the ways. False when it was refused. */
type Send = (target: Target, name: string, bytes: Buffer, pieces: number) => Promise<{ ok: boolean; view: Viewed }>
type Viewed = Parameters<typeof entriesOf>[0]

const ways: Readonly<Record<string, Send>> = {
  async channel(target, name, bytes, pieces) {
    const { client, view } = await target.visit()
    const { token, chunkSize } = await view.prepare('photos', { ref: '0', name, size: bytes.length })
    const upload = await RawUpload.join(client, '0', token)
    const size = Math.min(Math.ceil(bytes.length / pieces), chunkSize)
    for (let at = 0; at < bytes.length; at += size) {
      const { status } = await upload.chunk(bytes.subarray(at, at + size))
      if (status !== 'ok') return { ok: false, view }
    }
    return { ok: true, view }
  },
  async HTTP(target, name, bytes, pieces) {
    const { view, patch } = await grantUpload(target, { ref: '0', name, size: bytes.length })
    const size = Math.ceil(bytes.length / pieces)
    for (let at = 0; at < bytes.length; at += size) {
      const part = bytes.subarray(at, at + size)
      const { status } = await patch(at, part, at + size >= bytes.length)
      if (status >= 400) return { ok: false, view }
    }
    return { ok: true, view }
  },
}

describe.each(Object.entries(ways))('what is in a file, over %s', (_, send) => {
  it.for(hostile)('is looked at: %s', ([, name, bytes, code]) =>
    withTarget({ upload: { ...pictures, maxFileSize: 1e9, maxTotalSize: 1e9 } }, async (target) => {
      const { ok, view } = await send(target, name, bytes, 1)
      expect(ok).toBe(false)
      expect(await entriesOf(view)).toMatchObject([{ failed: true, done: false, errors: [code] }])
      await expect.poll(target.temporaryFiles).toEqual([])
      expect((await view.submit('save')).status).toBe('ok')
      expect(await target.saved()).toEqual([])
      expect(target.reports).toEqual([])
    }),
  )

  it('is looked at when it comes byte by byte', () =>
    withTarget({ upload: { ...pictures, image: false } }, async (target) => {
      const good = png(3, 2)
      const { ok, view } = await send(target, 'a.png', good, good.length)
      expect(ok).toBe(true)
      expect(await entriesOf(view)).toMatchObject([{ done: true, errors: [] }])
      const bad = zip({ 'a.txt': 'x' })
      const refused = await send(target, 'a.png', bad, bad.length)
      expect(refused.ok).toBe(false)
      expect(await entriesOf(refused.view)).toMatchObject([{ failed: true, errors: ['not_accepted'] }])
    }))

  it('is told to nobody by the text of an error', () =>
    withTarget(
      {
        upload: {
          scan: () => {
            throw new Error('/etc/secret')
          },
        },
      },
      async (target) => {
        const { view } = await send(target, 'a.png', png(3, 2), 1)
        await expect.poll(() => entriesOf(view)).toMatchObject([{ failed: true, errors: ['scan_failure'] }])
        expect(view.html).not.toContain('secret')
        expect(target.reports).toMatchObject([{ context: { stage: 'upload' } }])
        expect((await view.submit('save')).status).toBe('ok')
        expect(await target.saved()).toEqual([])
      },
    ))
})
