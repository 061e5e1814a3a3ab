import { type } from 'arktype'
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { renderable } from '../protocol/renderable.ts'
import { decodeForm } from './decode.ts'
import { type Form, form } from './form.ts'
import type { StandardSchema } from './schema.ts'
import type { Field, FormScope } from './scope.ts'

const Person = z.object({
  email: z.email('no address'),
  age: z.coerce.number('no number').min(18, 'too young'),
  tags: z.array(z.enum(['a', 'b'], 'no such tag')).default([]),
  address: z.object({ city: z.string().min(1, 'no city'), zip: z.string().max(5, 'too long') }),
  items: z.array(z.object({ name: z.string().min(1, 'no name') })).min(1, 'too few'),
})

/** What the client's text is to a view. */
function sent(text: string): unknown {
  const decoded = decodeForm(text, { maxFields: 20_000, maxNesting: 16 })
  if (!decoded.ok) throw new Error(decoded.reason)
  return decoded.values
}

function messages({ errors }: Pick<Field, 'errors'>): string[] {
  return errors.map(({ message }) => message)
}

describe('the fields of a form', () => {
  it.each([
    {
      options: {},
      formId: 'form',
      name: 'email',
      id: 'email',
      city: 'address[city]',
      row: 'items[0][name]',
      rowId: 'items_0_name',
    },
    {
      options: { name: 'user' },
      formId: 'user',
      name: 'user[email]',
      id: 'user_email',
      city: 'user[address][city]',
      row: 'user[items][0][name]',
      rowId: 'user_items_0_name',
    },
    {
      options: { name: 'user', id: 'u1' },
      formId: 'u1',
      name: 'user[email]',
      id: 'u1_email',
      city: 'user[address][city]',
      row: 'user[items][0][name]',
      rowId: 'u1_items_0_name',
    },
    {
      options: { id: 'u1' },
      formId: 'u1',
      name: 'email',
      id: 'u1_email',
      city: 'address[city]',
      row: 'items[0][name]',
      rowId: 'u1_items_0_name',
    },
  ])('are named after $options', ({ options, formId, name, id, city, row, rowId }) => {
    const person = form(Person, { items: [{ name: 'x' }] }, options)
    expect(person.id).toBe(formId)
    expect(person.field('email')).toMatchObject({ name, id, attrs: { name, id, value: '' } })
    expect(person.nested('address').field('city').name).toBe(city)
    expect(person.list('items').rows[0]?.field('name')).toMatchObject({ name: row, id: rowId, value: 'x' })
  })

  it.each([
    { initial: 'text', value: 'text', values: ['text'] },
    { initial: '', value: '', values: [] },
    { initial: 7, value: '7', values: ['7'] },
    { initial: 0, value: '0', values: ['0'] },
    { initial: 7n, value: '7', values: ['7'] },
    { initial: true, value: 'true', values: ['true'] },
    { initial: false, value: 'false', values: ['false'] },
    { initial: null, value: '', values: [] },
    { initial: undefined, value: '', values: [] },
    { initial: new Date(0), value: '1970-01-01T00:00:00.000Z', values: ['1970-01-01T00:00:00.000Z'] },
    { initial: new Date(NaN), value: '', values: [] },
    { initial: ['a', 2], value: '', values: ['a', '2'] },
    { initial: { a: 1 }, value: '', values: [] },
  ])('begin with what the program gave: $initial', ({ initial, value, values }) => {
    expect(form(z.unknown(), { x: initial }).field('x')).toMatchObject({ value, values })
  })

  it.each([
    { initial: new Date('2024-05-06T17:30:00Z'), date: '2024-05-06', time: '17:30' },
    { initial: new Date('2024-05-06T17:30:00-08:00'), date: '2024-05-07', time: '01:30' },
    { initial: new Date('2024-05-06T00:00:00Z'), date: '2024-05-06', time: '00:00' },
    { initial: new Date('2024-05-06T17:30:05Z'), date: '2024-05-06', time: '17:30:05' },
    { initial: new Date('2024-05-06T17:30:00.250Z'), date: '2024-05-06', time: '17:30:00.250' },
    { initial: new Date('0099-01-01T00:00:00Z'), date: '0099-01-01', time: '00:00' },
    { initial: new Date('+010000-01-01T00:00:00Z'), date: '10000-01-01', time: '00:00' },
    { initial: new Date('+123456-01-01T00:00:00Z'), date: '123456-01-01', time: '00:00' },
  ])('print a Date for its input: $initial', ({ initial, date, time }) => {
    const field = form(z.unknown(), { x: initial }).field('x')
    expect(field).toMatchObject({ date, time, dateTime: `${date}T${time}`, value: initial.toISOString() })
  })

  it.each([
    { initial: new Date(NaN), value: '' },
    { initial: new Date('0000-12-31T00:00:00Z'), value: '' },
    { initial: new Date('-000001-01-01T00:00:00Z'), value: '' },
    { initial: '2024-05-06', value: '2024-05-06' },
    { initial: 'soon', value: 'soon' },
    { initial: undefined, value: '' },
    { initial: ['2024-05-06'], value: '' },
  ])('print for such an input what else there is: $initial', ({ initial, value }) => {
    const field = form(z.unknown(), { x: initial }).field('x')
    expect(field).toMatchObject({ date: value, time: value, dateTime: value })
  })

  it('print for such an input what was typed', async () => {
    const day = form(z.object({ day: z.iso.date() }), { day: new Date(0) })
    expect(day.field('day').date).toBe('1970-01-01')
    expect((await day.validate(sent('day=2024-05-06'))).field('day').date).toBe('2024-05-06')
    expect((await day.validate(sent('day='))).field('day').date).toBe('')
  })

  it('begin with what an instance inherits', () => {
    class Row {
      get email(): string {
        return 'a@b.org'
      }
    }
    expect(form(Person, new Row()).field('email').value).toBe('a@b.org')
  })

  it('hold what was sent, and else what they began with', async () => {
    const before = form(Person, { email: 'a@b.org', age: 20, address: { city: 'Rome', zip: '1' } }, { name: 'p' })
    const after = await before.validate(sent('p[email]=&p[address][city]=Oslo'))
    expect(after.field('email').value).toBe('')
    expect(after.field('age').value).toBe('20')
    expect(after.nested('address').field('city').value).toBe('Oslo')
    expect(after.nested('address').field('zip').value).toBe('1')
    expect(before.field('email').value).toBe('a@b.org')
  })

  it('tell which choice is theirs', async () => {
    const person = await form(Person).validate(sent('email=x&tags[]=a&tags[]=b'))
    expect(['x', 'y', ''].map((choice) => person.field('email').is(choice))).toEqual([true, false, false])
    expect(['a', 'b', 'c', ''].map((choice) => person.field('tags').is(choice))).toEqual([true, true, false, false])
    expect(person.field('age').is('')).toBe(true)
  })

  it.each(['a[b]', 'a]', '', '_target', '_unused_email', '__proto__'])('are not called %j', (name) => {
    const anything = form(z.unknown())
    for (const ask of [() => anything.field(name), () => anything.nested(name), () => anything.list(name)]) {
      expect(ask).toThrow(expect.objectContaining({ code: 'ERR_FORM' }))
    }
  })
})

describe('a form is refused', () => {
  it.each([
    { make: () => form({ parse() {} }), message: /^form: expected a Standard Schema .* got a plain object/ },
    { make: () => form(new Date()), message: /^form: expected a Standard Schema .* got a Date/ },
    { make: () => form('user' as never), message: /^form: expected a Standard Schema .* got 'user'/ },
    { make: () => form([] as never), message: /^form: expected a Standard Schema .* got an array/ },
    { make: () => form({}, { rows: { add: '*_a' } as object }), message: /^form: unknown option 'rows.add'/ },
    { make: () => form({}, { rows: { sort: 'sort' } }), message: /^form: rows.sort must be a name with one \*/ },
    { make: () => form({}, { rows: { sort: '*' } }), message: /^form: rows.sort must be .* got '\*'/ },
    { make: () => form({}, { rows: { drop: '*[]' } }), message: /^form: rows.drop must be/ },
    { make: () => form({}, { rows: { drop: '_sort_*' } }), message: /^form: rows.sort and rows.drop must differ/ },
    { make: () => form({}, { rows: 'sort' as never }), message: /^form: rows must be an object/ },
    { make: () => form(z.unknown(), 'x'), message: /^form: values must be an object, got 'x'/ },
    { make: () => form(z.unknown(), []), message: /^form: values must be an object, got an array/ },
    { make: () => form(z.unknown(), {}, { name: '' }), message: /^form: name must be .* got ''/ },
    {
      make: () => form(z.unknown(), {}, { name: 'a[b]' }),
      message: /^form: name must be without brackets.* got 'a\[b\]'/,
    },
    { make: () => form(z.unknown(), {}, { name: '_target' }), message: /^form: name must be/ },
    { make: () => form(z.unknown(), {}, { id: 7 as unknown as string }), message: /^form: id must be .* got 7/ },
    { make: () => form(z.unknown(), {}, { as: 'user' } as object), message: /^form: unknown option 'as'/ },
    { make: () => form(z.unknown()).withErrors(7 as unknown as string), message: /^withErrors: expected texts/ },
  ])('$message', ({ make, message }) => {
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_FORM', message: expect.stringMatching(message) }))
  })
})

describe('a form without a schema', () => {
  it('takes what comes, as texts, groups and lists', async () => {
    const open = form({ name: 'Ada', tags: ['a'] }, { name: 'user' })
    expect([open.field('name').attrs.name, open.field('name').value]).toEqual(['user[name]', 'Ada'])
    const user = sent('user[name]=Bo&user[rows][0][n]=1&user[_unused_x]=&user[x]=')
    expect(await open.submit(user)).toMatchObject({
      ok: true,
      data: { name: 'Bo', rows: [{ n: '1' }], x: '' },
      form: { valid: true },
    })
    expect((await open.validate(7)).data).toEqual({})
  })

  it('begins with nothing at all, and has any field', () => {
    expect(form().field('whatever').value).toBe('')
    expect(form<{ name: string }>().field('name').value).toBe('')
  })

  it('shows errors given by hand: at once, or once their field is used', async () => {
    const open = await form({ name: '', city: '' }).validate(sent('name=x&_unused_city=&city='))
    const now = open.withErrors({ city: 'Where?' })
    expect([now.valid, now.field('city').errors.map(({ message }) => message)]).toEqual([false, ['Where?']])
    const later = open.withErrors({ name: 'Longer', city: 'Where?' }, { onceUsed: true })
    expect([later.field('name').errors.map(({ message }) => message), later.field('city').errors, later.valid]).toEqual(
      [['Longer'], [], false],
    )
    expect(later.allErrors).toHaveLength(2)
    const again = await later.validate(sent('name=x&city='))
    expect([again.allErrors, again.valid]).toEqual([[], true])
  })
})

describe('the names of rows', () => {
  const group = form(
    { users: [{ name: 'Ada' }], users_sort: 'by name' },
    { name: 'group', rows: { sort: '*_sort', drop: '*_drop' } },
  )

  it('are as the form says', () => {
    const users = group.list('users')
    expect([users.hidden.name, users.add.name, users.rows[0]!.hidden.name, users.rows[0]!.remove.name]).toEqual([
      'group[users_drop][]',
      'group[users_sort][]',
      'group[users_sort][]',
      'group[users_drop][]',
    ])
  })

  it('order, add and drop, and reach no schema; a field may be called the same', async () => {
    const text =
      'group[users_sort][]=0&group[users][0][name]=Ada&group[users][3][name]=Bo&group[users_drop][]=&group[users_drop][]=3&group[users_sort][]=new'
    const changed = await group.validate(sent(text))
    expect(changed.list('users').rows.map((row) => row.field('name').value)).toEqual(['Ada', ''])
    expect(changed.data).toEqual({ users: [{ name: 'Ada' }, {}] })
    expect((await group.submit(sent('group[users_sort]=by date&group[users_drop][]='))).data).toEqual({
      users_sort: 'by date',
      users: [],
    })
    const deep = await form({}, { rows: { sort: '*_sort' } }).submit(sent('a[b_sort][]=new&a[b_sort][]=new'))
    expect(deep.data).toEqual({ a: { b: [{}, {}] } })
  })
})

describe('a field', () => {
  it.each<{ held: unknown; wanted: string | number | bigint | boolean | null; is: boolean }>([
    { held: '2', wanted: 2, is: true },
    { held: '2.50', wanted: 2.5, is: true },
    { held: 2, wanted: '2', is: true },
    { held: 2, wanted: 2, is: true },
    { held: '2', wanted: 2n, is: true },
    { held: '2.0', wanted: '2', is: false },
    { held: '', wanted: 0, is: false },
    { held: ' ', wanted: 0, is: false },
    { held: 'x', wanted: Number.NaN, is: false },
    { held: 'true', wanted: true, is: true },
    { held: undefined, wanted: null, is: true },
    { held: ['1', '2'], wanted: 2, is: true },
    { held: ['1', '2'], wanted: 3, is: false },
  ])('that holds $held is $wanted: $is', ({ held, wanted, is }) => {
    expect(form({ field: held }).field('field').is(wanted)).toBe(is)
  })
})

describe('the errors of a form', () => {
  it('are not shown before anything was sent', () => {
    const person = form(Person)
    expect(person).toMatchObject({ valid: false, data: undefined, submitted: false, used: false, errors: [] })
    expect(person.field('email')).toMatchObject({ errors: [], used: false, attrs: { 'aria-invalid': undefined } })
  })

  it('are shown at the fields that were used', async () => {
    const text = 'email=x&_unused_age=&age=&address[city]=&address[_unused_zip]=&address[zip]=123456'
    const person = await form(Person).validate(sent(text))
    expect(messages(person.field('email'))).toEqual(['no address'])
    expect(person.field('email').attrs['aria-invalid']).toBe('true')
    expect(messages(person.field('age'))).toEqual([])
    const address = person.nested('address')
    expect(address.used).toBe(true)
    expect(messages(address.field('city'))).toEqual(['no city'])
    expect(messages(address.field('zip'))).toEqual([])
    expect(person.allErrors.map(({ path }) => path.join('.'))).toEqual([
      'email',
      'age',
      'address.city',
      'address.zip',
      'items',
    ])
  })

  it('are all shown after a submit', async () => {
    const { ok, data, form: person } = await form(Person, {}, { name: 'p' }).submit(sent('p[_unused_email]=&p[email]='))
    expect({ ok, data }).toEqual({ ok: false, data: undefined })
    expect(person.submitted).toBe(true)
    expect(messages(person.field('email'))).toEqual(['no address'])
    expect(messages(person.field('age'))).toEqual(['no number'])
    expect(person.list('items').used).toBe(true)
  })

  it('after a submit stay shown for what sends nothing, and not for what is new', async () => {
    const Choice = z.object({ color: z.string('choose one'), more: z.string().min(1, 'say more'), name: z.string() })
    const { form: submitted } = await form(Choice).submit(sent('name='))
    const changed = await submitted.validate(sent('name=x&_unused_more=&more='))
    expect(messages(changed.field('color'))).toEqual(['choose one'])
    expect(messages(changed.field('more'))).toEqual([])
  })

  it('of items are those of their list', async () => {
    const person = await form(Person).validate(sent('tags[]=a&tags[]=x'))
    expect(messages(person.field('tags'))).toEqual(['no such tag'])
  })

  it('of the whole stand at the form', async () => {
    const Pair = z.object({ a: z.string(), b: z.string() }).refine(({ a, b }) => a === b, 'not the same')
    const untouched = await form(Pair).validate(sent('_unused_a=&a=1&_unused_b=&b=2'))
    expect(messages(untouched)).toEqual([])
    const touched = await form(Pair).validate(sent('_unused_a=&a=1&b=2'))
    expect(messages(touched)).toEqual(['not the same'])
    expect(messages(touched.field('a'))).toEqual([])
  })

  it('print their message, and tell their place', async () => {
    const person = await form(Person).validate(sent('items[4][name]='))
    const [error] = person.list('items').rows[0]!.field('name').errors
    expect(error?.[renderable]()).toBe('no name')
    expect(error?.path).toEqual(['items', '0', 'name'])
  })

  it('of a field do not show at another whose name begins alike', async () => {
    const Names = z.object({ a: z.string(), ab: z.string().min(9, 'too short') })
    const names = await form(Names).validate(sent('a=x&ab=y'))
    expect(messages(names.field('a'))).toEqual([])
    expect(messages(names.field('ab'))).toEqual(['too short'])
  })
})

describe('a valid form', () => {
  const text = 'p[email]=a@b.org&p[age]=20&p[tags][]=a&p[address][city]=Rome&p[address][zip]=1&p[items][3][name]=x'
  const data = { email: 'a@b.org', age: 20, tags: ['a'], address: { city: 'Rome', zip: '1' }, items: [{ name: 'x' }] }

  it('has what the schema made of it', async () => {
    const person = await form(Person, {}, { name: 'p' }).validate(sent(text))
    expect(person).toMatchObject({ valid: true, data, allErrors: [] })
    expect(await person.submit(sent(text))).toMatchObject({ ok: true, data, form: { valid: true, data } })
  })

  it('is one for an async schema too', async () => {
    const Free = z.object({ name: z.string().refine(async (name) => name !== 'ada', 'taken') })
    expect(await form(Free).submit(sent('name=bob'))).toMatchObject({ ok: true, data: { name: 'bob' } })
    const refused = await form(Free).submit(sent('name=ada'))
    expect(messages(refused.form.field('name'))).toEqual(['taken'])
  })

  it('passes on what its schema throws', async () => {
    const fail = (): never => {
      throw new Error('a mistake')
    }
    const broken = form({ '~standard': { version: 1, vendor: 'ours', validate: fail } })
    await expect(broken.validate({})).rejects.toThrow('a mistake')
  })
})

describe('errors that the program gives', () => {
  const good = 'email=a@b.org&age=20&address[city]=Rome&address[zip]=1&items[0][name]=x'

  it('show at once, and make the form invalid', async () => {
    const { form: person } = await form(Person).submit(sent(good))
    const refused = person.withErrors({
      email: 'is taken',
      address: { city: ['too far', 'too big'] },
      items: { 0: { name: 'unknown' } },
    })
    expect(refused).toMatchObject({ valid: false, data: undefined })
    expect(messages(refused.field('email'))).toEqual(['is taken'])
    expect(messages(refused.nested('address').field('city'))).toEqual(['too far', 'too big'])
    expect(messages(refused.list('items').rows[0]!.field('name'))).toEqual(['unknown'])
    expect(messages(form(Person).withErrors('not today'))).toEqual(['not today'])
    expect(person.withErrors({})).toMatchObject({ valid: true })
  })

  it('stay until their field changes', async () => {
    const { form: person } = await form(Person).submit(sent(good))
    const refused = person.withErrors({ email: 'is taken' })
    const other = await refused.validate(sent(good.replace('Rome', 'Oslo')))
    expect(messages(other.field('email'))).toEqual(['is taken'])
    expect(other.valid).toBe(false)
    const mended = await other.validate(sent(good.replace('a@b.org', 'b@b.org')))
    expect(messages(mended.field('email'))).toEqual([])
    expect(mended.valid).toBe(true)
  })

  it('go with the next submit', async () => {
    const { form: person } = await form(Person).submit(sent(good))
    expect(await person.withErrors({ email: 'is taken' }).submit(sent(good))).toMatchObject({ ok: true })
  })
})

describe('a list in a form', () => {
  const start = form(Person, { items: [{ name: 'a' }, { name: 'b' }] }, { name: 'p' })
  const shown = (person: Form<typeof Person>): string[] =>
    person
      .list('items')
      .rows.map((row) => `${row.index} ${row.key} ${row.field('name').name} ${row.field('name').value}`)

  it('begins with its rows', () => {
    expect(shown(start)).toEqual(['0 0 p[items][0][name] a', '1 1 p[items][1][name] b'])
    expect(form(Person).list('items').rows).toEqual([])
  })

  it('has the inputs and buttons that keep it', () => {
    const items = start.list('items')
    expect(items.hidden).toEqual({ type: 'hidden', name: 'p[_drop_items][]', value: '' })
    expect(items.add).toMatchObject({ type: 'button', name: 'p[_sort_items][]', value: 'new' })
    expect(items.rows[1]?.hidden).toEqual({ type: 'hidden', name: 'p[_sort_items][]', value: '1' })
    expect(items.rows[1]?.remove).toMatchObject({ type: 'button', name: 'p[_drop_items][]', value: '1' })
    expect(form(Person).list('items').hidden.name).toBe('_drop_items[]')
  })

  it('keeps the keys of its rows while others come and go', async () => {
    const rows = 'p[_sort_items][]=0&p[items][0][name]=a&p[_sort_items][]=1&p[items][1][name]=b&p[_drop_items][]='
    const added = await start.validate(sent(`${rows}&p[_sort_items][]=new`))
    expect(shown(added)).toEqual(['0 0 p[items][0][name] a', '1 1 p[items][1][name] b', '2 2 p[items][2][name] '])
    const removed = await added.validate(sent(`${rows}&p[_sort_items][]=2&p[items][2][name]=&p[_drop_items][]=0`))
    expect(shown(removed)).toEqual(['0 1 p[items][1][name] b', '1 2 p[items][2][name] '])
    const none = await removed.validate(sent('p[_drop_items][]='))
    expect(shown(none)).toEqual([])
  })

  it('shows errors of its own, and of the used fields of its rows', async () => {
    const text = 'p[items][7][name]=&p[items][9][_unused_name]=&p[items][9][name]='
    const person = await start.validate(sent(text))
    expect(person.list('items').rows.map((row) => messages(row.field('name')))).toEqual([['no name'], []])
    const { form: empty } = await start.submit(sent('p[_drop_items][]='))
    expect(messages(empty.list('items'))).toEqual(['too few'])
  })

  it.each([
    { text: 'p[_sort_items][]=0&p[items][0][_unused_name]=&p[items][0][name]=a', used: true, why: 'a row went' },
    { text: 'p[_sort_items][]=0&p[_sort_items][]=1&p[_sort_items][]=new', used: true, why: 'a row came' },
    { text: 'p[_sort_items][]=0&p[_sort_items][]=7', used: true, why: 'one row came and one went' },
    { text: 'p[_drop_items][]=', used: true, why: 'all rows went' },
    { text: 'p[_sort_items][]=1&p[_sort_items][]=0', used: false, why: 'rows only moved' },
    { text: 'p[email]=x', used: false, why: 'it was not in the form' },
    { text: 'p[items][0][name]=&p[_sort_items][]=0&p[_sort_items][]=1', used: true, why: 'a field of a row was used' },
  ])('is used ($used) when $why', async ({ text, used }) => {
    const person = await start.validate(sent(text))
    expect(person.list('items').used).toBe(used)
    expect(start.list('items').used).toBe(false)
  })

  it('after a submit shows its own errors, however its rows come', async () => {
    const Short = z.object({ items: z.array(z.object({ name: z.string() })).max(1, 'too many') })
    const { form: submitted } = await form(Short).submit(sent('_drop_items[]='))
    const rows = '_sort_items[]=0&items[0][_unused_name]=&items[0][name]=&_sort_items[]=new'
    expect(messages((await submitted.validate(sent(rows))).list('items'))).toEqual(['too many'])
  })

  it('shows no errors in a row that was only just added, also after a submit', async () => {
    const { form: submitted } = await start.submit(sent('p[_sort_items][]=0&p[items][0][name]='))
    const added = await submitted.validate(sent('p[_sort_items][]=0&p[items][0][name]=&p[_sort_items][]=new'))
    const rows = added.list('items').rows
    expect(rows.map((row) => row.used)).toEqual([true, false])
    expect(rows.map((row) => messages(row.field('name')))).toEqual([['no name'], []])
  })

  it('may stand in a list', async () => {
    const Deep = z.object({ a: z.array(z.object({ b: z.array(z.object({ c: z.string().min(1, 'no c') })) })) })
    const deep = await form(Deep).validate(sent('a[2][b][5][c]=&a[2][b][4][c]=x'))
    const inner = deep.list('a').rows[0]!.list('b')
    expect(inner.rows.map((row) => [row.field('c').name, ...messages(row.field('c'))])).toEqual([
      ['a[2][b][4][c]'],
      ['a[2][b][5][c]', 'no c'],
    ])
    expect(inner.add.name).toBe('a[2][_sort_b][]')
  })
})

describe('a form with a schema of', () => {
  const schemas = [
    {
      name: 'zod',
      schema: z.object({ name: z.string().min(2), items: z.array(z.object({ name: z.string().min(2) })) }),
    },
    {
      name: 'valibot',
      schema: v.object({
        name: v.pipe(v.string(), v.minLength(2)),
        items: v.array(v.object({ name: v.pipe(v.string(), v.minLength(2)) })),
      }),
    },
    { name: 'arktype', schema: type({ name: 'string >= 2', items: type({ name: 'string >= 2' }).array() }) },
  ] as const

  it.each(schemas)('$name shows its errors in place', async ({ schema }) => {
    const start = form(schema as StandardSchema<{ name: string; items: { name: string }[] }>)
    const changed = await start.validate(sent('name=x&items[3][name]=xy&items[8][name]=z'))
    expect(changed.field('name').errors).toHaveLength(1)
    expect(changed.list('items').rows.map((row) => row.field('name').errors.length)).toEqual([0, 1])
    const { ok, data } = await changed.submit(sent('name=xy&items[3][name]=xy&_sort_items[]=3'))
    expect({ ok, data }).toEqual({ ok: true, data: { name: 'xy', items: [{ name: 'xy' }] } })
  })
})

describe('whatever the browser sends', () => {
  const read = (person: Form<typeof Person>): void => {
    const items = person.list('items')
    const fields = [
      ...(['email', 'age', 'tags', 'address', 'items'] as const).map((name) => person.field(name)),
      person.nested('address').field('city'),
      ...items.rows.map((row) => row.field('name')),
    ]
    for (const field of fields) {
      expect(field.value).toBeTypeOf('string')
      for (const value of field.values) expect(value).toBeTypeOf('string')
    }
    const keys = items.rows.map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
  }

  it.each([
    'p=text',
    'p[]=1',
    'p[email][]=1&p[email][]=2',
    'p[email][x]=1',
    'p[address]=Rome',
    'p[address][]=Rome',
    'p[address][city][x]=1',
    'p[items]=x',
    'p[items][]=x',
    'p[items][x][name]=1',
    'p[items][0]=x',
    'p[items][0][]=x',
    'p[items][0][name][]=x',
    'p[_sort_items][]=new&p[items]=x',
    'p[_sort_items][x]=1&p[_drop_items]=1',
    'p[tags][a]=1',
    'p[tags][][a]=1',
    'p[__proto__][email]=1&__proto__[p]=1',
    'p[address][__proto__][city]=1&p[items][__proto__]=1',
    'p[constructor][prototype][x]=1',
    'p[_unused_address]=&p[_unused_items][]=&p[_unused_email][x]=',
  ])('is a form: %s', async (text) => {
    const start = form(Person, { address: { city: 'Rome' }, items: [{ name: 'a' }] }, { name: 'p' })
    read(await start.validate(sent(text)))
    const { ok, form: submitted } = await start.submit(sent(text))
    expect(ok).toBe(false)
    read(submitted.withErrors({ email: 'is taken' }))
    expect(({} as { email?: unknown }).email).toBeUndefined()
  })

  it('is a form, also JSON of a hook', async () => {
    const start = form(Person, { items: [{ name: 'a' }] }, { name: 'p' })
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        for (const values of [value, { p: value }, { p: { items: value, address: value, _sort_items: value } }]) {
          read(await start.validate(values))
          read((await start.submit(values)).form)
        }
      }),
    )
  })

  it('is a form, also with ten thousand rows that are all wrong', async () => {
    const pairs = Array.from({ length: 10_000 }, (_, at) => `p[items][${at}][name]=`)
    const person = await form(Person, {}, { name: 'p' }).validate(sent(pairs.join('&')))
    const shown = person.list('items').rows.filter((row) => row.field('name').errors.length === 1)
    expect(shown).toHaveLength(10_000)
  })
})

describe('what a form shows, sent back as it is', () => {
  const name = fc.stringMatching(/^[a-zé .%&=+]{1,4}$/)
  const { group } = fc.letrec<{ group: Record<string, unknown>; value: unknown }>((tie) => ({
    group: fc.dictionary(name, tie('value'), { minKeys: 1, maxKeys: 4 }) as fc.Arbitrary<Record<string, unknown>>,
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string(),
      fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
      fc.array(tie('group'), { maxLength: 3 }),
      tie('group'),
    ),
  }))

  /** Every input of a form, as a page would have it. */
  function* inputs(scope: FormScope<unknown>, values: Record<string, unknown>): Generator<readonly [string, string]> {
    for (const [key, value] of Object.entries(values)) {
      if (typeof value === 'string') {
        yield [scope.field(key).name, scope.field(key).value]
      } else if (!Array.isArray(value)) {
        yield* inputs(scope.nested(key), value as Record<string, unknown>)
      } else if (typeof value[0] === 'string') {
        for (const item of scope.field(key).values) yield [`${scope.field(key).name}[]`, item]
      } else {
        const list = scope.list(key)
        yield [list.hidden.name, list.hidden.value]
        for (const row of list.rows) {
          yield [row.hidden.name, row.hidden.value]
          yield* inputs(row, (value as Record<string, unknown>[])[row.index]!)
        }
      }
    }
  }

  it.each([{ options: {} }, { options: { name: 'some form' } }])(
    'is what it began with ($options)',
    async ({ options }) => {
      await fc.assert(
        fc.asyncProperty(group, async (values) => {
          const start = form(z.unknown(), values, options)
          const text = new URLSearchParams([...inputs(start, values)].map(([key, value]) => [key, value])).toString()
          const { data } = await start.submit(sent(text))
          expect(data).toEqual(values)
        }),
      )
    },
  )
})
