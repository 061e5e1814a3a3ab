/** The uploads of one part as they are now, by name, and where in them an input, an entry or a ref stands. The rules are in `state.ts`. */
import { describeClaim, LiveError } from '../errors.ts'
import type { UploadConfig, UploadEntry } from './entry.ts'
import type { EntryTimes, Leaving } from './entry-times.ts'
import { isInProgress, toConfig, type UploadState } from './state.ts'

export interface FoundEntry {
  readonly entry: UploadEntry
  readonly state: UploadState
}

export class UploadBook {
  readonly #states = new Map<string, UploadState>()
  readonly #times: EntryTimes
  #configs: Readonly<Record<string, UploadConfig>> | undefined

  constructor(times: EntryTimes) {
    this.#times = times
  }

  /** The configs by name. Another object after each change, so that a render can tell. */
  get configs(): Readonly<Record<string, UploadConfig>> {
    if (this.#configs === undefined) {
      const configs: Record<string, UploadConfig> = Object.create(null) as Record<string, UploadConfig>
      for (const [name, state] of this.#states) configs[name] = toConfig(state)
      this.#configs = Object.freeze(configs)
    }
    return this.#configs
  }

  all(): IterableIterator<UploadState> {
    return this.#states.values()
  }

  get(name: string): UploadState | undefined {
    return this.#states.get(name)
  }

  /** `leaving`: why entries of before are not listed any more. */
  set(state: UploadState, leaving: Leaving = 'left'): void {
    this.#times.changed(this.#states.get(state.name), state, leaving)
    this.#states.set(state.name, state)
    this.#configs = undefined
  }

  locate(uuid: string): FoundEntry | undefined {
    for (const state of this.#states.values()) {
      const entry = state.entries.find((candidate) => candidate.uuid === uuid)
      if (entry !== undefined) return { entry, state }
    }
    return undefined
  }

  /** `configRef`: of its input; `null` where that is not known. */
  find(configRef: string | null, entryRef: string): UploadEntry | undefined {
    for (const state of this.#states.values()) {
      if (configRef !== null && state.ref !== configRef) continue
      const entry = state.entries.find((candidate) => candidate.ref === entryRef)
      if (entry !== undefined) return entry
    }
    return undefined
  }

  inProgress(): UploadEntry[] {
    return [...this.#states.values()].flatMap(({ entries }) => entries.filter(isInProgress))
  }

  byRef(configRef: string): UploadState | undefined {
    for (const state of this.#states.values()) if (state.ref === configRef) return state
    return undefined
  }

  byName(call: string, name: string): UploadState {
    const state = this.#states.get(name)
    if (state !== undefined) return state
    throw new LiveError('ERR_UPLOAD_NAME', `${call}(${describeClaim(name)}): ${knownNames([...this.#states.keys()])}`)
  }

  /** The entry that a call of the view names: the ref may come from the browser. */
  named(call: string, name: string, ref: string): FoundEntry {
    const state = this.#states.get(name)
    const entry = state?.entries.find((candidate) => candidate.ref === ref)
    if (state !== undefined && entry !== undefined) return { state, entry }
    const claims = `${describeClaim(name)}, ${describeClaim(ref)}`
    throw new LiveError('ERR_UPLOAD_ENTRY', `${call}(${claims}): there is no such entry`)
  }
}

export function knownNames(names: readonly string[]): string {
  return names.length === 0
    ? 'no upload is allowed; call allowUpload in mount'
    : `the allowed uploads are ${names.map((name) => `'${name}'`).join(', ')}`
}
