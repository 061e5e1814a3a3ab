/**
 * The commands that the client runs by itself, as it spells them: `[["push",{"event":"close"}],["hide",{"to":"#modal"}]]`. The client
 * parses a `phx-*` attribute that starts with `[`, and finds the function of each command by its name.
 */
import { isRenderable, type Renderable } from './renderable.ts'

/** One command and its arguments. The client reads the arguments without asking: they are there also when empty. */
export type WireJsCommand = { [Name in WireJsName]: readonly [Name, WireJsArguments[Name]] }[WireJsName]

export type WireJsName = keyof WireJsArguments

/** A selector of the page, or one that counts from the element that the commands run on. */
export type WireJsTarget = string | { readonly closest: string } | { readonly inner: string }

/** Class names while it runs, at its start, and at its end. */
export type WireJsTransition = readonly [run: readonly string[], start: readonly string[], end: readonly string[]]

interface Targeted {
  readonly to?: WireJsTarget | undefined
}

interface Timed extends Targeted {
  /** In ms. */
  readonly time?: number | undefined
  /** Left out: patches wait for the transition. */
  readonly blocking?: false | undefined
}

interface Animated extends Timed {
  readonly transition?: WireJsTransition | undefined
}

interface ClassChange extends Animated {
  readonly names: readonly string[]
}

interface Navigation {
  readonly href: string
  readonly replace?: true | undefined
}

export interface WireJsArguments {
  readonly push: {
    readonly event: string
    readonly value?: object | undefined
    /** A selector, or a component's cid. */
    readonly target?: string | number | undefined
    readonly loading?: string | undefined
    readonly page_loading?: true | undefined
  }
  readonly navigate: Navigation
  readonly patch: Navigation
  readonly dispatch: Targeted & {
    readonly event: string
    readonly detail?: object | undefined
    readonly bubbles?: boolean | undefined
    readonly blocking?: true | undefined
  }
  readonly exec: Targeted & { readonly attr: string }
  readonly show: Animated & { readonly display?: string | undefined }
  readonly hide: Animated
  readonly toggle: Timed & {
    readonly display?: string | undefined
    readonly ins?: WireJsTransition | undefined
    readonly outs?: WireJsTransition | undefined
  }
  readonly add_class: ClassChange
  readonly remove_class: ClassChange
  readonly toggle_class: ClassChange
  readonly transition: Timed & { readonly transition: WireJsTransition }
  readonly set_attr: Targeted & { readonly attr: readonly [name: string, value: string] }
  readonly remove_attr: Targeted & { readonly attr: string }
  readonly toggle_attr: Targeted & { readonly attr: readonly [name: string, value: string, other?: string] }
  readonly ignore_attrs: Targeted & { readonly attrs: readonly string[] }
  readonly focus: Targeted
  readonly focus_first: Targeted
  readonly push_focus: Targeted
  readonly pop_focus: Readonly<Record<never, never>>
}

/** The client's name of each command. */
export const jsCommands = {
  push: 'push',
  navigate: 'navigate',
  patch: 'patch',
  dispatch: 'dispatch',
  exec: 'exec',
  show: 'show',
  hide: 'hide',
  toggle: 'toggle',
  addClass: 'add_class',
  removeClass: 'remove_class',
  toggleClass: 'toggle_class',
  transition: 'transition',
  setAttribute: 'set_attr',
  removeAttribute: 'remove_attr',
  toggleAttribute: 'toggle_attr',
  ignoreAttributes: 'ignore_attrs',
  focus: 'focus',
  focusFirst: 'focus_first',
  pushFocus: 'push_focus',
  popFocus: 'pop_focus',
} as const

/** The client's name of each argument that we call otherwise. */
export const jsArguments = {
  pageLoading: 'page_loading',
  in: 'ins',
  out: 'outs',
  attribute: 'attr',
  attributes: 'attrs',
} as const

/**
 * Marks values that print commands on purpose: lists of `js`. A text that holds commands may be a user's, and so may that of any other
 * value that prints itself, as an error's message does.
 */
export const printsCommands: unique symbol = Symbol.for('liveloom.commands')

export function isCommands(value: unknown): value is Renderable {
  return typeof value === 'object' && value !== null && printsCommands in value && isRenderable(value)
}

const commandNames: ReadonlySet<string> = new Set(Object.values(jsCommands))
/** A text without any of these names, spelled out or in escapes, holds no command: it is not parsed. */
const mayNameCommand = new RegExp(`\\\\|"(?:${Object.values(jsCommands).join('|')})"`)

/**
 * Whether the client would run this text as commands, where it stands in an attribute that it reads them from. It runs a list up to
 * its first mistake, and takes for a name whatever prints like one.
 */
export function holdsCommands(text: string): boolean {
  if (!text.startsWith('[') || !mayNameCommand.test(text)) return false
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    return false
  }
  try {
    return Array.isArray(list) && list.some((item) => Array.isArray(item) && commandNames.has(String(item[0])))
  } catch {
    // Nested too deep to print. No honest text is.
    return true
  }
}
