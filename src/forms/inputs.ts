/** Types of what a schema takes in: its fields, groups and lists by name. A schema that takes anything may have any of them. */

/** The names of the fields of a group. */
export type NameIn<Input> = unknown extends Input ? string : Input extends object ? keyof Input & string : never

/** What the field `Name` of a group holds. */
export type ValueIn<Input, Name> = unknown extends Input
  ? unknown
  : Input extends object
    ? Name extends keyof Input
      ? Input[Name]
      : never
    : never

/** The names of those fields which hold groups again. */
export type GroupName<Input> = NamesOf<Input, 'group'>

/** The names of those fields which hold lists of groups. */
export type ListName<Input> = NamesOf<Input, 'list'>

/** The group that the field `Name` holds. */
export type GroupIn<Input, Name> = GroupOf<ValueIn<Input, Name>>

/** A row of the list that the field `Name` holds. */
export type RowIn<Input, Name> = GroupOf<RowOf<ValueIn<Input, Name>>>

type NamesOf<Input, Kind extends 'group' | 'list'> = {
  [Name in NameIn<Input>]: [{ group: GroupIn<Input, Name>; list: RowIn<Input, Name> }[Kind]] extends [never]
    ? never
    : Name
}[NameIn<Input>]

type GroupOf<Value> = unknown extends Value
  ? unknown
  : Value extends readonly unknown[] | Scalar
    ? never
    : Value extends object
      ? Value
      : never

type RowOf<Value> = unknown extends Value ? unknown : Value extends readonly (infer Row)[] ? Row : never

/** What a field can print. A `Date` prints as ISO text. */
export type Scalar = string | number | bigint | boolean | Date | null | undefined

/**
 * What a form begins with: the fields of its schema, each of them optional. A field takes any scalar, since what comes out of a
 * schema (a row of your database) often goes into its form again.
 */
export type InitialValues<Input> = unknown extends Input
  ? unknown
  : Input extends Scalar
    ? Scalar
    : Input extends readonly (infer Row)[]
      ? readonly InitialValues<Row>[] | null | undefined
      : { readonly [Name in keyof Input]?: InitialValues<Input[Name]> } | null | undefined

/** Messages by field, nested like the schema's input; rows by their position. A text stands for the whole of what it is put at. */
export type ErrorsFor<Input> =
  | string
  | readonly string[]
  | (unknown extends Input
      ? { readonly [name: string]: ErrorsFor<unknown> }
      : Input extends readonly (infer Row)[]
        ? { readonly [index: number]: ErrorsFor<Row> }
        : Input extends Scalar
          ? never
          : { readonly [Name in keyof Input]?: ErrorsFor<Input[Name]> })
