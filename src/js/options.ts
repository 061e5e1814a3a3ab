/** The options of each command. Each may be left out or `undefined`. */
import type { Renderable } from '../protocol/renderable.ts'
import type { JsonObject } from '../protocol/json-values.ts'

/**
 * Which elements a command is for: a CSS selector of the whole page, the nearest `{ closest }` around the element that the
 * commands run on, or every `{ inner }` below it. Without a target it is that element itself.
 */
export type JsTarget = string | { readonly closest: string } | { readonly inner: string }

/** Class names, in one string or in a list. */
export type JsClasses = string | readonly string[]

/**
 * The classes of a transition: those that stand while it runs, or `[run, start, end]`. The start's are set in the first frame, the
 * run's in the next, and then the end's take the place of the start's. When the time is over, `show`, `hide` and `toggle` take all
 * of them away; the other commands leave the end's on the element.
 */
export type JsTransition = string | readonly [run: JsClasses, start: JsClasses, end: JsClasses]

/** Who handles a pushed event: whatever a selector finds, or a component, by its `myself` or its number. */
export type JsEventTarget = string | number | Renderable

/** Options of the commands that only take a target. */
export interface JsTargetOptions {
  /** @default the element that the commands run on */
  readonly to?: JsTarget | undefined
}

/** Options of a command that takes time. */
export interface JsTimeOptions extends JsTargetOptions {
  /** How long the transition takes, in ms: a whole number. Must fit the CSS. @default 200 */
  readonly time?: number | undefined
  /** Whether the page's patches wait until the transition is over. @default true */
  readonly blocking?: boolean | undefined
}

export interface JsPushOptions {
  /** Sent with the event: merged over `phx-value-*` and the element's own value, or over a form's fields. */
  readonly value?: JsonObject | undefined
  /** Who handles the event. @default the element's `phx-target`, else the view around it */
  readonly target?: JsEventTarget | undefined
  /** A selector of more elements that get the loading classes, and are not patched, until the answer is there. */
  readonly loading?: string | undefined
  /** Whether the page counts as loading (`phx:page-loading-start` and `-stop`) until the answer is there. @default false */
  readonly pageLoading?: boolean | undefined
}

/** Options of `navigate` and `patch`. */
export interface JsNavigateOptions {
  /** Whether the place in the browser's history is replaced instead of added. @default false */
  readonly replace?: boolean | undefined
}

export interface JsDispatchOptions extends JsTargetOptions {
  /**
   * The event's `detail`. The client adds `dispatcher`, the element that the commands run on, and with `blocking` a function
   * `done`, so it may have neither.
   */
  readonly detail?: JsonObject | undefined
  /** Whether the event bubbles. @default true, but false for a `click` on a file input */
  readonly bubbles?: boolean | undefined
  /** Whether the page's patches wait until a listener calls `event.detail.done()`. @default false */
  readonly blocking?: boolean | undefined
}

export interface JsShowOptions extends JsTimeOptions {
  /** The value of the CSS property `display`. @default 'block', and what fits for `tr` and `td` */
  readonly display?: string | undefined
  readonly transition?: JsTransition | undefined
}

export interface JsHideOptions extends JsTimeOptions {
  readonly transition?: JsTransition | undefined
}

export interface JsToggleOptions extends JsTimeOptions {
  /** The value of the CSS property `display` when shown. @default 'block', and what fits for `tr` and `td` */
  readonly display?: string | undefined
  /** The transition when the element is shown. */
  readonly in?: JsTransition | undefined
  /** The transition when the element is hidden. */
  readonly out?: JsTransition | undefined
}

/** Options of `addClass`, `removeClass` and `toggleClass`. */
export interface JsClassOptions extends JsTimeOptions {
  /** Runs before the classes are changed. */
  readonly transition?: JsTransition | undefined
}

interface OptionsOfCommands {
  readonly push: JsPushOptions
  readonly navigate: JsNavigateOptions
  readonly patch: JsNavigateOptions
  readonly dispatch: JsDispatchOptions
  readonly exec: JsTargetOptions
  readonly show: JsShowOptions
  readonly hide: JsHideOptions
  readonly toggle: JsToggleOptions
  readonly addClass: JsClassOptions
  readonly removeClass: JsClassOptions
  readonly toggleClass: JsClassOptions
  readonly transition: JsTimeOptions
  readonly setAttribute: JsTargetOptions
  readonly removeAttribute: JsTargetOptions
  readonly toggleAttribute: JsTargetOptions
  readonly ignoreAttributes: JsTargetOptions
  readonly focus: JsTargetOptions
  readonly focusFirst: JsTargetOptions
  readonly pushFocus: JsTargetOptions
}

export type JsCommandWithOptions = keyof OptionsOfCommands

const targeted = { to: true } as const
const timed = { to: true, time: true, blocking: true } as const
const animated = { ...timed, transition: true } as const

/** The names of the options that a command knows. The compiler holds each list to its interface. */
export const knownOptions: {
  readonly [Command in JsCommandWithOptions]: { readonly [Option in keyof OptionsOfCommands[Command]]-?: true }
} = {
  push: { value: true, target: true, loading: true, pageLoading: true },
  navigate: { replace: true },
  patch: { replace: true },
  dispatch: { to: true, detail: true, bubbles: true, blocking: true },
  exec: targeted,
  show: { ...animated, display: true },
  hide: animated,
  toggle: { ...timed, display: true, in: true, out: true },
  addClass: animated,
  removeClass: animated,
  toggleClass: animated,
  transition: timed,
  setAttribute: targeted,
  removeAttribute: targeted,
  toggleAttribute: targeted,
  ignoreAttributes: targeted,
  focus: targeted,
  focusFirst: targeted,
  pushFocus: targeted,
}
