import { describe, expect, it } from 'vitest'
import { fillIn, makeText, openPath, printedPath, printUnder, urlWithoutBase, withoutBase } from './base-path.ts'
import { isRenderable, renderable } from './renderable.ts'

function print(path: ReturnType<typeof printedPath>): string {
  return typeof path === 'object' && isRenderable(path) ? path[renderable]() : (path as string)
}

describe('a path', () => {
  it('is printed for the server that prints it, wherever it was made', () => {
    const early = printedPath('/photos')
    expect(printUnder('/acme', () => print(early))).toBe('/acme/photos')
    expect(printUnder('/shop', () => print(early))).toBe('/shop/photos')
    expect(printUnder('', () => print(early))).toBe('/photos')
    expect(print(early)).toBe('/photos')
  })

  it('is plain text, which costs nothing, where the server is known', () => {
    expect(printUnder('', () => printedPath('/photos'))).toBe('/photos')
    expect(printUnder('/acme', () => printedPath('/photos'))).toBe('/acme/photos')
  })

  it('is that of the server outside again when a print ends or fails', () => {
    printUnder('/outer', () => {
      expect(() =>
        printUnder('/inner', () => {
          throw new Error('in a render')
        }),
      ).toThrow('in a render')
      expect(printedPath('/a')).toBe('/outer/a')
    })
  })

  it('stays open in a text within a text, as deep as it goes', () => {
    const inner = makeText(() => JSON.stringify({ href: openPath('/a') }))
    const outer = makeText(() => JSON.stringify({ value: fillIn(inner), href: openPath('/b') }))
    const read = (text: string): unknown => {
      const { value, href } = JSON.parse(text) as { value: string; href: string }
      return [JSON.parse(value), href]
    }
    expect(read(printUnder('/acme', () => fillIn(outer)))).toEqual([{ href: '/acme/a' }, '/acme/b'])
    expect(read(fillIn(outer))).toEqual([{ href: '/a' }, '/b'])
  })
})

describe('a path of the browser', () => {
  it.each([
    ['/acme', '/'],
    ['/acme/', '/'],
    ['/acme/photos/1', '/photos/1'],
    // As a proxy hands it on that takes the prefix away.
    ['/photos/1', '/photos/1'],
    ['/', '/'],
    ['/acmeofphotos', '/acmeofphotos'],
    ['/photos/acme', '/photos/acme'],
    ['/ACME/photos', '/ACME/photos'],
    // Once.
    ['/acme/acme', '/acme'],
  ])('%s is %s without the prefix /acme', (path, inside) => {
    expect(withoutBase('/acme', path)).toBe(inside)
    expect(withoutBase('', path)).toBe(path)
  })

  it('keeps its host, its query and its fragment', () => {
    expect(urlWithoutBase('/acme', 'https://a.test:8443/acme/b?c=/acme#d')).toBe('https://a.test:8443/b?c=/acme#d')
    expect(urlWithoutBase('', 'https://a.test/acme/b')).toBe('https://a.test/acme/b')
  })

  it('does not become the path of another host', () => {
    expect(new URL(urlWithoutBase('/acme', 'https://a.test/acme//evil.test/x')).host).toBe('a.test')
  })
})
