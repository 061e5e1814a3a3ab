import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { decodeForm } from './decode.ts'
import { readEvent } from './events.ts'

const events = {
  remove: z.object({ id: z.coerce.number() }),
  rename: v.object({ id: v.string(), name: v.pipe(v.string(), v.minLength(1)) }),
  sort: type({ rows: type({ id: 'string' }).array() }),
}

describe('an event', () => {
  it('is what its schema makes of it', async () => {
    expect(await readEvent(events, 'remove', { id: '7', value: '' }, 'json')).toEqual({ ok: true, values: { id: 7 } })
    const form = decodeForm('id=1&name=x&_unused_note=&note=&_target=name', { maxFields: 10, maxNesting: 2 })
    const values = form.ok && form.values
    expect(await readEvent(events, 'rename', values, 'form')).toEqual({ ok: true, values: { id: '1', name: 'x' } })
  })

  it('of a form has lists', async () => {
    const values = { rows: { 3: { id: 'b' }, 1: { id: 'a' } } }
    expect(await readEvent(events, 'sort', values, 'form')).toEqual({
      ok: true,
      values: { rows: [{ id: 'a' }, { id: 'b' }] },
    })
    expect(await readEvent(events, 'sort', values, 'json')).toMatchObject({ ok: false })
  })

  it.each([
    { event: 'remove', values: { id: 'x' }, path: ['id'] },
    { event: 'remove', values: undefined, path: [] },
    { event: 'remove', values: null, path: [] },
    { event: 'remove', values: [7], path: [] },
    { event: 'rename', values: { id: '1', name: '' }, path: ['name'] },
    { event: 'sort', values: { rows: [{ id: 'a' }, { id: 1 }] }, path: ['rows', '1', 'id'] },
  ])('$event is refused with $values', async ({ event, values, path }) => {
    const reading = await readEvent(events, event, values, 'json')
    expect(reading).toMatchObject({ ok: false, issues: [{ path, message: expect.stringMatching(/./) }] })
  })

  it.each(['other', 'toString', '__proto__', ''])('%j without a schema passes as it is', async (type) => {
    const values = { _unused_a: '', a: { 0: 'x' } }
    const reading = await readEvent(events, type, values, 'form')
    expect(reading).toEqual({ ok: true, values })
    expect((reading as { values: unknown }).values).toBe(values)
  })

  it('may wait for its schema', async () => {
    const schema = z.object({ id: z.string().refine(async (id) => id === '1', 'gone') })
    expect(await readEvent({ open: schema }, 'open', { id: '1' }, 'json')).toMatchObject({ ok: true })
    expect(await readEvent({ open: schema }, 'open', { id: '2' }, 'json')).toMatchObject({
      ok: false,
      issues: [{ message: 'gone' }],
    })
  })
})
