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
    /** Never there at run time: it tells that the types are true only when the schemas are asked. */
    readonly [checked]?: never
  } & Spread<InferOutput<Schemas[Type]>>
}[keyof Schemas & string]

declare const checked: unique symbol

type Spread<Output> = unknown extends Output
  ? unknown
  : Output extends readonly unknown[]
    ? unknown
    : Output extends object
      ? { readonly [Name in keyof Output as Exclude<Name, 'type' | 'values'>]: Output[Name] }
      : unknown

/**
 * The option `events` of a view or component whose `handleEvent` takes `Events`: a schema for each of them, and what comes out of it
 * is what the event promises. It may be left out, unless the events are those of {@link EventsOf}.
 */
export type EventsOption<Events extends { readonly type: string }> =
  true extends IsChecked<Events>
    ? {
        /** What each event may bring: `handleEvent` gets what the schema made of it, and never what it refused or what is not listed. */
        readonly events: SchemasFor<Events>
      }
    : {
        /** What each event may bring: `handleEvent` gets what the schema made of it, and never what it refused or what is not listed. */
        readonly events?: SchemasFor<Events> | undefined
      }

type IsChecked<Events extends { readonly type: string }> = string extends Events['type']
  ? false
  : Events extends unknown
    ? typeof checked extends keyof Events
      ? true
      : false
    : never

/** A schema for each of the events; any schemas when their names are not known. */
export type SchemasFor<Events extends { readonly type: string }> = string extends Events['type']
  ? EventSchemas
  : { readonly [Type in Events['type']]: StandardSchema<unknown, Promised<Events, Type>> }

/** What the events of one type promise to bring. Distributive: of `{ type: 'a' | 'b' }` both. */
type Promised<Events extends { readonly type: string }, Type extends string> = Events extends unknown
  ? Type extends Events['type']
    ? FieldsOf<Events> & (Events extends { readonly values: infer Values } ? Values : unknown)
    : never
  : never

type FieldsOf<Event> =
  Exclude<keyof Event, 'type' | 'values' | typeof checked> extends never
    ? unknown
    : { [Name in keyof Event as Exclude<Name, 'type' | 'values' | typeof checked>]: Event[Name] }

/**
 * The option `params` of a view whose callbacks take `Output`: what the query and the path must be. It may be left out as long as they
 * take them as they come.
 */
export type ParamsOption<Output, Raw> = {
  /** What the query and the path must be: `mount` and `handleParams` get what the schema made of them. */
  readonly params?: StandardSchema<unknown, Output> | undefined
} & (Raw extends Output ? unknown : { readonly params: StandardSchema<unknown, Output> })

/**
 * What a schema makes of the params of a view.
 *
 * @example
 * import { createLiveView, html, type LiveEvent } from 'liveloom'
 * import type { ParamsOf } from 'liveloom/forms'
 * import { z } from 'zod'
 *
 * const params = z.object({ id: z.coerce.number() })
 *
 * export const album = createLiveView<{ id: number }, LiveEvent, never, unknown, ParamsOf<typeof params>>({
 *   params,
 *   handleParams: (socket, _url, { id }) => socket.assign({ id }),
 *   render: ({ id }) => html`<h1>Album ${id}</h1>`,
 * })
 */
export type ParamsOf<Schema extends StandardSchema> = InferOutput<Schema>

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
