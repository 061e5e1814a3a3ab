import { describe, LiveError } from '../errors.ts'
import type { Scalar } from '../forms/inputs.ts'
import { html } from '../template/html.ts'
import type { Rendered } from '../template/rendered.ts'
import { attrs } from '../template/values.ts'

/** What an `<option>` sends. */
export type SelectValue = string | number | bigint | boolean

/** One option: its value, which is its label as well; `[label, value]`; or an object, with what is more to say. */
export type SelectOption = SelectValue | readonly [label: string, value: SelectValue] | LabelledOption | OptionGroup

export interface LabelledOption {
  /** @default the value */
  readonly label?: string | undefined
  readonly value: SelectValue
  /** @default false */
  readonly disabled?: boolean | undefined
}

/** An `<optgroup>`. */
export interface OptionGroup {
  readonly label: string
  readonly options: Iterable<Exclude<SelectOption, OptionGroup>>
  /** @default false */
  readonly disabled?: boolean | undefined
}

/** What is selected: a value, several, or a field of a form. */
export type Selected = Scalar | Iterable<SelectValue> | { is(value: Scalar): boolean }

/**
 * The options of a `<select>`.
 *
 * @param options In order: values, `[label, value]` (so `Object.entries` and a `Map` will do), objects, groups.
 * @param selected A value, several of them, or the field of a form. Values are compared as the browser sends them, as texts. @default none
 * @throws {LiveError} `ERR_TEMPLATE_VALUE` for what is none of these.
 * @example
 * import { html, options_for_select } from 'liveloom'
 *
 * export const countries = (chosen: string) => html`<select name="country">
 *   ${options_for_select(
 *     [
 *       { label: 'Where?', value: '', disabled: true },
 *       { label: 'Europe', options: [['Norway', 'no'], ['Portugal', 'pt']] },
 *       { label: 'America', options: [['Peru', 'pe']] },
 *     ],
 *     chosen,
 *   )}
 * </select>`
 */
export function options_for_select(options: Iterable<SelectOption>, selected?: Selected): readonly Rendered[] {
  const isSelected = testOf(selected)
  return listOf('options_for_select', options).map((option) => {
    if (!isGroup(option)) return optionTag(option, isSelected)
    const { label, options: inner, disabled } = option
    const tags = listOf(`options_for_select: the group ${describe(label)}`, inner).map((one) =>
      optionTag(one, isSelected),
    )
    return html`<optgroup ${attrs({ label, disabled })}>${tags}</optgroup>`
  })
}

function optionTag(option: unknown, isSelected: (value: SelectValue) => boolean): Rendered {
  const { label, value, disabled } = toOption(option)
  return html`<option ${attrs({ value: String(value), disabled, selected: isSelected(value) })}>${label}</option>`
}

function toOption(option: unknown): LabelledOption & { readonly label: string } {
  if (isValue(option)) return { label: String(option), value: option }
  if (Array.isArray(option)) {
    const [label, value] = option as readonly unknown[]
    if (option.length === 2 && typeof label === 'string' && isValue(value)) return { label, value }
  } else if (typeof option === 'object' && option !== null) {
    const { label, value, disabled } = option as Partial<LabelledOption>
    if (isValue(value)) return { label: label ?? String(value), value, disabled }
  }
  throw new LiveError(
    'ERR_TEMPLATE_VALUE',
    `options_for_select: expected a value, [label, value], { label, value } or { label, options }, got ${describe(option)}`,
  )
}

function testOf(selected: Selected | undefined): (value: SelectValue) => boolean {
  if (selected === null || selected === undefined) return () => false
  if (typeof selected === 'object' && 'is' in selected) return (value) => selected.is(value)
  const several = typeof selected === 'object' && Symbol.iterator in selected ? [...selected] : [selected]
  const texts = new Set(several.map(String))
  return (value) => texts.has(String(value))
}

function listOf<T>(where: string, list: Iterable<T>): T[] {
  if (typeof list === 'object' && list !== null && Symbol.iterator in list) return [...list]
  throw new LiveError('ERR_TEMPLATE_VALUE', `${where}: expected a list of options, got ${describe(list)}`)
}

function isGroup(option: unknown): option is OptionGroup {
  return typeof option === 'object' && option !== null && 'options' in option
}

function isValue(value: unknown): value is SelectValue {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}
