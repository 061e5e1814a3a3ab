/** The functions that take part in a view's life beside its callbacks, as `attachHook` attached them. */
import { describe, LiveError } from '../errors.ts'
import { isReply } from './event.ts'
import type { Hooks } from './socket.ts'
import type { Steps } from './steps.ts'

/** Who has hooks. */
export type Hooked = 'view' | 'nested view' | 'component'
export type HookStage = keyof Hooks

const stages: Readonly<Record<Hooked, readonly HookStage[]>> = {
  view: ['mount', 'handleParams', 'handleConnect', 'handleEvent', 'handleInfo', 'handleAsync', 'afterRender'],
  // It has no URL.
  'nested view': ['mount', 'handleConnect', 'handleEvent', 'handleInfo', 'handleAsync', 'afterRender'],
  component: ['handleConnect', 'handleEvent', 'handleAsync', 'afterRender'],
}

/** A hook of any stage; typed where it is attached. */
export type AnyHook = (...given: readonly never[]) => unknown

/** A stage ends here; an event may be answered. */
export interface Halt {
  readonly reply?: object | undefined
}

export class HookTable {
  readonly #of: Hooked
  /** By stage, then by name; made with the first hook. */
  readonly #hooks = new Map<HookStage, Map<string, AnyHook>>()

  constructor(of: Hooked) {
    this.#of = of
  }

  attach(name: string, stage: HookStage, hook: AnyHook): void {
    const known = stages[this.#of]
    if (!known.includes(stage)) {
      throw new LiveError(
        'ERR_HOOK',
        `attachHook(${describe(name)}): a ${this.#of} has no stage ${describe(stage)}; it has ${known.join(', ')}`,
      )
    }
    if (typeof hook !== 'function') {
      throw new LiveError('ERR_HOOK', `attachHook('${name}', '${stage}'): expected a function, got ${describe(hook)}`)
    }
    const hooks = this.#hooks.get(stage) ?? new Map<string, AnyHook>()
    if (hooks.has(name)) throw new LiveError('ERR_HOOK', `attachHook('${name}', '${stage}'): the name is taken`)
    hooks.set(name, hook)
    this.#hooks.set(stage, hooks)
  }

  detach(name: string, stage: HookStage): void {
    this.#hooks.get(stage)?.delete(name)
  }

  /** The hooks of a stage by name, in the order they were attached. A copy: a hook may detach itself. */
  of(stage: HookStage): readonly (readonly [name: string, hook: AnyHook])[] {
    const hooks = this.#hooks.get(stage)
    return hooks === undefined ? [] : [...hooks]
  }

  /** Runs the hooks of a stage, one after another. Where one of them halts, the others are not called. */
  *run(stage: HookStage, ...given: readonly unknown[]): Steps<Halt | undefined> {
    for (const [name, hook] of this.of(stage)) {
      const halt = haltOf(`the hook '${name}' of ${stage}`, yield hook(...(given as never[])), stage)
      if (halt !== undefined) return halt
    }
    return undefined
  }
}

/** What a hook's result says: `undefined` to go on. @throws {LiveError} `ERR_HOOK` for what says nothing known. */
export function haltOf(where: string, result: unknown, stage: HookStage): Halt | undefined {
  if (result === undefined || result === 'continue') return undefined
  if (result === 'halt') return {}
  const answers = stage === 'handleEvent'
  if (answers && isAnswer(result)) return result
  const expected = `'continue', 'halt'${answers ? ', { halt: true, reply: { … } }' : ''} or nothing`
  throw new LiveError('ERR_HOOK', `${where} gave back ${describe(result)}; expected ${expected}`)
}

function isAnswer(result: unknown): result is Halt {
  if (typeof result !== 'object' || result === null) return false
  const { halt, reply } = result as Readonly<Record<string, unknown>>
  return halt === true && (reply === undefined || isReply(reply))
}
