import type { WireJsCommand } from '../protocol/js-commands.ts'
import type { Renderable } from '../protocol/renderable.ts'
import type {
  JsClasses,
  JsClassOptions,
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

/**
 * A list of commands that the browser runs by itself, in order, without asking the server. It never changes: each method gives a
 * new list with one command more, so a list can be kept, shared and extended. In a template it prints itself as the value of a
 * `phx-*` attribute.
 *
 * Every method throws a `LiveError` with `ERR_JS` for a wrong value and for an option it does not know.
 */
export interface JsCommands extends Renderable {
  /**
   * Sends an event to the server. In `phx-change` and `phx-submit` it sends the form, as the name of an event alone would.
   * @param event The event's name: the `type` that `handleEvent` gets.
   */
  push(event: string, options?: JsPushOptions): JsCommands
  /**
   * Goes to another page of this site over the same socket.
   * @param href A path of this site, which starts with one `/`. To another site leads a link.
   */
  navigate(href: string, options?: JsNavigateOptions): JsCommands
  /**
   * Changes the URL of this view: its `handleParams` runs, and nothing is mounted anew.
   * @param href A path of this site, which starts with one `/`.
   */
  patch(href: string, options?: JsNavigateOptions): JsCommands
  /**
   * Dispatches a DOM event. `click` is a `MouseEvent`, any other a `CustomEvent`.
   * @param event The event's name, such as `copied` or `my-app:copied`.
   */
  dispatch(event: string, options?: JsDispatchOptions): JsCommands
  /**
   * Runs the commands that stand in an attribute of the target, on the target.
   * @param attribute A `phx-*` or `data-*` attribute, such as `phx-remove` or `data-cancel`; no other, which may hold any text. The client throws when the element does not have it.
   */
  exec(attribute: string, options?: JsTargetOptions): JsCommands

  /** Shows what is hidden. Dispatches `phx:show-start` and `phx:show-end` on it. */
  show(options?: JsShowOptions): JsCommands
  /** Hides what is visible. Dispatches `phx:hide-start` and `phx:hide-end` on it. */
  hide(options?: JsHideOptions): JsCommands
  /** Shows what is hidden, and hides what is visible. */
  toggle(options?: JsToggleOptions): JsCommands

  /** Adds classes. Patches of the page keep them. */
  addClass(classes: JsClasses, options?: JsClassOptions): JsCommands
  /** Removes classes, also those that the server renders. */
  removeClass(classes: JsClasses, options?: JsClassOptions): JsCommands
  /** Adds each class that is not there, and removes each that is. */
  toggleClass(classes: JsClasses, options?: JsClassOptions): JsCommands
  /** Plays a transition, and changes nothing else. */
  transition(transition: JsTransition, options?: JsTimeOptions): JsCommands

  /**
   * Sets an attribute. Patches of the page keep it.
   * @param name Not an `on*` attribute, nor `srcdoc`: the browser would run its value as a script.
   * @param value In `href`, `src`, `action`, `formaction`, `data`, and the `to`, `from`, `by` and `values` of animations an address that templates would print too. Commands, in a `phx-*`
   * or `data-*` attribute, as the list itself.
   */
  setAttribute(name: string, value: string | JsCommands, options?: JsTargetOptions): JsCommands
  /** Removes an attribute, also one that the server renders. */
  removeAttribute(name: string, options?: JsTargetOptions): JsCommands
  /**
   * With one value: sets the attribute where it is missing, and removes it where it is there. With two: changes between them, and
   * sets the first where neither is there.
   * @param name Not an `on*` attribute, nor `srcdoc`: the browser would run its value as a script.
   * @param value As that of {@link JsCommands.setAttribute}.
   */
  toggleAttribute(
    name: string,
    value: string | JsCommands | readonly [value: string | JsCommands, other: string | JsCommands],
    options?: JsTargetOptions,
  ): JsCommands
  /**
   * Has patches leave these attributes as the browser has them. Meant for `phx-mounted`, on elements that scripts or the browser
   * change, such as the `open` of `<dialog>` and `<details>`.
   * @param names Names, or patterns: `*` is all attributes, `data-*` those that have `data-` in their name.
   */
  ignoreAttributes(names: string | readonly string[], options?: JsTargetOptions): JsCommands

  /** Focuses the target, when it can be focused. */
  focus(options?: JsTargetOptions): JsCommands
  /** Focuses the first element inside the target that can be focused; inputs, buttons and links come first. */
  focusFirst(options?: JsTargetOptions): JsCommands
  /** Remembers the target, for {@link JsCommands.popFocus}. */
  pushFocus(options?: JsTargetOptions): JsCommands
  /** Focuses what was remembered last, and forgets it. */
  popFocus(): JsCommands

  /** These commands, and behind them those of `other`. */
  concat(other: JsCommands): JsCommands
  /** The encoded list, a new one each time: for a payload of `pushEvent`, and for `js().exec(…)` in the browser. */
  toJSON(): WireJsCommand[]
  /** The encoded list as JSON: what an attribute holds. */
  toString(): string
}
