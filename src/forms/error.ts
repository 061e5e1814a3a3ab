import { type Renderable, renderable } from '../protocol/renderable.ts'

/** Why a value was refused. Prints its `message` in a template; for other texts choose by `path`, or let the schema say them. */
export interface FormError extends Renderable {
  /** As the schema, or you in `withErrors`, gave it. */
  readonly message: string
  /** From outside in, a list's rows by their position: `['items', '0', 'name']`. Empty: the form as a whole. */
  readonly path: readonly string[]
}

export function formError(message: string, path: readonly string[]): FormError {
  return { message, path, [renderable]: () => message }
}
