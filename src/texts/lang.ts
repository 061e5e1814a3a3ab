/** Languages as `<html lang>` has them. */

/** The tag as it is written, `pt-BR` for `PT-br`; `undefined` when it is none. */
export function canonicalLang(lang: unknown): string | undefined {
  if (typeof lang !== 'string') return undefined
  try {
    return Intl.getCanonicalLocales(lang)[0]
  } catch {
    return undefined
  }
}

/** From the widest to the language itself: `zh`, `zh-Hant`, `zh-Hant-TW`. */
export function widerOf(lang: string): readonly string[] {
  const parts = lang.split('-')
  return parts.map((_, at) => parts.slice(0, at + 1).join('-'))
}

/** Scripts that are written from right to left. */
const rightToLeft: ReadonlySet<string | undefined> = new Set(
  'Adlm Arab Armi Hebr Mand Nkoo Phnx Rohg Samr Sogd Syrc Thaa Yezi'.split(' '),
)

/**
 * Which way a language is written: what `<html dir>` takes.
 *
 * @example
 * import { directionOf } from 'liveloom'
 *
 * export const shown = [directionOf('ar'), directionOf('de')] // 'rtl', 'ltr'
 */
export function directionOf(lang: string): 'ltr' | 'rtl' {
  const known = canonicalLang(lang)
  return known !== undefined && rightToLeft.has(new Intl.Locale(known).maximize().script) ? 'rtl' : 'ltr'
}
