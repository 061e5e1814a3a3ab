/** What a page says by itself, by language: the texts of the application's over those that are there in English. */
import { describe, type LiveError } from '../errors.ts'
import * as english from './english.ts'
import { canonicalLang, widerOf } from './lang.ts'
import { type Say, sayIn } from './say.ts'
import type { UploadErrorData } from './upload-errors.ts'
import type { LineTexts, OverlayTexts, PageTexts, Text, UploadTexts } from './words.ts'

/** Texts in one language. What is left out is said as in a wider one (`pt` for `pt-BR`), else in English. */
export interface TextsOptions {
  readonly lines?: Partial<LineTexts> | undefined
  readonly pages?: Partial<PageTexts> | undefined
  readonly uploads?: Partial<UploadTexts> | undefined
  readonly overlay?: Partial<OverlayTexts> | undefined
}

/** The same, ready to be said. */
type Said<Group> = {
  readonly [Name in keyof Group]-?: Group[Name] extends Text<infer Data> ? (data: Data) => string : never
}

export type UploadWords = { readonly [Code in keyof UploadErrorData]: (data: UploadErrorData[Code]) => string }

/** All texts of one language. */
export interface Texts {
  readonly lang: string
  readonly say: Say
  readonly lines: Said<LineTexts>
  readonly pages: Said<PageTexts>
  readonly uploads: UploadWords
  readonly overlay: Said<OverlayTexts>
}

const groups = { lines: english.lines, pages: english.pages, uploads: english.uploads, overlay: english.overlay }
type GroupName = keyof typeof groups
type Loose = Readonly<Record<string, unknown>>

/** Languages may come from requests: no more than so many are kept ready. */
const mostKept = 100

/** Checks what was given, by language. `fail` throws, and says whose option it was. */
export function resolveTexts(
  given: Readonly<Record<string, TextsOptions>> | undefined,
  fail: (message: string) => LiveError,
): (lang: string) => Texts {
  if (given !== undefined && (typeof given !== 'object' || given === null)) {
    throw fail(`texts must be an object by language, got ${describe(given)}`)
  }
  for (const [lang, texts] of Object.entries(given ?? {})) checkTexts(lang, texts, fail)
  return textsIn(given)
}

/** What was checked already, as a function of the language. */
export function textsIn(given: Readonly<Record<string, TextsOptions>> | undefined): (lang: string) => Texts {
  const own = new Map(Object.entries(given ?? {}).map(([lang, texts]) => [canonicalLang(lang)!, texts]))
  const kept = new Map<string, Texts>()
  return (lang) => {
    const known = kept.get(lang)
    if (known !== undefined) return known
    const texts = make(lang, own)
    if (kept.size >= mostKept) kept.clear()
    kept.set(lang, texts)
    return texts
  }
}

function make(lang: string, own: ReadonlyMap<string, TextsOptions>): Texts {
  const layers = widerOf(lang).flatMap((wider) => own.get(wider) ?? [])
  const say = sayIn(lang)
  const englishSay = sayIn('en')
  const group = (name: GroupName): unknown => {
    const said: Record<string, (data: never) => string> = {}
    for (const [key, text] of Object.entries(groups[name])) said[key] = toSaid(text as Text<never>, englishSay)
    for (const layer of layers) {
      for (const [key, text] of Object.entries(layer[name] ?? {})) {
        if (text !== undefined) said[key] = toSaid(text as Text<never>, say)
      }
    }
    return said
  }
  return {
    lang,
    say,
    lines: group('lines') as Texts['lines'],
    pages: group('pages') as Texts['pages'],
    uploads: group('uploads') as Texts['uploads'],
    overlay: group('overlay') as Texts['overlay'],
  }
}

function toSaid(text: Text<never>, say: Say): (data: never) => string {
  return typeof text === 'function' ? (data) => text(data, say) : () => text
}

function checkTexts(lang: string, texts: TextsOptions, fail: (message: string) => LiveError): void {
  if (canonicalLang(lang) === undefined) {
    throw fail(`texts: expected languages such as 'de' or 'pt-BR', got ${describe(lang)}`)
  }
  const where = `texts.${lang}`
  checkKeys(where, texts, groups, fail)
  for (const [name, group] of Object.entries(texts as Loose)) {
    if (group === undefined) continue
    checkKeys(`${where}.${name}`, group, groups[name as GroupName], fail)
    for (const [key, text] of Object.entries(group as Loose)) {
      if (text === undefined || typeof text === 'string' || typeof text === 'function') continue
      throw fail(`${where}.${name}.${key} must be a text, or a function that makes one, got ${describe(text)}`)
    }
  }
}

function checkKeys(where: string, given: unknown, known: object, fail: (message: string) => LiveError): void {
  if (typeof given !== 'object' || given === null) throw fail(`${where} must be an object, got ${describe(given)}`)
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(known, key))
      throw fail(`unknown text '${key}' in ${where}; known are ${Object.keys(known).join(', ')}`)
  }
}
