import { describe, LiveError } from '../errors.ts'
import { type FormError, formError } from './error.ts'
import { type Finding, Findings } from './findings.ts'
import type { ErrorsFor, InitialValues } from './inputs.ts'
import { type Group, initialOf, isGroup, isReserved, paramOf, toInput, toParams, withoutUnused } from './params.ts'
import { ownPatterns, resolveRowNames, type RowNames, withOwnNames } from './row-names.ts'
import { checkSchema, type InferInput, type InferOutput, type StandardSchema, validate } from './schema.ts'
import { type FormState, Scope } from './scope.ts'

export interface FormOptions {
  /** Puts the fields into a group: with `user`, the field `email` is called `user[email]`. @default none */
  readonly name?: string | undefined
  /** The id of the `<form>`, and what begins the ids of its fields. @default the name */
  readonly id?: string | undefined
  /**
   * What the fields are called that order, add and drop the rows of lists: with `{ sort: '*_sort', drop: '*_drop' }` those of the list `users`
   * are `users_sort[]` and `users_drop[]`, as Ecto has them. @default { sort: '_sort_*', drop: '_drop_*' }
   */
  readonly rows?: RowNames | undefined
}

/** A form without a schema: its values are as they come. `Values` says which fields there are. */
export type OpenForm<Values = unknown> = Form<StandardSchema<Values, Readonly<Record<string, unknown>>>>

/** What a submit came to. */
export type Submission<Schema extends StandardSchema> =
  | { readonly ok: true; readonly data: InferOutput<Schema>; readonly form: Form<Schema> }
  | { readonly ok: false; readonly data?: undefined; readonly form: Form<Schema> }

/**
 * Makes the state of a form: its fields, what they hold, and their errors. It never changes; `validate`, `submit` and `withErrors`
 * give a new one to assign. A new form shows no errors, and is not valid before the page has sent it.
 *
 * @param schema Checks the values: a schema of zod, valibot, arktype, or any other Standard Schema. It sees texts, plain objects
 * and arrays, as the browser sent them.
 * @param values What the fields begin with. A list begins with its rows.
 * @throws {LiveError} `ERR_FORM` when an argument is none of these.
 * @example
 * import { attrs, createLiveView, html } from 'liveloom'
 * import { type Form, form } from 'liveloom/forms'
 * import { z } from 'zod'
 *
 * const Account = z.object({ email: z.email('This is no address') })
 * type Event = { type: 'validate' | 'save' }
 *
 * export const page = createLiveView<{ account: Form<typeof Account> }, Event>({
 *   mount: (socket) => socket.assign({ account: form(Account, {}, { name: 'account' }) }),
 *   handleEvent: async (socket, event) => {
 *     const { account } = socket.context
 *     if (event.type === 'validate') return socket.assign({ account: await account.validate(event.values) })
 *     const submission = await account.submit(event.values)
 *     if (submission.ok) console.log(submission.data.email)
 *     socket.assign({ account: submission.form })
 *   },
 *   render: ({ account }) => html`<form id=${account.id} phx-change="validate" phx-submit="save">
 *     <input type="email" ${attrs(account.field('email').attrs)} />
 *     ${account.field('email').errors.map((error) => html`<p>${error}</p>`)}
 *     <button>Save</button>
 *   </form>`,
 * })
 */
export function form<Schema extends StandardSchema>(
  schema: Schema,
  values?: InitialValues<InferInput<Schema>>,
  options?: FormOptions,
): Form<Schema>
/**
 * Makes the state of a form without a schema: `submit` takes whatever comes, as texts, groups and lists, and errors are those that you
 * give it with `withErrors`.
 *
 * @typeParam Values The fields. @default any
 * @throws {LiveError} `ERR_FORM` for values that are no plain object, or hold functions: those are a schema that is none.
 */
export function form<Values = unknown>(
  values?: (unknown extends Values ? object : InitialValues<Values>) & NoSchema,
  options?: FormOptions,
): OpenForm<Values>
export function form(...given: readonly unknown[]): unknown {
  const [schema, values, options] = isPlain(given[0]) ? [open, ...given] : given
  return makeForm(schema as StandardSchema, values, options as FormOptions | undefined)
}

/** What no schema and no function is. */
interface NoSchema {
  readonly '~standard'?: undefined
  readonly [Symbol.hasInstance]?: undefined
}

/** Nothing, or an object that is written down: no schema of any library, new or old. */
function isPlain(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (typeof value !== 'object' || '~standard' in value) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return (
    (prototype === Object.prototype || prototype === null) &&
    Object.values(value).every((inner) => typeof inner !== 'function')
  )
}

const open: StandardSchema<unknown, Readonly<Record<string, unknown>>> = {
  '~standard': { version: 1, vendor: 'liveloom', validate: (value) => ({ value: value as Group }) },
}

function makeForm(schema: StandardSchema, values: unknown, options: FormOptions | undefined): Form {
  checkSchema('form', schema)
  if (values !== undefined && values !== null && !isGroup(values)) {
    throw new LiveError('ERR_FORM', `form: values must be an object, got ${describe(values)}`)
  }
  const { name = '', id = name, rows } = resolve(options)
  const rowPatterns = rows === undefined ? ownPatterns : resolveRowNames(rows)
  return new Form({ schema, name, id, initial: values ?? {} }, { ...pristine, rowPatterns })
}

/** What stays as it is while the form is filled in. */
interface Settings<Schema> {
  readonly schema: Schema
  readonly name: string
  readonly id: string
  readonly initial: Group
}

interface State<Output> extends FormState {
  readonly params: Group
  /** What the schema saw. */
  readonly input: unknown
  /** There when the schema had nothing to say against it. */
  readonly output: { readonly data: Output } | undefined
}

const pristine: State<never> = {
  params: {},
  input: {},
  findings: new Findings([]),
  sent: false,
  submitted: false,
  rowPatterns: ownPatterns,
  output: undefined,
}

/** The state of a form. Made by {@link form}. */
export class Form<Schema extends StandardSchema = StandardSchema> extends Scope<InferInput<Schema>> {
  readonly #settings: Settings<Schema>
  readonly #state: State<InferOutput<Schema>>

  /** @internal */
  constructor(settings: Settings<Schema>, state: State<InferOutput<Schema>>) {
    const { name, id, initial } = settings
    super(state, { name, id, path: [], params: state.params, initial, fresh: false })
    this.#settings = settings
    this.#state = state
  }

  /** For the `<form>`: without an id the client does not recover it after a reconnect. */
  get id(): string {
    return this.#settings.id === '' ? 'form' : this.#settings.id
  }

  /** Whether the schema took what was sent last, and no error of {@link withErrors} stands. */
  get valid(): boolean {
    return this.#state.output !== undefined
  }

  /** What came out of the schema, while the form is valid. */
  get data(): InferOutput<Schema> | undefined {
    return this.#state.output?.data
  }

  /** Whether the user has tried to submit it. */
  get submitted(): boolean {
    return this.#state.submitted
  }

  /** Every error, also those which no field shows yet. */
  get allErrors(): readonly FormError[] {
    return this.#state.findings.all.map(({ error }) => error)
  }

  /**
   * The form after a change. Fields show their errors once they are used. Always async, since a schema may be.
   *
   * @param values `event.values`, whole. Anything the browser may send: what does not fit is invalid, and nothing throws.
   */
  validate(values: unknown): Promise<Form<Schema>> {
    return this.#check(this.#paramsOf(values), this.#state.submitted, this.#state)
  }

  /** The form after a submit: every field counts as used. The errors of {@link withErrors} are gone, to be found anew. */
  async submit(values: unknown): Promise<Submission<Schema>> {
    const checked = await this.#check(withoutUnused(this.#paramsOf(values)) as Group, true, pristine)
    const { output } = checked.#state
    return output === undefined ? { ok: false, form: checked } : { ok: true, data: output.data, form: checked }
  }

  /**
   * The form with errors that no schema finds, such as a name that is taken. They show at once, and each goes when what its field
   * holds has changed, or with the next submit.
   * @param options `onceUsed`: they are like those of a schema: each shows once its field is used, and all are to be found anew with the next
   * change. For what you check by hand in place of a schema.
   */
  withErrors(
    errors: ErrorsFor<InferInput<Schema>>,
    { onceUsed = false }: { readonly onceUsed?: boolean | undefined } = {},
  ): Form<Schema> {
    const given = [...findingsOf(errors, [], !onceUsed)]
    const findings = new Findings([...this.#state.findings.all, ...given])
    const output = given.length === 0 ? this.#state.output : undefined
    return new Form(this.#settings, { ...this.#state, findings, output })
  }

  #paramsOf(values: unknown): Group {
    const sent = this.#settings.name === '' ? values : paramOf(values, this.#settings.name)
    return withOwnNames(toParams(sent), this.#state.rowPatterns)
  }

  async #check(
    params: Group,
    submitted: boolean,
    before: FormState & { readonly input: unknown },
  ): Promise<Form<Schema>> {
    const { schema, initial } = this.#settings
    const input = toInput(params, initial)
    const validation = await validate(schema, input)
    const found = validation.ok ? [] : validation.issues.map((error) => ({ error, given: false }))
    const kept = before.findings.all.filter(({ error, given }) => given && isSame(before.input, input, error.path))
    const output = validation.ok && kept.length === 0 ? { data: validation.value } : undefined
    return new Form(this.#settings, {
      params,
      input,
      submitted,
      rowPatterns: this.#state.rowPatterns,
      sent: true,
      findings: new Findings([...found, ...kept]),
      output,
    })
  }
}

function resolve(options: FormOptions | undefined): FormOptions {
  const resolved: { name?: string; id?: string; rows?: RowNames } = {}
  for (const [option, value] of Object.entries(options ?? {}) as [string, unknown][]) {
    if (option !== 'name' && option !== 'id' && option !== 'rows') {
      throw new LiveError('ERR_FORM', `form: unknown option '${option}'; known are name, id, rows`)
    }
    if (value === undefined) continue
    if (option === 'rows') {
      resolved.rows = value as RowNames
      continue
    }
    if (typeof value !== 'string' || value === '') {
      throw new LiveError('ERR_FORM', `form: ${option} must be a text that is not empty, got ${describe(value)}`)
    }
    if (option === 'name' && (/[[\]]/.test(value) || isReserved(value))) {
      throw new LiveError(
        'ERR_FORM',
        `form: name must be without brackets, and none of the client's, got ${describe(value)}`,
      )
    }
    resolved[option] = value
  }
  return resolved
}

function* findingsOf(errors: unknown, path: readonly string[], given: boolean): Generator<Finding> {
  if (errors === undefined || errors === null) return
  if (typeof errors === 'string') yield { error: formError(errors, path), given }
  else if (Array.isArray(errors)) for (const message of errors) yield* findingsOf(message, path, given)
  else if (isGroup(errors))
    for (const [name, inner] of Object.entries(errors)) yield* findingsOf(inner, [...path, name], given)
  else throw new LiveError('ERR_FORM', `withErrors: expected texts by field, got ${describe(errors)}`)
}

/** Whether the same was sent at `path`. What was sent is text, lists and groups, so its JSON says all. */
function isSame(before: unknown, after: unknown, path: readonly string[]): boolean {
  return JSON.stringify(valueAt(before, path)) === JSON.stringify(valueAt(after, path))
}

function valueAt(input: unknown, path: readonly string[]): unknown {
  let value = input
  for (const step of path) value = initialOf(value, step)
  return value
}
