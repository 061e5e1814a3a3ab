import type { Flash } from '../live/flash.ts'

/** What the container of a view that was rendered over HTTP carries beside: what it showed, so that it is shown once more. */
export interface StaticToken {
  readonly id: string
  readonly flash?: Flash
}

export function staticToken(id: string, flash: Flash): StaticToken {
  return Object.keys(flash).length === 0 ? { id } : { id, flash }
}
