/** Which values may stand in a template, as far as their types tell. */
import type { Renderable } from '../protocol/renderable.ts'
import type { Embedded } from './embedded.ts'
import type { Each, EachStream } from './list.ts'
import type { Rendered } from './rendered.ts'
import type { Attrs, Raw, Unchanged } from './values.ts'

/**
 * What a template prints. Lists nest. A plain object is for `class` and `style`: the type cannot see where it stands, so one anywhere else
 * is told when it is rendered. What has prints of its own (JS commands, errors of uploads and forms, hooks) is a {@link Renderable}.
 */
export type TemplateValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Rendered
  | Raw
  | Attrs
  | Each
  | EachStream
  | Embedded
  | Renderable
  | Unchanged
  | Iterable<TemplateValue>
  | { readonly [name: string]: unknown }

/** Why a value does not compile. */
export interface CannotBePrinted<Why extends string> {
  readonly ['html cannot print this']: Why
}

/** For each value of a template what it has to be: itself, if it can be printed. What is `unknown` is told when it is rendered. */
export type Checked<Values extends readonly unknown[]> = {
  readonly [Index in keyof Values]: Values[Index] extends TemplateValue
    ? unknown
    : unknown extends ItemOf<Values[Index]>
      ? unknown
      : CannotBePrinted<Reason<Values[Index]>>
}

type ItemOf<Value> = Value extends readonly (infer Item)[] ? Item : Value

type Reason<Value> =
  Extract<Value, Date> extends never
    ? Extract<Value, PromiseLike<unknown>> extends never
      ? Extract<Value, (...args: never[]) => unknown> extends never
        ? 'print one of its fields, or a text made of it'
        : 'call it'
      : 'await it before the render'
    : 'a Date: say how, as with toLocaleDateString(…)'
