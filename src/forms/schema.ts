/**
 * The shape that validators share: Standard Schema, version 1 (https://standardschema.dev). zod, valibot, arktype and others have
 * it, so none of them is needed here.
 */
import { describe, LiveError } from '../errors.ts'
import { type FormError, formError } from './error.ts'

/** A validator: a schema of zod, valibot, arktype, or anything else with the property `~standard`. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    /** Never there at run time: it only carries the types. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** What a validator answers. `issues`, when there, say that it refused. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What goes into a schema. */
export type InferInput<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>['input']

/** What comes out of a schema. */
export type InferOutput<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>['output']

/** What a schema says of a value. */
export type Validation<Output> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly issues: readonly FormError[] }

/** Asks the schema. A promise comes only of a validator that is async; one that throws is the program's mistake, and passes. */
export function validate<Schema extends StandardSchema>(
  schema: Schema,
  value: unknown,
): Validation<InferOutput<Schema>> | Promise<Validation<InferOutput<Schema>>> {
  const result = schema['~standard'].validate(value)
  return 'then' in result ? result.then(toValidation) : toValidation(result)
}

/** @throws {LiveError} `ERR_FORM` when `schema` is none. `where` begins the message. */
export function checkSchema(where: string, schema: unknown): void {
  const isObject = (typeof schema === 'object' && schema !== null) || typeof schema === 'function'
  const standard = isObject ? (schema as Partial<StandardSchema>)['~standard'] : undefined
  if (standard?.version === 1 && typeof standard.validate === 'function') return
  throw new LiveError('ERR_FORM', `${where}: expected a Standard Schema (zod, valibot, …), got ${describe(schema)}`)
}

function toValidation<Output>(result: SchemaResult<Output>): Validation<Output> {
  if (result.issues === undefined) return { ok: true, value: result.value }
  // A path may be no plain array: that of arktype makes more of its kind when it is mapped.
  return {
    ok: false,
    issues: result.issues.map(({ message, path = [] }) => formError(message, Array.from(path, toName))),
  }
}

function toName(step: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof step === 'object' ? step.key : step)
}
