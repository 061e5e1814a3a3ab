/** What a field holds beside what the server rendered, and how that is put back behind a patch. */
import { isUploadInput } from './upload-inputs.ts'

export type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement

const fieldSelector = 'input, textarea, select'

/** The fields of a view, without those of the views inside of it. */
export function fieldsOf(view: Element): Field[] {
  return [...view.querySelectorAll<Field>(fieldSelector)].filter(
    (field) => field.closest('[data-phx-session]') === view,
  )
}

/** Whether the user, or the browser for them, has changed it. */
export function isChanged(field: Field): boolean {
  if (field instanceof HTMLSelectElement) return isChangedSelect(field)
  if (isUploadInput(field)) return field.files?.length !== 0
  if (isTick(field)) return field.checked !== field.defaultChecked
  return field.type !== 'file' && field.value !== field.defaultValue && field.value !== untouchedValue(field)
}

/** What the browser makes of the rendered value, or of none: a range stands in the middle, a colour is black, blanks of a number go. */
function untouchedValue(field: HTMLInputElement | HTMLTextAreaElement): string {
  const untouched = document.createElement(field.localName) as HTMLInputElement | HTMLTextAreaElement
  for (const name of ['type', 'min', 'max', 'step', 'multiple']) {
    const value = field.getAttribute(name)
    if (value !== null) untouched.setAttribute(name, value)
  }
  untouched.defaultValue = field.defaultValue
  return untouched.value
}

function isChangedSelect(field: HTMLSelectElement): boolean {
  const options = [...field.options]
  if (options.some((option) => option.defaultSelected)) {
    return options.some((option) => option.selected !== option.defaultSelected)
  }
  // Without a default the browser shows the first of a list that takes one.
  return field.multiple ? field.selectedOptions.length > 0 : field.selectedIndex > 0
}

/** Remembers what a field holds. What is given back puts it into that field, or into the one that has come in its place. */
export function hold(field: Field): (field: Field) => void {
  if (field instanceof HTMLSelectElement) return holdSelect(field)
  if (isUploadInput(field)) {
    const { files } = field
    return (now) => {
      if (isUploadInput(now) && now !== field) now.files = files
    }
  }
  if (isTick(field)) {
    const { checked } = field
    return (now) => {
      if (isTick(now) && now.checked !== checked) now.checked = checked
    }
  }
  const { value } = field
  return (now) => {
    // Setting the same again would take the caret away.
    if (now.value !== value) now.value = value
  }
}

function holdSelect(field: HTMLSelectElement): (field: Field) => void {
  const values = new Set([...field.selectedOptions].map((option) => option.value))
  return (now) => {
    if (!(now instanceof HTMLSelectElement)) return
    for (const option of now.options) {
      const selected = values.has(option.value)
      if (option.selected !== selected) option.selected = selected
    }
  }
}

/** What the server has rendered for it: differs when that differs. */
export function renderedOf(field: Field): string {
  if (field instanceof HTMLSelectElement) {
    return JSON.stringify([...field.options].map((option) => [option.value, option.defaultSelected]))
  }
  return isTick(field) ? String(field.defaultChecked) : field.defaultValue
}

function isTick(field: Element): field is HTMLInputElement {
  return field instanceof HTMLInputElement && (field.type === 'checkbox' || field.type === 'radio')
}

/** Where a field stands in its view: also one that is another element now (the id of a file input changes) is found by it. */
export function placeOf(field: Field, view: Element): (view: Element) => Field | undefined {
  const alike = (all: readonly Field[]): Field[] =>
    all.filter((other) => other.name === field.name && other.type === field.type)
  const at = alike(fieldsOf(view)).indexOf(field)
  return (now) => (field.isConnected ? field : field.name === '' ? undefined : alike(fieldsOf(now))[at])
}
