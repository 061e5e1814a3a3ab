/** Commands that the browser runs by itself, from any `phx-*` attribute. */
export { js } from './js/js.ts'
export type { JsCommands } from './js/commands.ts'
export type { JsonObject, JsonValue } from './protocol/json-values.ts'
export type {
  JsClasses,
  JsClassOptions,
  JsDispatchOptions,
  JsEventTarget,
  JsHideOptions,
  JsNavigateOptions,
  JsPushOptions,
  JsShowOptions,
  JsTarget,
  JsTargetOptions,
  JsTimeOptions,
  JsToggleOptions,
  JsTransition,
} from './js/options.ts'
export type { WireJsCommand } from './protocol/js-commands.ts'
