import { describe, expect, it } from 'vitest'
import { type FileKind, fileKind, isShownByBrowsers } from './file-kind.ts'

const named = (clientName: string, clientType = '') => ({ clientName, clientType })

describe('the kind of a file', () => {
  it.each<readonly [kind: FileKind, names: string]>([
    ['image', 'a.png b.JPG c.heic d.svg e.tiff'],
    ['video', 'a.mp4 b.mov c.webm d.mkv'],
    ['audio', 'a.mp3 b.wav c.m4a d.flac'],
    ['pdf', 'a.pdf'],
    ['document', 'a.doc b.docx c.odt d.rtf e.pages f.epub'],
    ['spreadsheet', 'a.xls b.xlsx c.ods d.csv e.numbers'],
    ['presentation', 'a.ppt b.pptx c.odp d.key'],
    ['archive', 'a.zip b.tar c.tar.gz d.7z e.rar f.tgz'],
    ['code', 'a.ts b.js c.json d.html e.py f.xml g.css'],
    ['text', 'a.txt b.md c.log'],
    ['file', 'a.bin b c.unheard'],
  ])('%s: %s', (kind, names) => {
    for (const name of names.split(' ')) expect([name, fileKind(named(name))]).toEqual([name, kind])
  })

  it('is that of its type where the name says nothing', () => {
    expect(fileKind(named('blob', 'video/webm;codecs=vp8'))).toBe('video')
    expect(fileKind(named('a.docx', 'image/png'))).toBe('document')
  })
})

it('what browsers show is told by the same', () => {
  const shown = ['a.png', 'a.jpg', 'a.gif', 'a.webp', 'a.avif', 'a.svg', 'a.bmp', 'a.ico']
  expect([...shown, 'a.heic', 'a.tiff', 'a.psd', 'a.pdf'].filter((name) => isShownByBrowsers(named(name)))).toEqual(
    shown,
  )
  expect(isShownByBrowsers(named('blob', 'image/png'))).toBe(true)
})
