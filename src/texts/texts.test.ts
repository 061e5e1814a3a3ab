import { describe, expect, it } from 'vitest'
import { LiveError } from '../errors.ts'
import { canonicalLang, directionOf } from './lang.ts'
import { formatLimit, formatSize } from './size.ts'
import { resolveTexts, type TextsOptions } from './texts.ts'

const resolve = (given?: Record<string, TextsOptions>) =>
  resolveTexts(given, (message) => new LiveError('ERR_SERVER_OPTIONS', message))

const german: TextsOptions = {
  lines: { offline: 'Keine Verbindung', tooLarge: ({ most }, say) => `Höchstens ${say.limit(most)}` },
  pages: { 404: 'Nicht gefunden' },
  uploads: {
    too_large: ({ maxFileSize }, say) => `Größer als ${say.limit(maxFileSize)}`,
    too_many_files: ({ maxEntries }, say) =>
      say.plural(maxEntries, { one: 'Nur # Datei', other: 'Höchstens # Dateien' }),
  },
}

describe('texts', () => {
  it('are English where nothing else is said', () => {
    const { lines, pages, uploads, lang } = resolve()('fr')
    expect(lang).toBe('fr')
    expect(lines.offline({})).toContain('You are offline')
    expect(pages[413]({})).toBe('Too large')
    expect(uploads.too_large({ clientSize: 3, maxFileSize: 2 * 1024 * 1024 })).toBe('Larger than 2 MB')
  })

  it('go over English one by one, with data and what prints it', () => {
    const { lines, pages, uploads } = resolve({ de: german })('de')
    expect(lines.offline({})).toBe('Keine Verbindung')
    expect(lines.trouble({})).toContain('Something went wrong')
    expect(pages[404]({})).toBe('Nicht gefunden')
    expect(pages[500]({})).toBe('Something went wrong')
    expect(uploads.too_large({ clientSize: 3, maxFileSize: 1.5 * 1024 * 1024 })).toBe('Größer als 1,5 MB')
    expect(uploads.too_many_files({ maxEntries: 1, count: 2 })).toBe('Nur 1 Datei')
    expect(uploads.too_many_files({ maxEntries: 1200, count: 2 })).toBe('Höchstens 1.200 Dateien')
    expect(uploads.rejected({ reason: 'why' })).toBe('why')
  })

  it.each([
    ['de-AT', 'Nicht da'],
    ['de-CH', 'Nicht gefunden'],
    ['de-Latn-AT', 'Nicht gefunden'],
    ['nl', 'Page not found'],
  ])('of %s are its own, else those of a wider language', (lang, expected) => {
    const texts = resolve({ 'DE-at': { pages: { 404: 'Nicht da' } }, de: german })
    expect(texts(lang).pages[404]({})).toBe(expected)
  })

  it('in English may be said in other words', () => {
    expect(resolve({ en: { uploads: { empty_file: 'Nothing in it' } } })('en-GB').uploads.empty_file({})).toBe(
      'Nothing in it',
    )
  })

  it.each([
    { given: { deutsch_: {} }, says: "got 'deutsch_'" },
    { given: { de: 3 }, says: 'texts.de must be an object' },
    { given: { de: { line: {} } }, says: "unknown text 'line' in texts.de; known are lines, pages, uploads, overlay" },
    {
      given: { de: { uploads: { toobig: 'x' } } },
      says: "unknown text 'toobig' in texts.de.uploads; known are too_many",
    },
    { given: { de: { pages: { 418: 'x' } } }, says: "unknown text '418' in texts.de.pages" },
    { given: { de: { lines: { offline: 3 } } }, says: 'texts.de.lines.offline must be a text, or a function' },
    { given: { de: { lines: null } }, says: 'texts.de.lines must be an object, got null' },
    { given: 'de', says: 'texts must be an object by language' },
  ])('that cannot be meant are refused: $says', ({ given, says }) => {
    expect(() => resolve(given as never)).toThrow(says)
  })

  it('of many languages are not kept for ever', () => {
    const texts = resolve({ de: german })
    for (let at = 0; at < 300; at++) texts(`de-x-n${at}`)
    expect(texts('de').pages[404]({})).toBe('Nicht gefunden')
  })
})

describe('a language', () => {
  it.each([
    ['de', 'ltr'],
    ['ar', 'rtl'],
    ['he-IL', 'rtl'],
    ['fa', 'rtl'],
    ['ur', 'rtl'],
    ['az', 'ltr'],
    ['az-Arab', 'rtl'],
    ['ku-Arab', 'rtl'],
    ['dv', 'rtl'],
    ['zh-Hant', 'ltr'],
    ['', 'ltr'],
    ['*', 'ltr'],
  ])('%s is written %s', (lang, direction) => expect(directionOf(lang)).toBe(direction))

  it.each([
    ['PT-br', 'pt-BR'],
    ['zh-hant-tw', 'zh-Hant-TW'],
    ['*', undefined],
    ['', undefined],
    ['de_DE', undefined],
    [undefined, undefined],
    [['de'], undefined],
  ])('%s is canonically %s', (lang, expected) => expect(canonicalLang(lang)).toBe(expected))

  it('has digits and units of its own in sizes', () => {
    expect(formatSize(10 * 1024 * 1024 + 1, 'de')).toBe('10,1 MB')
    expect(formatLimit(10 * 1024 * 1024 + 1, 'de')).toBe('10 MB')
    expect(formatSize(3 * 1024 * 1024, 'fr')).toMatch(/^3\s*Mo$/)
  })
})
