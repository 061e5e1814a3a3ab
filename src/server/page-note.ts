/** What a page is told beside its view: the limits that our client module holds back at, and what it says over a page, in its language. */
import { frameLimitDefaults } from '../protocol/frame-limits.ts'
import type { WireEvent } from '../protocol/keys.ts'
import { pageEvents } from '../protocol/message.ts'
import { type Texts, textsIn } from '../texts/texts.ts'
import type { ServerLimits } from './limits.ts'

/** What our client module says over a page. */
function linesOf({ lines }: Texts, most: number): object {
  return {
    tooLarge: lines.tooLarge({ most }),
    tooManyFields: lines.tooManyFields({}),
    tooManyFiles: lines.tooManyFiles({}),
  }
}

const englishLines = JSON.stringify(linesOf(textsIn(undefined)('en'), frameLimitDefaults.maxTextSize))

/** Our client module holds back what is larger: it knows the defaults by itself. */
export function pageNote(
  { maxMessageSize, maxTextSize, maxFrameValues }: ServerLimits,
  texts: Texts,
): WireEvent | undefined {
  const limits = { maxTextSize: Math.min(maxTextSize, maxMessageSize), maxFrameValues }
  const isDefault =
    limits.maxTextSize === frameLimitDefaults.maxTextSize && maxFrameValues === frameLimitDefaults.maxFrameValues
  const lines = linesOf(texts, limits.maxTextSize)
  const isEnglish = JSON.stringify(lines) === englishLines
  return isDefault && isEnglish ? undefined : [pageEvents.note, { limits, lines }]
}
