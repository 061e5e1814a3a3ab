/** What files are by their first bytes, as `file-type` reads them, and whether an upload takes them. */
import { describe, expect, it } from 'vitest'
import { docx, gif, jpeg, mp4, pdf, png, webp, zip } from '../../../test/support/made-files.ts'
import { HeadCheck } from '../../upload/head-check.ts'
import { createSniffing } from './sniffing.ts'

const sniffing = createSniffing()

function look(accept: readonly string[], clientName: string, bytes: Uint8Array, size = bytes.length, clientType = '') {
  const check = new HeadCheck({
    claimed: { clientName, clientType },
    accept,
    sniffer: () => sniffing.load(),
    onImage: () => expect.fail('nobody asked for that'),
  })
  return (async () => {
    for (let at = 0; at === 0 || at < bytes.length; at += Math.max(1, size)) {
      const error = await check.look([bytes.subarray(at, at + size)], at, at + size >= bytes.length)
      if (error !== undefined) return error.code === 'not_accepted' ? error.data.detected : error.code
    }
    expect(check.isOver).toBe(true)
    return 'accepted'
  })()
}

const csv = Buffer.from('Name;Größe\nAnna;1\n')
const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')
const xmlSvg = Buffer.concat([Buffer.from('<?xml version="1.0"?>\n'), svg])
/** An image, and a page behind it. */
const polyglot = Buffer.concat([gif(3, 2), Buffer.from('<script>alert(1)</script>'), zip({ 'a.js': 'x' })])
const ole = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)])

describe('the first bytes of a file', () => {
  it.each<readonly [name: string, accept: string, bytes: Buffer]>([
    ['a.png', '.png', png(3, 2)],
    ['a.PNG', 'image/*', png(3, 2)],
    ['a.jpg', 'image/jpeg', jpeg(3, 2)],
    // By whatever name: it is one of the accepted types.
    ['a.png', '.png,.jpg', jpeg(3, 2)],
    ['a.webp', '.webp', webp('VP8 ', 3, 2)],
    ['a.pdf', '.pdf', pdf()],
    ['a.mp4', 'video/*', mp4()],
    ['a.m4a', '.m4a', mp4('M4A ')],
    ['a.m4a', 'audio/*', mp4()],
    ['a.zip', '.zip', zip({ 'a.txt': 'x' })],
    ['a.docx', '.docx', docx()],
    // A writer that orders it otherwise.
    ['a.docx', '.docx', zip({ 'a.txt': 'x', 'word/document.xml': '' })],
    ['a.doc', '.doc', ole],
    ['a.xls', '.xls,.csv', ole],
    ['a.csv', '.csv', csv],
    ['a.csv', 'text/*', csv],
    // These begin like a bitmap, a program and a sound.
    ['a.csv', '.csv', Buffer.from('BMI;Weight\n21;70\n')],
    ['a.txt', '.txt', Buffer.from('MZ is what programs begin with\n')],
    ['a.txt', '.txt', Buffer.from('ID3 is what sounds begin with\n')],
    ['a.csv', '.csv', Buffer.alloc(0)],
    ['a.json', '.json', Buffer.from('{"a": 1}')],
    ['a.svg', '.svg', svg],
    ['a.svg', 'image/*', xmlSvg],
    ['a.xml', '.xml', xmlSvg],
    ['a.model', '.model', Buffer.from([1, 2, 3, 4])],
    ['a.gif', '.gif', polyglot],
  ])('of %s fit %s', async (name, accept, bytes) => {
    expect(await look(accept.split(','), name, bytes)).toBe('accepted')
    expect(await look(accept.split(','), name, bytes, 1)).toBe('accepted')
  })

  it.each<readonly [name: string, accept: string, bytes: Buffer, detected: string]>([
    ['a.png', '.png', zip({ 'a.txt': 'x' }), 'application/zip'],
    ['a.png', '.png', jpeg(3, 2), 'image/jpeg'],
    ['a.png', '.png,.docx', zip({ 'a.txt': 'x' }), 'application/zip'],
    ['a.png', 'image/*', pdf(), 'application/pdf'],
    ['a.png', 'image/*', xmlSvg, 'application/xml'],
    ['a.png', '.png', svg, ''],
    ['a.png', '.png,.csv', Buffer.from('<script>alert(1)</script>'), ''],
    ['a.png', '.png', Buffer.from([0x89]), ''],
    ['a.png', '.png', png(3, 2).subarray(0, 5), ''],
    ['a.png', '.png', Buffer.alloc(0), ''],
    ['a.docx', '.docx', ole, 'application/x-cfb'],
    ['a.docx', '.docx', Buffer.from('only text'), ''],
    ['a.csv', '.csv', png(3, 2), 'image/png'],
    ['a.csv', '.csv', pdf(), 'application/pdf'],
    ['a.csv', '.csv', Buffer.concat([Buffer.from('BM'), Buffer.alloc(60)]), 'image/bmp'],
    ['a.csv', '.csv', Buffer.from('BMä;1', 'latin1'), 'image/bmp'],
    ['a.jpg', '.jpg', polyglot, 'image/gif'],
  ])('of %s do not fit %s: %#', async (name, accept, bytes, detected) => {
    expect(await look(accept.split(','), name, bytes)).toBe(detected)
    expect(await look(accept.split(','), name, bytes, 1)).toBe(detected)
  })

  it('are all that is looked at', async () => {
    const check = new HeadCheck({
      claimed: { clientName: 'a.png', clientType: '' },
      accept: ['.png'],
      sniffer: () => sniffing.load(),
      onImage: () => {},
    })
    expect(await check.look([png(3, 2)], 0, false)).toBeUndefined()
    expect(check.isOver).toBe(false)
    await check.look([Buffer.alloc(4100)], png(3, 2).length, false)
    expect(check.isOver).toBe(true)
  })

  it('without a name that says anything are held to the type that the browser claims', async () => {
    expect(await look(['image/png'], 'blob', Buffer.from('text'), 4, 'image/png')).toBe('')
    expect(await look(['text/plain'], 'blob', Buffer.from('text'), 4, 'text/plain; charset=utf-8')).toBe('accepted')
  })
})
