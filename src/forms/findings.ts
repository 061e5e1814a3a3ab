import type { FormError } from './error.ts'

/** An error, and whether the program gave it: such a one is shown whether its field is used or not. */
export interface Finding {
  readonly error: FormError
  readonly given: boolean
}

/** The errors of a form by where they stand. A browser can send thousands of rows, all wrong, so nobody walks them all per field. */
export class Findings {
  readonly all: readonly Finding[]
  #below: ReadonlyMap<string, readonly Finding[]> | undefined

  constructor(all: readonly Finding[]) {
    this.all = all
  }

  /** Those to be shown at `path` and below it. */
  below(path: readonly string[], used: boolean): readonly FormError[] {
    this.#below ??= byPath(this.all)
    const found = this.#below.get(toKey(path)) ?? []
    return found.filter(({ given }) => used || given).map(({ error }) => error)
  }

  /** Those to be shown at `path` itself. */
  at(path: readonly string[], used: boolean): readonly FormError[] {
    return this.below(path, used).filter((error) => error.path.length === path.length)
  }
}

function byPath(all: readonly Finding[]): Map<string, Finding[]> {
  const below = new Map<string, Finding[]>()
  for (const finding of all) {
    const { path } = finding.error
    for (let depth = 0; depth <= path.length; depth++) {
      const key = toKey(path.slice(0, depth))
      const found = below.get(key)
      if (found === undefined) below.set(key, [finding])
      else found.push(finding)
    }
  }
  return below
}

function toKey(path: readonly string[]): string {
  return JSON.stringify(path)
}
