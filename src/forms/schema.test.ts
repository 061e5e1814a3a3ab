import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkSchema, type StandardSchema, validate } from './schema.ts'

const validators: readonly { readonly name: string; readonly schema: StandardSchema }[] = [
  { name: 'zod', schema: z.object({ name: z.string(), rows: z.array(z.object({ size: z.string().min(1) })) }) },
  {
    name: 'valibot',
    schema: v.object({
      name: v.string(),
      rows: v.array(v.object({ size: v.pipe(v.string(), v.minLength(1)) })),
    }),
  },
  { name: 'arktype', schema: type({ name: 'string', rows: type({ size: 'string > 0' }).array() }) },
]

describe.each(validators)('a schema of $name', ({ schema }) => {
  it('lets through what fits', () => {
    const value = { name: 'a', rows: [{ size: '1' }] }
    expect(validate(schema, value)).toEqual({ ok: true, value })
  })

  it('names the places of what does not', () => {
    const validation = validate(schema, { rows: [{ size: '1' }, { size: '' }] })
    if ('then' in validation || validation.ok) throw new Error('expected issues at once')
    expect(validation.issues.map(({ path }) => path)).toEqual(expect.arrayContaining([['name'], ['rows', '1', 'size']]))
    for (const { message } of validation.issues) expect(message).not.toBe('')
  })

  it('is taken for one', () => {
    expect(() => checkSchema('here', schema)).not.toThrow()
  })
})

describe('a schema', () => {
  it('may be async', async () => {
    const schema = z.string().refine(async (name) => name !== 'taken', 'is taken')
    expect(await validate(schema, 'free')).toEqual({ ok: true, value: 'free' })
    expect(await validate(schema, 'taken')).toMatchObject({ ok: false, issues: [{ message: 'is taken', path: [] }] })
  })

  it('that throws is not caught', async () => {
    const fail = (): never => {
      throw new Error('a mistake')
    }
    expect(() => validate({ '~standard': { version: 1, vendor: 'ours', validate: fail } }, 'x')).toThrow('a mistake')
    await expect(validate(z.string().refine(fail), 'x')).rejects.toThrow('a mistake')
  })

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a plain object', {}],
    ['a function', () => true],
    ['a plain object', { '~standard': { version: 2, validate: () => undefined } }],
    ['a plain object', { '~standard': { version: 1 } }],
  ])('is not %s', (name, value) => {
    expect(() => checkSchema('here', value)).toThrow(
      expect.objectContaining({ code: 'ERR_FORM', message: expect.stringMatching(`^here: expected .* got ${name}$`) }),
    )
  })
})
