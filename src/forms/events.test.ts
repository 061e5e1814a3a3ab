import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { decodeForm } from './decode.ts'
import { readEvent, schemaOf } from './events.ts'

const events = {
  remove: z.object({ id: z.coerce.number() }),
  rename: v.object({ id: v.string(), name: v.pipe(v.string(), v.minLength(1)) }),
  sort: type({ rows: type({ id: 'string' }).array() }),
}

function sent(text: string): unknown {
  const form = decodeForm(text, { maxFields: 20, maxNesting: 4 })
  return form.ok ? form.values : expect.unreachable(form.reason)
}

describe('an event', () => {
  it.each(['other', 'toString', 'constructor', '__proto__', ''])('is listed by a key of its own: not %j', (type) => {
    expect(schemaOf(events, 'sort')).toBe(events.sort)
    expect(schemaOf(events, type)).toBeUndefined()
    expect(schemaOf(Object.create(events) as typeof events, 'sort')).toBeUndefined()
  })

  it('is what its schema makes of it', async () => {
    expect(await readEvent(events.remove, { id: '7', value: '' }, 'json')).toEqual({ ok: true, values: { id: 7 } })
    const values = sent('id=1&name=x&_unused_note=&note=&_target=name')
    expect(await readEvent(events.rename, values, 'form')).toEqual({ ok: true, values: { id: '1', name: 'x' } })
  })

  it.each([
    { text: 'tags[]=a&tags[]=b', input: { tags: ['a', 'b'] } },
    { text: 'rows[0][id]=a&rows[1][id]=b', input: { rows: [{ id: 'a' }, { id: 'b' }] } },
    { text: 'rows[1][id]=b&rows[0][id]=a', input: { rows: [{ id: 'a' }, { id: 'b' }] } },
    { text: 'rows[0][tags][0]=a', input: { rows: [{ tags: ['a'] }] } },
    { text: 'rows[0][_unused_id]=&rows[0][id]=', input: { rows: [{ id: '' }] } },
    { text: 'amounts[17]=3&amounts[42]=5', input: { amounts: { 17: '3', 42: '5' } } },
    { text: 'amounts[1]=3&amounts[2]=5', input: { amounts: { 1: '3', 2: '5' } } },
    { text: 'rows[0][id]=a&rows[2][id]=c', input: { rows: { 0: { id: 'a' }, 2: { id: 'c' } } } },
    { text: 'rows[0][sums][7]=1', input: { rows: [{ sums: { 7: '1' } }] } },
    { text: 'rows[0]=a&rows[x]=b', input: { rows: { 0: 'a', x: 'b' } } },
    { text: 'rows[00]=a', input: { rows: { '00': 'a' } } },
    // Its markers name a list, whatever the keys of its rows are.
    { text: '_sort_rows[]=7&rows[7][id]=b&_sort_rows[]=3&rows[3][id]=a', input: { rows: [{ id: 'b' }, { id: 'a' }] } },
    { text: '_drop_rows[]=&rows[3][id]=a', input: { rows: [{ id: 'a' }] } },
    { text: '_drop_rows[]=', input: { rows: [] } },
  ])('of the form $text has lists, and keeps ids', async ({ text, input }) => {
    expect(await readEvent(z.unknown(), sent(text), 'form')).toEqual({ ok: true, values: input })
  })

  it('of JSON has what came', async () => {
    const values = { rows: { 0: { id: 'b' } }, _unused_a: '' }
    const reading = await readEvent(z.unknown(), values, 'json')
    expect(reading).toEqual({ ok: true, values })
    expect(await readEvent(events.sort, values, 'json')).toMatchObject({ ok: false })
  })

  it.each([
    { event: 'remove', values: { id: 'x' }, path: ['id'] },
    { event: 'remove', values: undefined, path: [] },
    { event: 'remove', values: null, path: [] },
    { event: 'remove', values: [7], path: [] },
    { event: 'rename', values: { id: '1', name: '' }, path: ['name'] },
    { event: 'sort', values: { rows: [{ id: 'a' }, { id: 1 }] }, path: ['rows', '1', 'id'] },
  ] as const)('$event is refused with $values', async ({ event, values, path }) => {
    const reading = await readEvent(events[event], values, 'json')
    expect(reading).toMatchObject({ ok: false, issues: [{ path, message: expect.stringMatching(/./) }] })
  })

  it('may wait for its schema', async () => {
    const schema = z.object({ id: z.string().refine(async (id) => id === '1', 'gone') })
    expect(await readEvent(schema, { id: '1' }, 'json')).toMatchObject({ ok: true })
    expect(await readEvent(schema, { id: '2' }, 'json')).toMatchObject({ ok: false, issues: [{ message: 'gone' }] })
  })
})
