import { LiveError } from '../../errors.ts'

/** What a store that speaks S3 has refused, or not answered. */
export class S3Error extends LiveError {
  /** Of HTTP; 0 where there was no answer. */
  readonly status: number
  /** The store's own word: `AccessDenied`, `SlowDown`, `NoSuchUpload`; empty where it said none. */
  readonly s3Code: string
  /** How often it was asked. */
  readonly attempts: number

  constructor(
    what: string,
    {
      status,
      s3Code = '',
      says = '',
      attempts = 1,
      cause,
    }: {
      readonly status: number
      readonly s3Code?: string | undefined
      readonly says?: string | undefined
      readonly attempts?: number
      readonly cause?: unknown
    },
  ) {
    const answer = [status === 0 ? 'no answer' : String(status), s3Code].filter((word) => word !== '').join(' ')
    super('ERR_S3', `${what}: ${answer}${says === '' ? '' : `: ${says}`}`, { cause })
    this.status = status
    this.s3Code = s3Code
    this.attempts = attempts
  }
}

/** The text of an element of S3's XML, of which each is there once. */
export function textOf(xml: string, element: string): string | undefined {
  const [, text] = new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml) ?? []
  return text?.replaceAll(/&(?:quot|amp|lt|gt|apos|#34|#39);/g, (mark) => marks[mark]!)
}

/** What is in each of the elements of that name. */
export function textsOf(xml: string, element: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))].map(([, inner]) => inner!)
}

const marks: Readonly<Record<string, string>> = {
  '&quot;': '"',
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&apos;': "'",
  '&#34;': '"',
  '&#39;': "'",
}

export function toXml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`)
}
