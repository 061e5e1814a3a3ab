/** Forms: their state and errors, from any Standard Schema validator; and schemas for events. */
export { type Form, form, type FormOptions, type OpenForm, type Submission } from './forms/form.ts'
export type {
  Field,
  FieldAttributes,
  FormList,
  FormRow,
  FormScope,
  HiddenAttributes,
  RowButtonAttributes,
} from './forms/scope.ts'
export type { RowNames } from './forms/row-names.ts'
export type { FormError } from './forms/error.ts'
export type { ErrorsFor, InitialValues } from './forms/inputs.ts'
export type { EventSchemas, EventsOf, ParamsOf } from './forms/events.ts'
export type { InferInput, InferOutput, SchemaIssue, SchemaResult, StandardSchema } from './forms/schema.ts'
