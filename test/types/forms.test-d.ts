import { type } from 'arktype'
import { createLiveComponent, createLiveView, html } from 'liveloom'
import {
  type EventsOf,
  type Field,
  type Form,
  form,
  type FormError,
  type FormList,
  type FormRow,
  type FormScope,
  type InferInput,
  type InferOutput,
  type StandardSchema,
} from 'liveloom/forms'
import * as v from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'

const Person = z.object({
  email: z.string(),
  age: z.string().transform(Number),
  tags: z.array(z.string()).default([]),
  address: z.object({ city: z.string() }).optional(),
  items: z.array(z.object({ name: z.string() })),
})
const person = form(Person)

describe('a form', () => {
  it('has the fields that its schema takes in', () => {
    expectTypeOf(person).toEqualTypeOf<Form<typeof Person>>()
    expectTypeOf(person.field).parameter(0).toEqualTypeOf<'email' | 'age' | 'tags' | 'address' | 'items'>()
    expectTypeOf(person.field('email')).toEqualTypeOf<Field>()
    expectTypeOf(person.field('email').errors).toEqualTypeOf<readonly FormError[]>()
    // @ts-expect-error The schema has no such field.
    person.field('name')
  })

  it('has groups where the schema has objects', () => {
    const address = person.nested('address')
    expectTypeOf(address).toEqualTypeOf<FormScope<{ city: string }>>()
    expectTypeOf(address.field).parameter(0).toEqualTypeOf<'city'>()
    // @ts-expect-error A text is no group.
    person.nested('email')
    // @ts-expect-error A list is no group.
    person.nested('items')
  })

  it('has lists where the schema has arrays of objects', () => {
    const items = person.list('items')
    expectTypeOf(items).toEqualTypeOf<FormList<{ name: string }>>()
    expectTypeOf(items.rows).toEqualTypeOf<readonly FormRow<{ name: string }>[]>()
    // @ts-expect-error The rows have no such field.
    items.rows[0]?.field('email')
    // @ts-expect-error A list of texts has no fields below it.
    person.list('tags')
    // @ts-expect-error A group is no list.
    person.list('address')
  })

  it('has the fields of every case of a union', () => {
    const either = form(z.union([z.object({ a: z.string() }), z.object({ b: z.object({ c: z.string() }) })]))
    expectTypeOf(either.field).parameter(0).toEqualTypeOf<'a' | 'b'>()
    expectTypeOf(either.nested('b').field).parameter(0).toEqualTypeOf<'c'>()
  })

  it('has any field when its schema takes anything', () => {
    const anything = form(z.unknown())
    expectTypeOf(anything.field).parameter(0).toEqualTypeOf<string>()
    expectTypeOf(anything.nested('a').list('b').rows[0]!.field).parameter(0).toEqualTypeOf<string>()
  })

  it('begins with some of its fields, printed or not', () => {
    form(Person, { email: 'a', age: 7, tags: ['x', 1], address: null, items: [{ name: undefined }, {}] })
    const saved: InferOutput<typeof Person> = { email: 'a', age: 7, tags: [], items: [] }
    form(Person, saved)
    // @ts-expect-error There is no such field.
    form(Person, { name: 'x' })
    // @ts-expect-error A field holds no group.
    form(Person, { email: { x: 1 } })
    // @ts-expect-error A list begins with rows.
    form(Person, { items: { name: 'x' } })
  })

  it('gives what comes out of the schema', async () => {
    expectTypeOf(person.data).toEqualTypeOf<InferOutput<typeof Person> | undefined>()
    expectTypeOf(await person.validate({})).toEqualTypeOf<Form<typeof Person>>()
    const { ok, data, form: next } = await person.submit({})
    expectTypeOf(next).toEqualTypeOf<Form<typeof Person>>()
    expectTypeOf(data).not.toBeAny()
    if (ok) expectTypeOf(data.age).toEqualTypeOf<number>()
    else expectTypeOf(data).toEqualTypeOf<undefined>()
  })

  it('takes errors by field', () => {
    person.withErrors('nothing fits')
    person.withErrors({ email: 'is taken', address: { city: ['far', 'away'] }, items: { 3: { name: 'odd' } } })
    person.withErrors({ items: 'too many', tags: { 0: 'odd' } })
    // @ts-expect-error There is no such field.
    person.withErrors({ name: 'x' })
    // @ts-expect-error An error is a text.
    person.withErrors({ email: 7 })
  })

  it('is made of any validator', () => {
    const withValibot = form(v.object({ age: v.pipe(v.string(), v.transform(Number)) }))
    expectTypeOf(withValibot.field).parameter(0).toEqualTypeOf<'age'>()
    expectTypeOf(withValibot.data).toEqualTypeOf<{ age: number } | undefined>()
    const withArktype = form(type({ age: 'string.numeric.parse', 'rows?': type({ a: 'string' }).array() }))
    expectTypeOf(withArktype.field).parameter(0).toEqualTypeOf<'age' | 'rows'>()
    expectTypeOf(withArktype.data).toEqualTypeOf<{ age: number; rows?: { a: string }[] } | undefined>()
    expectTypeOf(withArktype.list('rows').rows[0]!.field).parameter(0).toEqualTypeOf<'a'>()
    // @ts-expect-error A function is no schema.
    form(() => true)
  })
})

describe('the types of a schema', () => {
  it('are those of its validator', () => {
    const schema = z.string().transform(Number)
    expectTypeOf<InferInput<typeof schema>>().toEqualTypeOf<string>()
    expectTypeOf<InferOutput<typeof schema>>().toEqualTypeOf<number>()
    expectTypeOf(schema).toExtend<StandardSchema<string, number>>()
    expectTypeOf(v.string()).toExtend<StandardSchema<string, string>>()
    expectTypeOf(type('string')).toExtend<StandardSchema<string, string>>()
  })
})

describe('events by their schemas', () => {
  const schemas = {
    remove: z.object({ id: z.coerce.number(), type: z.string() }),
    rename: v.object({ name: v.string(), note: v.optional(v.string()) }),
    sort: type('string[]'),
    clear: z.unknown(),
    move: z.discriminatedUnion('way', [
      z.object({ way: z.literal('by'), steps: z.number() }),
      z.object({ way: z.literal('to'), place: z.string() }),
    ]),
  }
  type Events = EventsOf<typeof schemas>

  it('are told apart by type', () => {
    const event = {} as Events
    expectTypeOf(event.type).toEqualTypeOf<'remove' | 'rename' | 'sort' | 'clear' | 'move'>()
    // @ts-expect-error Only one of the events has an id.
    void event.id
    switch (event.type) {
      case 'remove':
        expectTypeOf(event.id).toEqualTypeOf<number>()
        expectTypeOf(event.values.type).toEqualTypeOf<string>()
        break
      case 'rename':
        expectTypeOf(event.name).toEqualTypeOf<string>()
        expectTypeOf(event.note).toEqualTypeOf<string | undefined>()
        break
      case 'sort':
        expectTypeOf(event.values).toEqualTypeOf<string[]>()
        break
      case 'clear':
        expectTypeOf(event.values).toBeUnknown()
        break
      case 'move':
        if (event.way === 'by') expectTypeOf(event.steps).toEqualTypeOf<number>()
        else expectTypeOf(event.place).toEqualTypeOf<string>()
        break
      default:
        expectTypeOf(event).toBeNever()
    }
  })

  it('may be none', () => {
    expectTypeOf<EventsOf<Record<never, never>>>().toBeNever()
  })
})

describe('the schemas of a view’s events', () => {
  const schemas = { remove: z.object({ id: z.coerce.number() }), clear: z.unknown() }
  type Checked = EventsOf<typeof schemas>
  type Written = { type: 'remove'; id: number } | { type: 'clear' }
  const render = () => html`<p></p>`

  it('list every event', () => {
    createLiveView<object, Checked>({ events: schemas, render })
    createLiveView<object, Written>({ events: schemas, render })
    createLiveView<object, { type: 'remove' | 'clear' }>({ events: schemas, render })
    createLiveComponent<object, Checked>({ events: schemas, render })
    createLiveComponent<object, Written>({ events: schemas, render })
    // @ts-expect-error There is no schema for 'more'.
    createLiveView<object, Written | { type: 'more' }>({ events: schemas, render })
    // @ts-expect-error There is no schema for 'more'.
    createLiveView<object, Checked | { type: 'more' }>({ events: schemas, render })
    // @ts-expect-error There is no schema for 'more'.
    createLiveComponent<object, Written | { type: 'more' }>({ events: schemas, render })
    // @ts-expect-error There is no event 'more'.
    createLiveView<object, Written>({ events: { ...schemas, more: z.unknown() }, render })
  })

  it('give what the events promise', () => {
    createLiveView<object, { type: 'remove'; id: string | number }>({ events: { remove: schemas.remove }, render })
    createLiveView<object, { type: 'remove'; values: { id: number } }>({ events: { remove: schemas.remove }, render })
    createLiveView<object, { type: 'to'; id?: string | undefined } | { type: 'to'; at: number }>({
      events: { to: z.union([z.object({ id: z.string().optional() }), z.object({ at: z.number() })]) },
      render,
    })
    // @ts-expect-error The schema gives a number.
    createLiveView<object, { type: 'remove'; id: Date }>({ events: { remove: schemas.remove }, render })
    // @ts-expect-error The schema gives a number.
    createLiveComponent<object, { type: 'remove'; id: Date }>({ events: { remove: schemas.remove }, render })
    // @ts-expect-error The schema gives a text, of valibot.
    createLiveView<object, { type: 'a'; id: Date }>({ events: { a: v.object({ id: v.string() }) }, render })
    // @ts-expect-error The schema gives a text, of arktype.
    createLiveView<object, { type: 'a'; id: Date }>({ events: { a: type({ id: 'string' }) }, render })
    // @ts-expect-error The schema gives anything.
    createLiveView<object, { type: 'a'; id: Date }>({ events: { a: z.unknown() }, render })
    // @ts-expect-error The values are another thing, whole.
    createLiveView<object, { type: 'a'; values: number }>({ events: { a: z.string() }, render })
    // @ts-expect-error These are not the schemas that the events were made of.
    createLiveView<object, Checked>({ events: { remove: z.object({ id: z.string() }), clear: z.unknown() }, render })
  })

  it('must be there when the events were made of them', () => {
    createLiveView<object, Written>({ render })
    // @ts-expect-error Nobody asks the schemas.
    createLiveView<object, Checked>({ render })
    // @ts-expect-error Nobody asks the schemas.
    createLiveView<object, Checked>({ events: undefined, render })
    // @ts-expect-error Nobody asks the schemas.
    createLiveComponent<object, Checked>({ render })
    // @ts-expect-error Nobody asks the schemas.
    createLiveView<object, Extract<Checked, { type: 'remove' }>>({ render })
  })

  it('may be any when the events are not known', () => {
    createLiveView({ events: schemas, handleEvent: (_, { type }) => void type, render })
    createLiveComponent({ events: schemas, render })
    createLiveView<object, { type: string; id: number }>({ events: schemas, render })
    createLiveView<object, never>({ render })
    expectTypeOf<Checked>().toExtend<Written>()
  })
})
