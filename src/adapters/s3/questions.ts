/** What a browser's uploader asks of a file: from the browser, so that anything may come. */
import { mostSigned, type S3PartSent, type S3Question } from '../../protocol/s3-uploads.ts'

/** A question that makes sense, or why it does not. */
export type ReadQuestion =
  | { readonly ok: true; readonly question: S3Question }
  | { readonly ok: false; readonly says: string }

const longestEtag = 200
/** 32 bytes as base64url. */
const marks = /^[\w-]{43}$/

/** `parts`: how many the file has; 0 for one that goes as a whole. */
export function readQuestion(asked: unknown, parts: number): ReadQuestion {
  const refuse = (says: string): ReadQuestion => ({ ok: false, says })
  if (typeof asked !== 'object' || asked === null) return refuse('a question is an object')
  const { sign, list, complete, renew, mark } = asked as Readonly<Record<string, unknown>>
  if (parts === 0) {
    return renew === true ? { ok: true, question: { renew } } : refuse('the file goes as a whole: renew is all to ask')
  }
  if (list === true) return { ok: true, question: { list } }
  if (mark === null || (typeof mark === 'string' && marks.test(mark))) return { ok: true, question: { mark } }
  const isPart = (number: unknown): number is number =>
    Number.isSafeInteger(number) && Number(number) >= 1 && Number(number) <= parts
  if (Array.isArray(sign)) {
    const isSound = sign.length >= 1 && sign.length <= mostSigned && sign.every(isPart)
    if (!isSound || hasTwice(sign)) return refuse(`sign takes 1 to ${mostSigned} different numbers from 1 to ${parts}`)
    return { ok: true, question: { sign: sign.map(Number) } }
  }
  if (Array.isArray(complete)) {
    const isSent = (one: unknown): one is S3PartSent =>
      Array.isArray(one) && isPart(one[0]) && (one[1] === undefined || one[1] === null || isEtag(one[1]))
    const isWhole = complete.length === parts && complete.every(isSent)
    if (!isWhole || hasTwice(complete.map(([number]) => number)))
      return refuse(`complete takes all numbers from 1 to ${parts}, each with its ETag where that can be read`)
    return { ok: true, question: { complete } }
  }
  return refuse('a question is one of sign, list, mark and complete')
}

function isEtag(etag: unknown): boolean {
  return typeof etag === 'string' && etag.length <= longestEtag
}

function hasTwice(values: readonly unknown[]): boolean {
  return new Set(values).size < values.length
}
