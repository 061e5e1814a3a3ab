import { fillIn, openPath } from '../protocol/base-path.ts'
import {
  jsArguments,
  jsCommands,
  printsCommands,
  type WireJsArguments,
  type WireJsCommand,
  type WireJsName,
} from '../protocol/js-commands.ts'
import { renderable } from '../protocol/renderable.ts'
import {
  checkOptions,
  fail,
  readAttributeName,
  readAttributePatterns,
  readAttributeValue,
  readClasses,
  readCommandAttribute,
  readEventTarget,
  readFlag,
  readHref,
  readObject,
  readSelector,
  readSettableName,
  readTarget,
  readText,
  readTime,
  readTransition,
} from './check.ts'
import type { JsCommands } from './commands.ts'
import type {
  JsClasses,
  JsClassOptions,
  JsCommandWithOptions,
  JsDispatchOptions,
  JsHideOptions,
  JsNavigateOptions,
  JsPushOptions,
  JsShowOptions,
  JsTargetOptions,
  JsTimeOptions,
  JsToggleOptions,
  JsTransition,
} from './options.ts'

/** A list of commands is the text that it prints, without the brackets: nothing that was given to it can change it later. */
class Commands implements JsCommands {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  push(event: string, options: JsPushOptions = {}): JsCommands {
    checkOptions('push', options)
    return this.#with('push', {
      event: readText('push', 'event', event),
      value: readObject('push', 'value', options.value),
      target: readEventTarget('push', options.target),
      loading: readSelector('push', 'loading', options.loading),
      [jsArguments.pageLoading]: readFlag('push', 'pageLoading', options.pageLoading) || undefined,
    })
  }

  navigate(href: string, options: JsNavigateOptions = {}): JsCommands {
    return this.#with('navigate', toNavigation('navigate', href, options))
  }

  patch(href: string, options: JsNavigateOptions = {}): JsCommands {
    return this.#with('patch', toNavigation('patch', href, options))
  }

  dispatch(event: string, options: JsDispatchOptions = {}): JsCommands {
    checkOptions('dispatch', options)
    const blocking = readFlag('dispatch', 'blocking', options.blocking) || undefined
    return this.#with('dispatch', {
      to: readTarget('dispatch', options.to),
      event: readText('dispatch', 'event', event),
      detail: readObject('dispatch', 'detail', options.detail, blocking ? ['dispatcher', 'done'] : ['dispatcher']),
      bubbles: readFlag('dispatch', 'bubbles', options.bubbles),
      blocking,
    })
  }

  exec(attribute: string, options: JsTargetOptions = {}): JsCommands {
    const to = toTarget('exec', options)
    return this.#with('exec', { ...to, [jsArguments.attribute]: readCommandAttribute('exec', attribute) })
  }

  show(options: JsShowOptions = {}): JsCommands {
    checkOptions('show', options)
    const display = options.display === undefined ? undefined : readText('show', 'display', options.display)
    return this.#with('show', { ...toAnimation('show', options), display })
  }

  hide(options: JsHideOptions = {}): JsCommands {
    checkOptions('hide', options)
    return this.#with('hide', toAnimation('hide', options))
  }

  toggle(options: JsToggleOptions = {}): JsCommands {
    checkOptions('toggle', options)
    return this.#with('toggle', {
      ...toTiming('toggle', options),
      display: options.display === undefined ? undefined : readText('toggle', 'display', options.display),
      [jsArguments.in]: readTransition('toggle', 'in', options.in),
      [jsArguments.out]: readTransition('toggle', 'out', options.out),
    })
  }

  addClass(classes: JsClasses, options: JsClassOptions = {}): JsCommands {
    return this.#with('addClass', toClassChange('addClass', classes, options))
  }

  removeClass(classes: JsClasses, options: JsClassOptions = {}): JsCommands {
    return this.#with('removeClass', toClassChange('removeClass', classes, options))
  }

  toggleClass(classes: JsClasses, options: JsClassOptions = {}): JsCommands {
    return this.#with('toggleClass', toClassChange('toggleClass', classes, options))
  }

  transition(transition: JsTransition, options: JsTimeOptions = {}): JsCommands {
    checkOptions('transition', options)
    const classes = readTransition('transition', 'transition', transition)
    if (classes === undefined) return fail('transition', 'transition', 'class names', transition)
    return this.#with('transition', { ...toTiming('transition', options), transition: classes })
  }

  setAttribute(name: string, value: string | JsCommands, options: JsTargetOptions = {}): JsCommands {
    const to = toTarget('setAttribute', options)
    const attribute = readSettableName('setAttribute', name)
    const text = readAttributeValue('setAttribute', attribute, value)
    return this.#with('setAttribute', { ...to, [jsArguments.attribute]: [attribute, text] })
  }

  removeAttribute(name: string, options: JsTargetOptions = {}): JsCommands {
    const to = toTarget('removeAttribute', options)
    return this.#with('removeAttribute', {
      ...to,
      [jsArguments.attribute]: readAttributeName('removeAttribute', 'name', name),
    })
  }

  toggleAttribute(
    name: string,
    value: string | JsCommands | readonly [value: string | JsCommands, other: string | JsCommands],
    options: JsTargetOptions = {},
  ): JsCommands {
    const to = toTarget('toggleAttribute', options)
    const attribute = readSettableName('toggleAttribute', name)
    return this.#with('toggleAttribute', {
      ...to,
      [jsArguments.attribute]: [attribute, ...readToggled(attribute, value)],
    })
  }

  ignoreAttributes(names: string | readonly string[], options: JsTargetOptions = {}): JsCommands {
    const to = toTarget('ignoreAttributes', options)
    const patterns = readAttributePatterns('ignoreAttributes', names)
    return this.#with('ignoreAttributes', { ...to, [jsArguments.attributes]: patterns })
  }

  focus(options: JsTargetOptions = {}): JsCommands {
    return this.#with('focus', toTarget('focus', options))
  }

  focusFirst(options: JsTargetOptions = {}): JsCommands {
    return this.#with('focusFirst', toTarget('focusFirst', options))
  }

  pushFocus(options: JsTargetOptions = {}): JsCommands {
    return this.#with('pushFocus', toTarget('pushFocus', options))
  }

  popFocus(): JsCommands {
    return this.#with('popFocus', {})
  }

  concat(other: JsCommands): JsCommands {
    if (typeof other !== 'object' || other === null || !(#text in other)) {
      return fail('concat', 'the other', 'a list of commands, made with js', other)
    }
    return this.#followedBy(other.#text)
  }

  toJSON(): WireJsCommand[] {
    return JSON.parse(this.toString()) as WireJsCommand[]
  }

  toString(): string {
    return fillIn(`[${this.#text}]`)
  }

  [renderable](): string {
    return this.toString()
  }

  get [printsCommands](): true {
    return true
  }

  #with<Command extends keyof typeof jsCommands>(
    command: Command,
    args: WireJsArguments[(typeof jsCommands)[Command] & WireJsName],
  ): JsCommands {
    return this.#followedBy(JSON.stringify([jsCommands[command], args]))
  }

  #followedBy(text: string): JsCommands {
    return new Commands(this.#text === '' || text === '' ? this.#text + text : `${this.#text},${text}`)
  }
}

/**
 * The empty list of commands: every other begins with it.
 *
 * @example
 * import { html } from 'liveloom'
 * import { js } from 'liveloom/js'
 *
 * const close = js.push('close', { value: { id: 7 } }).hide({ to: '#modal', transition: 'fade-out', time: 300 })
 *
 * export const modal = html`<div id="modal" phx-click-away="${close}">
 *   <button phx-click="${close.focus({ to: '#open' })}">Close</button>
 * </div>`
 */
export const js: JsCommands = new Commands('')

function toTarget(command: JsCommandWithOptions, options: JsTargetOptions): WireJsArguments['focus'] {
  checkOptions(command, options)
  return { to: readTarget(command, options.to) }
}

function toNavigation(
  command: 'navigate' | 'patch',
  href: string,
  options: JsNavigateOptions,
): WireJsArguments['navigate'] {
  checkOptions(command, options)
  return {
    href: openPath(readHref(command, href)),
    replace: readFlag(command, 'replace', options.replace) || undefined,
  }
}

function toTiming(command: string, { to, time, blocking }: JsTimeOptions): Omit<WireJsArguments['hide'], 'transition'> {
  return {
    to: readTarget(command, to),
    time: readTime(command, time),
    blocking: readFlag(command, 'blocking', blocking) === false ? false : undefined,
  }
}

function toAnimation(command: string, options: JsHideOptions): WireJsArguments['hide'] {
  return { ...toTiming(command, options), transition: readTransition(command, 'transition', options.transition) }
}

function toClassChange(
  command: 'addClass' | 'removeClass' | 'toggleClass',
  classes: JsClasses,
  options: JsClassOptions,
): WireJsArguments['add_class'] {
  checkOptions(command, options)
  return { ...toAnimation(command, options), names: readClasses(command, classes) }
}

function readToggled(name: string, value: unknown): readonly [string, string?] {
  const read = (one: unknown): string => readAttributeValue('toggleAttribute', name, one)
  if (!Array.isArray(value)) return [read(value)]
  if (value.length !== 2) return fail('toggleAttribute', 'value', 'one string or two: [value, other]', value)
  return [read(value[0]), read(value[1])]
}
