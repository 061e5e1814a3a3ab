/** What the inputs of the page list, as the server last said. */
import { pausedAttribute, retriesAttribute } from '../protocol/http-uploads.ts'
import { attributeOf, refsOf, uploadRef } from './upload-inputs.ts'

/** The input that lists an entry now. */
export function inputOf(ref: string): HTMLInputElement | undefined {
  return uploadInputs().find((input) => refsOf(input, 'active').split(',').includes(ref))
}

const ownLists: Readonly<Record<string, string>> = { paused: pausedAttribute, retries: retriesAttribute }

/** What inputs list. The server says there what has failed or is paused before requests are told so, which the browser would call an error. */
export function listedIn(
  inputs: readonly HTMLInputElement[],
  which: 'active' | 'preflighted' | 'done' | 'error' | 'paused' | 'retries',
): ReadonlySet<string> {
  const lists = inputs.map((input) =>
    which === 'paused' || which === 'retries' ? attributeOf(input, ownLists[which]!) : refsOf(input, which),
  )
  return new Set(lists.flatMap((list) => (list === '' ? [] : list.split(','))))
}

export function uploadInputs(): readonly HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>(`input[${uploadRef}]`)]
}
