/** The functions that take part in a view's life beside its callbacks, as `attachHook` attached them. */
import { describe, LiveError } from '../errors.ts'
import type { Hooks } from './socket.ts'

const stages: Readonly<Record<'view' | 'component', readonly (keyof Hooks)[]>> = {
  view: ['mount', 'handleParams', 'handleEvent', 'handleInfo', 'handleAsync', 'afterRender'],
  component: ['handleEvent', 'handleAsync', 'afterRender'],
}

export class HookTable {
  readonly #of: keyof typeof stages
  /** By stage, then by name; made with the first hook. */
  readonly #hooks = new Map<keyof Hooks, Map<string, Hooks[keyof Hooks]>>()

  constructor(of: keyof typeof stages) {
    this.#of = of
  }

  attach<Stage extends keyof Hooks>(name: string, stage: Stage, hook: Hooks[Stage]): void {
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
    const hooks = this.#hooks.get(stage) ?? new Map<string, Hooks[keyof Hooks]>()
    if (hooks.has(name)) throw new LiveError('ERR_HOOK', `attachHook('${name}', '${stage}'): the name is taken`)
    hooks.set(name, hook)
    this.#hooks.set(stage, hooks)
  }

  detach(name: string, stage: keyof Hooks): void {
    this.#hooks.get(stage)?.delete(name)
  }

  /** The hooks of a stage, in the order they were attached. A copy: a hook may detach itself. */
  of<Stage extends keyof Hooks>(stage: Stage): readonly Hooks[Stage][] {
    const hooks = this.#hooks.get(stage)
    return hooks === undefined ? [] : ([...hooks.values()] as Hooks[Stage][])
  }
}
