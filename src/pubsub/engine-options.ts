import { describe, LiveError } from '../errors.ts'

/** What a `PubSub` on an engine takes beside its client. */
export interface EngineOptions {
  /**
   * What becomes of what is published while the engine is away. `'reject'`: `publish` rejects with `ERR_PUBSUB_AWAY`. `'queue'`: it waits, up
   * to `maxWaiting`, and is sent once, in order, when the engine is back. The views of this process have it at once either way.
   *
   * @default 'reject'
   */
  readonly whileAway?: 'reject' | 'queue' | undefined
  /** How large one message may be, in bytes of JSON. The engine may have a limit of its own. @default 1048576: 1 MiB */
  readonly maxMessageSize?: number | undefined
  /**
   * How much may wait for the engine, in bytes, 200 more for each message: while it is away, and while it takes less than is published. Beyond
   * that `publish` rejects with `ERR_PUBSUB_FULL`. @default 16777216: 16 MiB
   */
  readonly maxWaiting?: number | undefined
}

export interface EngineSettings {
  readonly whileAway: 'reject' | 'queue'
  readonly maxMessageSize: number
  readonly maxWaiting: number
}

const known = ['whileAway', 'maxMessageSize', 'maxWaiting'] satisfies readonly (keyof EngineOptions)[]

/**
 * @param own What an engine takes of its own.
 * @throws {LiveError} `ERR_PUBSUB_OPTIONS` for a wrong or unknown option.
 */
export function resolveEngineOptions(where: string, options: EngineOptions, own: readonly string[]): EngineSettings {
  if (typeof options !== 'object' || options === null) {
    throw pubSubOptions(where, `the options must be an object, got ${describe(options)}`)
  }
  const all: readonly string[] = [...own, ...known]
  for (const option of Object.keys(options)) {
    if (!all.includes(option)) {
      throw pubSubOptions(where, `unknown option ${describe(option)}; known are ${all.join(', ')}`)
    }
  }
  const { whileAway = 'reject', maxMessageSize = 1024 * 1024, maxWaiting = 16 * 1024 * 1024 } = options
  if (!['reject', 'queue'].includes(whileAway)) {
    throw pubSubOptions(where, `whileAway must be 'reject' or 'queue', got ${describe(whileAway)}`)
  }
  for (const [option, value] of Object.entries({ maxMessageSize, maxWaiting })) {
    if (Number.isSafeInteger(value) && value > 0) continue
    throw pubSubOptions(where, `${option} must be a positive integer of bytes, got ${describe(value)}`)
  }
  return { whileAway, maxMessageSize, maxWaiting }
}

export function pubSubOptions(where: string, message: string): LiveError {
  return new LiveError('ERR_PUBSUB_OPTIONS', `${where}: ${message}`)
}
