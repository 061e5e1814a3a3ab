import { describe, LiveError } from '../errors.ts'
import { createLocalPubSub, type PubSub } from '../pubsub/pubsub.ts'

export interface PresenceOptions {
  /** What the processes that share it speak by: that of the server. @default none: of this process alone */
  readonly pubsub?: PubSub | undefined
  /** Tells it from others on the same pubsub. @default 'presence' */
  readonly name?: string | undefined
  /** How often each process says that it is there, in ms: from 100 to 60000. @default 1500 */
  readonly heartbeat?: number | undefined
  /** After which silence a process is gone, and with it whoever is there on it, in ms: at least twice `heartbeat`. @default 5000 */
  readonly deadAfter?: number | undefined
  /**
   * How long somebody whose last view has ended is there still, in ms: who loads the page anew, or is sent to another process, neither leaves nor
   * joins. 0: not at all. @default 3000
   */
  readonly linger?: number | undefined
  /** Is told what goes wrong beside any call: a pubsub that is away, a listener that throws. @default a line on the console */
  readonly onError?: ((error: unknown) => void) | undefined
}

const optionNames = ['pubsub', 'name', 'heartbeat', 'deadAfter', 'linger', 'onError']

export type PresenceSettings = { readonly [Name in keyof PresenceOptions]-?: NonNullable<PresenceOptions[Name]> }

export function resolvePresenceOptions(options: PresenceOptions): PresenceSettings {
  const fail = (message: string): never => {
    throw new LiveError('ERR_PRESENCE', `createPresence: ${message}`)
  }
  if (typeof options !== 'object' || options === null) fail(`expected options, got ${describe(options)}`)
  const unknown = Object.keys(options).find((name) => !optionNames.includes(name))
  if (unknown !== undefined) fail(`unknown option '${unknown}'; known are ${optionNames.join(', ')}`)
  const { pubsub = createLocalPubSub(), name = 'presence', heartbeat = 1500, deadAfter = 5000, linger = 3000 } = options
  const { onError = (error: unknown) => console.error(error) } = options
  if (typeof pubsub?.subscribe !== 'function' || typeof pubsub.publish !== 'function')
    fail(`pubsub must have subscribe and publish, got ${describe(pubsub)}`)
  if (typeof name !== 'string' || name === '') fail(`name must be a text, got ${describe(name)}`)
  if (typeof onError !== 'function') fail(`onError must be a function, got ${describe(onError)}`)
  const isTime = (ms: unknown, least: number, most: number): boolean =>
    typeof ms === 'number' && ms >= least && ms <= most
  if (!isTime(heartbeat, 100, 60_000)) fail(`heartbeat must be from 100 to 60000 ms, got ${describe(heartbeat)}`)
  if (!isTime(deadAfter, heartbeat * 2, 3_600_000))
    fail(`deadAfter must be from twice heartbeat (${heartbeat * 2}) to 3600000 ms, got ${describe(deadAfter)}`)
  if (!isTime(linger, 0, 3_600_000)) fail(`linger must be from 0 to 3600000 ms, got ${describe(linger)}`)
  return { pubsub, name, heartbeat, deadAfter, linger, onError }
}
