/** What the inputs of the page list, as the server last said. */
import { pausedAttribute, retriesAttribute, scanningAttribute } from '../protocol/http-uploads.ts'
import { attributeOf, refsOf, uploadRef } from './upload-inputs.ts'

/** The input that lists an entry now. */
export function inputOf(ref: string): HTMLInputElement | undefined {
  return uploadInputs().find((input) => refsOf(input, 'active').split(',').includes(ref))
}

type ListName = 'active' | 'preflighted' | 'done' | 'error' | 'paused' | 'retries' | 'scanning'

const ownLists: Readonly<Partial<Record<ListName, string>>> = {
  paused: pausedAttribute,
  retries: retriesAttribute,
  scanning: scanningAttribute,
}

/** What inputs list. The server says there what has failed or is paused before requests are told so, which the browser would call an error. */
export function listedIn(inputs: readonly HTMLInputElement[], which: ListName): ReadonlySet<string> {
  const own = ownLists[which]
  const lists = inputs.map((input) => attributeOf(input, own ?? `data-phx-${which}-refs`))
  return new Set(lists.flatMap((list) => (list === '' ? [] : list.split(','))))
}

export function uploadInputs(): readonly HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>(`input[${uploadRef}]`)]
}
