import { create, parse } from 'content-disposition'
import { describe, expect, it } from 'vitest'
import { fileName } from './file-name.ts'

describe('a file is called', () => {
  it.each([
    ['report.pdf', 'report.pdf'],
    ['Jahresabschluß – März.pdf', 'Jahresabschluß – März.pdf'],
    ['📄 报告.pdf', '📄 报告.pdf'],
    ['a "quoted" name.txt', 'a "quoted" name.txt'],
    ["it's; filename=b.txt", "it's; filename=b.txt"],
    ['100%41.txt', '100%41.txt'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\me\\a.txt', 'a.txt'],
    ['a\r\nSet-Cookie: b=c.txt', 'aSet-Cookie: b=c.txt'],
    ['a\0b.txt', 'ab.txt'],
    // Shown from right to left, it would seem to end in .txt.
    ['a\u202Etxt.exe', 'atxt.exe'],
    ['a\uD800.txt', 'a.txt'],
    ['  a.txt  ', 'a.txt'],
    ['.env', '.env'],
  ])('%j as %j', (given, name) => {
    expect(fileName(given)).toBe(name)
  })

  it.each(['', ' ', '.', '..', '...', 'a/', 'a\\', '../..', '\r\n', '\u200B'])('nothing by %j', (given) => {
    expect(fileName(given)).toBe('')
  })

  it('no longer than a header may be, with the same ending', () => {
    expect(fileName(`${'a'.repeat(500)}.tar.gz`)).toBe(`${'a'.repeat(197)}.gz`)
    expect(fileName('😀'.repeat(500))).toBe('😀'.repeat(100))
  })
})

it.each(['a "b" \\ c.txt', 'ß – 报告 📄.pdf', '100%41.txt', "x'y*z;=.txt"])(
  '%j goes through a header as it is',
  (name) => {
    const header = create(fileName(name), { type: 'attachment' })
    expect(header).toMatch(/^[\x20-\x7e]+$/)
    expect(parse(header).parameters['filename']).toBe(fileName(name))
  },
)
