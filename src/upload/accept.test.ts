import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAccepted, isAcceptPattern } from './accept.ts'

describe('a file is accepted', () => {
  it.each([
    { accept: [], name: 'a.exe', type: '', fits: true, why: 'everything is' },
    { accept: ['.png'], name: 'a.png', type: 'image/png', fits: true, why: 'its extension is listed' },
    { accept: ['.png'], name: 'A.PNG', type: 'image/png', fits: true, why: 'case does not matter' },
    {
      accept: ['.png'],
      name: 'a.png',
      type: 'text/plain',
      fits: true,
      why: 'its extension is listed, whatever its type',
    },
    { accept: ['.png'], name: 'a', type: 'image/png', fits: true, why: 'the extension stands for its type' },
    { accept: ['.jpg'], name: 'a.jpeg', type: 'image/jpeg', fits: true, why: 'both extensions are of one type' },
    { accept: ['.jpg'], name: 'a.jpeg', type: '', fits: true, why: 'the type follows from the name' },
    { accept: ['image/png'], name: 'a.png', type: '', fits: true, why: 'the type follows from the name' },
    {
      accept: ['image/jpeg'],
      name: 'a.jpg',
      type: 'application/octet-stream',
      fits: true,
      why: 'a type lists its extensions',
    },
    { accept: ['image/png'], name: 'a', type: 'IMAGE/PNG', fits: true, why: 'case does not matter' },
    {
      accept: ['text/plain'],
      name: 'a',
      type: 'text/plain; charset=utf-8',
      fits: true,
      why: 'parameters do not matter',
    },
    { accept: ['image/*'], name: 'a', type: 'image/webp', fits: true, why: 'the wildcard covers it' },
    { accept: ['image/*'], name: 'a.webp', type: '', fits: true, why: 'the wildcard covers the name’s type' },
    { accept: ['.pdf', 'image/*'], name: 'a.pdf', type: 'application/pdf', fits: true, why: 'one of several fits' },
    { accept: ['.tar.gz'], name: 'a.tar.gz', type: '', fits: true, why: 'an extension may have dots' },
    { accept: ['.liveloom'], name: 'a.liveloom', type: '', fits: true, why: 'nobody has to know the extension' },
    { accept: ['.png'], name: 'a.gif', type: 'image/gif', fits: false, why: 'another extension' },
    { accept: ['.png'], name: 'apng', type: '', fits: false, why: 'no dot' },
    { accept: ['.png'], name: 'a.png.exe', type: '', fits: false, why: 'the last extension counts' },
    { accept: ['image/*'], name: 'png', type: '', fits: false, why: 'a bare name has no extension' },
    { accept: ['image/png'], name: 'png', type: '', fits: false, why: 'a bare name has no extension' },
    { accept: ['.png'], name: 'png', type: '', fits: false, why: 'a bare name has no extension' },
    { accept: ['image/*'], name: 'a.mp4', type: 'video/mp4', fits: false, why: 'another wildcard' },
    { accept: ['image/*'], name: 'a', type: 'imagex/png', fits: false, why: 'the slash counts' },
    { accept: ['image/*'], name: 'a', type: '', fits: false, why: 'nothing says what it is' },
    { accept: ['.liveloom'], name: 'a.other', type: '', fits: false, why: 'two unknown types are not one' },
    { accept: ['image/png'], name: '', type: '', fits: false, why: 'it has no name' },
    { accept: ['.jpg'], name: 'a.jpg.', type: '', fits: true, why: 'Windows drops dots at the end' },
    { accept: ['.jpg'], name: 'a.jpg. .', type: '', fits: true, why: 'Windows drops spaces at the end, too' },
    { accept: ['.jpg'], name: 'a.exe. .jpg', type: '', fits: true, why: 'the last extension counts' },
    { accept: ['.jpg'], name: 'a.jpg.exe.', type: '', fits: false, why: 'what is left at the end counts' },
    { accept: ['.tar.gz'], name: 'a.gz', type: 'application/gzip', fits: false, why: 'of two extensions both count' },
    { accept: ['.zip'], name: 'a.html/zip', type: '', fits: false, why: 'there is no path in a name' },
    { accept: ['.dmg'], name: 'a.exe', type: '', fits: false, why: 'bytes of any kind are no common type' },
    { accept: ['.xls'], name: 'a.csv', type: 'application/vnd.ms-excel', fits: false, why: 'the name is another’s' },
    { accept: ['application/octet-stream'], name: 'a.bin', type: '', fits: true, why: 'its name says as little' },
    {
      accept: ['application/octet-stream'],
      name: 'a.jpg',
      type: 'application/octet-stream',
      fits: true,
      why: 'that is what the browser says',
    },
  ])('$accept $name ($type): $fits, since $why', ({ accept, name, type, fits }) => {
    expect(isAccepted(accept, name, type)).toBe(fits)
  })

  it('or not, whatever its name and type', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, type) => {
        expect(isAccepted([], name, type)).toBe(true)
        expect(isAccepted(['.png', 'image/*', 'text/plain'], name, type)).toBeTypeOf('boolean')
      }),
    )
  })
})

describe('a name and a type that contradict each other: the name has the say', () => {
  it.each([
    { accept: ['image/png'], name: 'a.exe', type: 'image/png' },
    { accept: ['.png'], name: 'a.exe', type: 'image/png' },
    { accept: ['image/*'], name: 'a.html', type: 'image/png' },
    { accept: ['image/*'], name: 'a.html', type: 'image/unheard-of' },
    { accept: ['image/*'], name: 'a.phtml', type: 'image/jpeg' },
    { accept: ['.jpg', 'image/*'], name: 'a.php', type: 'image/jpeg' },
    { accept: ['image/*'], name: 'a.jpg.aspx', type: 'image/jpeg' },
    { accept: ['image/*'], name: 'a.pdf', type: 'image/jpeg' },
    { accept: ['text/plain'], name: 'a.html', type: 'text/plain' },
    { accept: ['application/pdf'], name: 'a.docx', type: 'application/pdf' },
    { accept: ['audio/*'], name: 'a.mov', type: 'audio/mp4' },
  ])('$accept refuses $name as $type', ({ accept, name, type }) => {
    expect(isAccepted(accept, name, type)).toBe(false)
  })

  it.each([
    { accept: ['text/html'], name: 'a.html', type: 'image/png', why: 'it is what its name says' },
    { accept: ['image/png'], name: 'Screenshot 2026.11.27', type: 'image/png', why: 'its name says nothing' },
    { accept: ['image/*'], name: 'a.x3f', type: 'image/x-sigma-x3f', why: 'nobody knows its extension' },
    { accept: ['text/x-csrc'], name: 'a.c', type: 'text/x-csrc', why: 'nobody knows the type, and it is of one kind' },
  ])('$accept takes $name as $type, since $why', ({ accept, name, type }) => {
    expect(isAccepted(accept, name, type)).toBe(true)
  })
})

describe('a name as long as a frame', () => {
  const long = 1_000_000

  it.each([
    { what: 'dots', name: `${'.'.repeat(long)}x` },
    { what: 'spaces', name: `a${' '.repeat(long)}x` },
    { what: 'an extension', name: `a.${'x'.repeat(long)}` },
    { what: 'dots at the end', name: `a.exe${'.'.repeat(long)}` },
  ])('is judged in one pass: $what', ({ name }) => {
    expect(isAccepted(['.png', 'image/*', 'text/plain'], name, '')).toBe(false)
  })
})

describe('a pattern', () => {
  it.each(['.png', '.tar.gz', '.7z', '.c++', 'image/png', 'image/*', 'image/svg+xml', 'application/vnd.ms-excel'])(
    'is %s',
    (pattern) => {
      expect(isAcceptPattern(pattern)).toBe(true)
    },
  )

  it.each([
    '',
    '.',
    'png',
    '*',
    '*/*',
    '*.png',
    '.png,.jpg',
    '.p ng',
    '..png',
    'image/',
    '/png',
    'image/png;q=1',
    '."x',
  ])('is not %j', (pattern) => {
    expect(isAcceptPattern(pattern)).toBe(false)
  })
})
