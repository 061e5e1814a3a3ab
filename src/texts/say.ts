/** Numbers, sizes and plurals as a language has them, through `Intl`. */
import { formatLimit, formatSize } from './size.ts'

/** The forms of a plural: `other` always, and those that the language tells apart: English has `one`, Arabic all of them. */
export type Plurals = { readonly other: string } & Readonly<
  Partial<Record<'zero' | 'one' | 'two' | 'few' | 'many', string>>
>

/** What texts print data with. */
export interface Say {
  readonly lang: string
  number(value: number): string
  /** The size of a file: bytes, rounded up. */
  size(bytes: number): string
  /** A limit of sizes: bytes, rounded down, so that what is larger never reads the same. */
  limit(bytes: number): string
  /** Several, as a list of what all holds: `a, b and c`. */
  list(items: readonly string[]): string
  /** The form that fits `count`; `#` in it is the number: `say.plural(3, { one: '# file', other: '# files' })`. */
  plural(count: number, forms: Plurals): string
}

export function sayIn(lang: string): Say {
  let numbers: Intl.NumberFormat | undefined
  let rules: Intl.PluralRules | undefined
  let lists: Intl.ListFormat | undefined
  const number = (value: number): string => (numbers ??= new Intl.NumberFormat(lang)).format(value)
  return {
    lang,
    number,
    size: (bytes) => formatSize(bytes, lang),
    limit: (bytes) => formatLimit(bytes, lang),
    list: (items) => (lists ??= new Intl.ListFormat(lang)).format(items),
    plural(count, forms) {
      const form = (rules ??= new Intl.PluralRules(lang)).select(count)
      return (forms[form] ?? forms.other).replaceAll('#', () => number(count))
    },
  }
}
