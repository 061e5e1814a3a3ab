import type { FormError } from './error.ts'
import { toInput, toParams } from './params.ts'
import { type InferOutput, type StandardSchema, validate, type Validation } from './schema.ts'

/** Schemas by the event they check. */
export type EventSchemas = Readonly<Record<string, StandardSchema>>

/**
 * The events that schemas let through: a union told apart by `type`. `values` is what came out of the schema, whole; the fields of
 * an object are spread beside it.
 *
 * @example
 * import type { EventsOf } from 'liveloom/forms'
 * import { z } from 'zod'
 *
 * const events = { remove: z.object({ id: z.coerce.number() }), clear: z.unknown() }
 * type Events = EventsOf<typeof events>
 *
 * export const idOf = (event: Events) => (event.type === 'remove' ? event.id : undefined)
 */
export type EventsOf<Schemas extends EventSchemas> = {
  [Type in keyof Schemas & string]: {
    readonly type: Type
    readonly values: InferOutput<Schemas[Type]>
  } & Spread<InferOutput<Schemas[Type]>>
}[keyof Schemas & string]

type Spread<Output> = unknown extends Output
  ? unknown
  : Output extends readonly unknown[]
    ? unknown
    : Output extends object
      ? { readonly [Name in keyof Output as Exclude<Name, 'type' | 'values'>]: Output[Name] }
      : unknown

/** What came of an event's values. */
export type EventReading =
  | { readonly ok: true; readonly values: unknown }
  | { readonly ok: false; readonly issues: readonly FormError[] }

/** The schema of an event; `undefined` when it is not listed. Also an event of the browser's may be called `constructor`. */
export function schemaOf(schemas: EventSchemas, type: string): StandardSchema | undefined {
  return Object.hasOwn(schemas, type) ? schemas[type] : undefined
}

/**
 * Asks the schema of an event. A promise comes only of a schema that is async.
 *
 * @param values The decoded values. Those of a form lose what is no field, and their lists become arrays; others are JSON, and
 * reach the schema as they are.
 */
export function readEvent(
  schema: StandardSchema,
  values: unknown,
  encoding: 'form' | 'json',
): EventReading | Promise<EventReading> {
  const validation = validate(schema, encoding === 'form' ? toInput(toParams(values), {}, 'counted') : values)
  return 'then' in validation ? validation.then(toReading) : toReading(validation)
}

function toReading(validation: Validation<unknown>): EventReading {
  return validation.ok ? { ok: true, values: validation.value } : validation
}
