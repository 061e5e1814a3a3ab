import { describe, LiveError } from '../errors.ts'
import { printsCommands, type WireJsCommand } from '../protocol/js-commands.ts'
import { type Renderable, renderable } from '../protocol/renderable.ts'
import type { FormError } from './error.ts'
import type { Findings } from './findings.ts'
import type { GroupIn, GroupName, ListName, NameIn, RowIn, Scalar } from './inputs.ts'
import { initialOf, isGroupUsed, isReserved, isUsed, paramOf, type Row, rowsOf } from './params.ts'
import { rowName, type RowPatterns } from './row-names.ts'

/** The attributes of an input. Spread them with `attrs` of `liveloom`: it takes a type, where it would refuse an interface. */
export type FieldAttributes = {
  readonly id: string
  readonly name: string
  readonly value: string
  /** There while the field shows errors. */
  readonly 'aria-invalid': 'true' | undefined
}

/** The attributes of a hidden input. */
export type HiddenAttributes = {
  readonly type: 'hidden'
  readonly name: string
  readonly value: string
}

/** The attributes of a button that adds or removes a row. */
export type RowButtonAttributes = {
  readonly type: 'button'
  readonly name: string
  readonly value: string
  /** A list of JS commands. */
  readonly 'phx-click': Renderable
}

/** One field of a form, as its input shows it. */
export interface Field {
  /** `user[email]`. Of an input that gives a list write `name="${field.name}[]"`. */
  readonly name: string
  readonly id: string
  /** What the user typed, else what the form began with; `''` for nothing, and for a list. */
  readonly value: string
  /** The same of a field that holds a list. */
  readonly values: readonly string[]
  /**
   * The value for an `<input type="date">`: of a `Date` its day in UTC, like `2024-05-06`. What the user typed, and any text, is as in
   * {@link value}; so it is in the two below.
   */
  readonly date: string
  /** The value for an `<input type="datetime-local">`: day and time in UTC, `2024-05-06T17:30`; seconds where there are any. */
  readonly dateTime: string
  /** The value for an `<input type="time">`: the time in UTC, `17:30`; seconds where there are any. */
  readonly time: string
  /** Empty until the field is used. */
  readonly errors: readonly FormError[]
  /** Whether the user has been here, or has submitted the form. */
  readonly used: boolean
  readonly attrs: FieldAttributes
  /**
   * Whether this is the value, or one of the values: for `checked` and `selected`. What the browser sends is text: `is(2)` is true of `2`,
   * and of any other text of that number.
   */
  is(value: Scalar): boolean
}

/** A group of fields: a form, a group in it, a row of a list. */
export interface FormScope<Input> {
  /** What stands before the names of its fields; `''` for a form without a name. */
  readonly name: string
  /** Errors of the group as a whole. Empty until one of its fields is used. */
  readonly errors: readonly FormError[]
  readonly used: boolean
  /** @throws {LiveError} `ERR_FORM` when no field can have this name. */
  field(name: NameIn<Input>): Field
  /** The group of fields below `name`. */
  nested<Name extends GroupName<Input>>(name: Name): FormScope<GroupIn<Input, Name>>
  /** The groups that repeat below `name`. */
  list<Name extends ListName<Input>>(name: Name): FormList<RowIn<Input, Name>>
}

/** Groups that repeat. */
export interface FormList<Input> {
  readonly name: string
  readonly rows: readonly FormRow<Input>[]
  /** Errors of the list as a whole, like too few rows. Empty until a row is used, comes or goes, or the form is submitted. */
  readonly errors: readonly FormError[]
  readonly used: boolean
  /** Of a hidden input that must stand in the form once: it tells an empty list from one that is not in the form. */
  readonly hidden: HiddenAttributes
  /** Of a button in the form that adds a row: at the end when it stands behind the rows, at the start when before them. */
  readonly add: RowButtonAttributes
}

/** One of the groups that repeat. */
export interface FormRow<Input> extends FormScope<Input> {
  /** Who the row is as long as it lives, also when others come and go: the key for `each`. */
  readonly key: string
  /** From 0. */
  readonly index: number
  /** Of a hidden input that must stand in the row: it keeps the order of the rows. */
  readonly hidden: HiddenAttributes
  /** Of a button in the form that removes the row. */
  readonly remove: RowButtonAttributes
}

/** What all scopes of one form read. */
export interface FormState {
  readonly findings: Findings
  /** Whether the page has sent the form at all. */
  readonly sent: boolean
  readonly submitted: boolean
  readonly rowPatterns: RowPatterns
}

/** Where in the form a group stands. */
export interface Place {
  /** What stands before the names of fields, and before their ids. */
  readonly name: string
  readonly id: string
  /** As errors name it. */
  readonly path: readonly string[]
  readonly params: unknown
  readonly initial: unknown
  /** The page has not shown it yet, so nobody can have used it. */
  readonly fresh: boolean
}

/** A button sends no change by itself: the client is told to make one, and sends the button's name and value with the form. */
const commands = JSON.stringify([['dispatch', { event: 'change' }]] satisfies readonly WireJsCommand[])
/** Prints itself, as lists of `js` do: a text that holds commands may be a user's, and templates leave it out. */
const dispatchChange: Renderable = Object.freeze({
  [printsCommands]: true,
  [renderable]: () => commands,
  toString: () => commands,
})

export class Scope<Input> implements FormScope<Input> {
  readonly #state: FormState
  readonly #place: Place

  constructor(state: FormState, place: Place) {
    this.#state = state
    this.#place = place
  }

  get name(): string {
    return this.#place.name
  }

  get used(): boolean {
    const { params, fresh } = this.#place
    return this.#state.sent && !fresh && isGroupUsed(params, this.#state.submitted)
  }

  get errors(): readonly FormError[] {
    return this.#state.findings.at(this.#place.path, this.used)
  }

  field(name: NameIn<Input>): Field {
    const inner = this.#inner(name)
    const used = this.#isUsed(name)
    const errors = this.#state.findings.below(inner.path, used)
    const held = inner.params ?? inner.initial
    const value = Array.isArray(held) ? '' : printed(held)
    const values = Array.isArray(held) ? held.map(printed) : value === '' ? [] : [value]
    const [date, time] = held instanceof Date ? dayAndTime(held) : [value, value]
    const dateTime = held instanceof Date && date !== '' ? `${date}T${time}` : date
    return {
      name: inner.name,
      id: inner.id,
      value,
      values,
      date,
      dateTime,
      time,
      errors,
      used,
      attrs: { id: inner.id, name: inner.name, value, 'aria-invalid': errors.length > 0 ? 'true' : undefined },
      is: (wanted) => (Array.isArray(held) ? values : [value]).some((one) => isSame(one, wanted)),
    }
  }

  nested<Name extends GroupName<Input>>(name: Name): FormScope<GroupIn<Input, Name>> {
    return new Scope(this.#state, this.#inner(name))
  }

  list<Name extends ListName<Input>>(name: Name): FormList<RowIn<Input, Name>> {
    const place = this.#inner(name)
    const rows = this.#rows(name, place)
    const used = this.#isUsed(name) || this.#isChanged(rows, place)
    const { rowPatterns } = this.#state
    const sort = `${nameIn(this.name, rowName(rowPatterns.sort, name))}[]`
    const drop = `${nameIn(this.name, rowName(rowPatterns.drop, name))}[]`
    return {
      name: place.name,
      rows: rows.map((row, index) => this.#row(row, index, place, sort, drop)),
      errors: this.#state.findings.at(place.path, used),
      used,
      hidden: { type: 'hidden', name: drop, value: '' },
      add: { type: 'button', name: sort, value: 'new', 'phx-click': dispatchChange },
    }
  }

  #rows(name: string, { params, initial }: Place): readonly Row[] {
    const rows = rowsOf(this.#place.params, name, initial)
    if (rows !== undefined) return rows
    if (params !== undefined || !Array.isArray(initial)) return []
    return initial.map((_, index) => ({ key: String(index), value: undefined, fresh: false }))
  }

  #row<Group>(row: Row, index: number, list: Place, sort: string, drop: string): FormRow<Group> {
    const scope = new Scope<Group>(this.#state, {
      name: nameIn(list.name, row.key),
      id: idIn(list.id, row.key),
      path: [...list.path, String(index)],
      params: row.value,
      initial: initialOf(list.initial, row.key),
      fresh: list.fresh || row.fresh,
    })
    return Object.assign(scope, {
      key: row.key,
      index,
      hidden: { type: 'hidden', name: sort, value: row.key } as const,
      remove: { type: 'button', name: drop, value: row.key, 'phx-click': dispatchChange } as const,
    })
  }

  #inner(name: string): Place {
    checkName(name)
    const { name: outer, id, path, params, initial, fresh } = this.#place
    return {
      name: nameIn(outer, name),
      id: idIn(id, name),
      path: [...path, name],
      params: paramOf(params, name),
      initial: initialOf(initial, name),
      fresh,
    }
  }

  /** Whether rows came or went, or a submit asked for the whole of them. */
  #isChanged(rows: readonly Row[], { initial, fresh }: Place): boolean {
    if (!this.#state.sent || fresh) return false
    const before = Array.isArray(initial) ? initial.length : 0
    return this.#state.submitted || rows.length !== before || rows.some(({ key }) => Number(key) >= before)
  }

  #isUsed(name: string): boolean {
    const { params, fresh } = this.#place
    return this.#state.sent && !fresh && isUsed(params, name, this.#state.submitted)
  }
}

/** Refuses a name that would not come back as it went out. */
function checkName(name: string): void {
  if (typeof name === 'string' && name !== '' && !/[[\]]/.test(name) && !isReserved(name)) return
  const why = typeof name === 'string' && isReserved(name) ? 'a name that the client uses' : describe(name)
  throw new LiveError('ERR_FORM', `form: the name of a field is text without brackets, got ${why}`)
}

function nameIn(outer: string, name: string): string {
  return outer === '' ? name : `${outer}[${name}]`
}

function idIn(outer: string, name: string): string {
  return outer === '' ? name : `${outer}_${name}`
}

/** As an input shows it. What cannot be shown is nothing: it may have come from the browser. */
function printed(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : ''
}

function isSame(value: string, wanted: Scalar): boolean {
  if (value === printed(wanted)) return true
  return typeof wanted === 'number' && value.trim() !== '' && Number(value) === wanted
}

/** As the inputs for dates take it, in UTC. They know no year before the first. */
function dayAndTime(date: Date): readonly [day: string, time: string] {
  const text = printed(date)
  const [day, clock] = text.split('T')
  if (day === undefined || clock === undefined || /^(?:-|0000)/.test(day)) return ['', '']
  // Years of more than four digits are printed with a sign and zeroes.
  return [day.replace(/^\+0*/, ''), clock.replace('Z', '').replace(/(?::00)?\.000$/, '')]
}
