import { csrf_field, focus_wrap, html, options_for_select, type RenderMeta, type Rendered } from 'liveloom'
import { type Form, form, type OpenForm } from 'liveloom/forms'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'

describe('a form without a schema', () => {
  it('has the fields of its type, or any', async () => {
    const open = form<{ name: string; tags: string[] }>({ name: 'a' }, { name: 'user' })
    expectTypeOf(open).toEqualTypeOf<OpenForm<{ name: string; tags: string[] }>>()
    open.field('tags').is(2)
    const submission = await open.submit({})
    expectTypeOf(submission.data).toEqualTypeOf<Readonly<Record<string, unknown>> | undefined>()
    open.withErrors({ name: 'taken' }, { onceUsed: true })
    form().field('anything')
    form({ anything: 1 }).field('anything')
    // @ts-expect-error There is no such field.
    open.field('nmae')
    // @ts-expect-error Nor an error of it.
    open.withErrors({ nmae: 'taken' })
    // @ts-expect-error No such option.
    form({}, { row: {} })
  })

  it('leaves one with a schema as it is', () => {
    const schema = z.object({ age: z.number() })
    expectTypeOf(form(schema, { age: 1 }, { rows: { sort: '*_sort' } })).toEqualTypeOf<Form<typeof schema>>()
    // @ts-expect-error A field is a scalar.
    form(schema, { age: () => 1 })
  })
})

describe('the tags', () => {
  it('take what they say', () => {
    expectTypeOf(options_for_select(['a', 1, ['b', 2], { label: 'c', options: ['d'] }], [1, 'a'])).toEqualTypeOf<
      readonly Rendered[]
    >()
    options_for_select(Object.entries({ a: 1 }), form().field('a'))
    // @ts-expect-error A group holds no group.
    options_for_select([{ label: 'a', options: [{ label: 'b', options: [] }] }])
    // @ts-expect-error A list.
    options_for_select({ a: 1 })
    expectTypeOf(focus_wrap(html`<p></p>`, { id: 'a', class: 'b' })).toEqualTypeOf<Rendered>()
    // @ts-expect-error No id.
    focus_wrap(html`<p></p>`, {})
    expectTypeOf(csrf_field({} as RenderMeta)).toEqualTypeOf<Rendered>()
    // @ts-expect-error The token alone is none.
    csrf_field('token')
  })
})
