import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeForm, type FormValues, targetPath } from './decode.ts'

const limits = { maxFields: 1000, maxNesting: 8 }

/** The values with ordinary prototypes, as `toEqual` wants them. */
function decoded(text: string): unknown {
  const form = decodeForm(text, limits)
  if (!form.ok) throw new Error(form.reason)
  return JSON.parse(JSON.stringify(form.values))
}

describe('a form', () => {
  it.each([
    ['', {}],
    ['a=1&a=2', { a: '2' }],
    ['a[]=1&a[]=2', { a: ['1', '2'] }],
    ['a[b]=1&a[c][]=2', { a: { b: '1', c: ['2'] } }],
    ['a[0][b]=1&a[1][b]=2', { a: { 0: { b: '1' }, 1: { b: '2' } } }],
    ['a[][b]=1&a[][c]=2', { a: [{ b: '1', c: '2' }] }],
    ['a[]=1&a[y]=2', { a: { y: '2' } }],
    ['a[y]=1&a[]=2', { a: ['2'] }],
    ['a=1&a[b]=2', { a: { b: '2' } }],
    ['a[b]=1&a=2', { a: '2' }],
    ['a[b]=1&a[b][c]=2', { a: { b: { c: '2' } } }],
    ['a[]=1&a[][b]=2&a[]=3&a[][c]=4', { a: ['1', { b: '2', c: '4' }, '3'] }],
    ['a[][]=1&a[][]=2', { a: [['1', '2']] }],
    ['a[][b]=1&a[][]=2', { a: [['2']] }],
    ['a[][][]=1', { a: [[['1']]] }],
    ['a', { a: '' }],
    ['a=', { a: '' }],
    ['=v', { '': 'v' }],
    ['a=b=c', { a: 'b=c' }],
    ['&a=1&&b=2&', { a: '1', b: '2' }],
    ['[x]=1', { '[x]': '1' }],
    ['a[b]c=1', { 'a[b]c': '1' }],
    ['a]=1', { 'a]': '1' }],
    ['a[=1', { 'a[': '1' }],
    ['a+b=c+d', { 'a b': 'c d' }],
    ['a%5Bb%5D=%C3%A4%2B', { a: { b: 'ä+' } }],
    ['a[x%20y]=1', { a: { 'x y': '1' } }],
    ['a[[b]]=1', { a: { '[b]': '1' } }],
  ])('%s', (text, values) => {
    expect(decoded(text)).toEqual(values)
  })

  it('may have fields named like parts of every object', () => {
    const form = decodeForm('__proto__=1&constructor[prototype][x]=2&a[__proto__][polluted]=3', limits)
    expect(form.ok).toBe(true)
    const values = (form as { values: FormValues }).values
    expect(Object.keys(values)).toEqual(['__proto__', 'constructor', 'a'])
    expect(values['__proto__']).toBe('1')
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(Object.getPrototypeOf(values)).toBeNull()
  })

  it('reads what the browser writes', () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => !/\p{Surrogate}/u.test(value))
    const name = text.filter((value) => !/[[\]]/.test(value))
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, text), { selector: ([key]) => key }), (pairs) => {
        const form = decodeForm(new URLSearchParams(pairs).toString(), limits)
        expect(form).toEqual({ ok: true, values: Object.assign(Object.create(null), Object.fromEntries(pairs)) })
      }),
    )
  })

  it('gives nested values back', () => {
    const leaf = fc.string()
    const name = fc.stringMatching(/^[a-z]{1,3}$/)
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(leaf, { minLength: 1, maxLength: 3 }),
        fc.dictionary(name, tie('tree'), { minKeys: 1, maxKeys: 3 }),
      ),
    }))
    fc.assert(
      fc.property(fc.dictionary(name, tree, { maxKeys: 4 }), (values) => {
        expect(decoded(new URLSearchParams([...pairsOf(values)]).toString())).toEqual(
          JSON.parse(JSON.stringify(values)),
        )
      }),
    )
  })

  it('never throws, whatever comes', () => {
    const pieces = fc.array(fc.constantFrom('a', '[', ']', '=', '&', '%', '%2', '%C3', '+', '__proto__', 'é'))
    fc.assert(
      fc.property(pieces, (parts) => {
        expect(decodeForm(parts.join(''), limits)).toHaveProperty('ok')
      }),
    )
  })

  it.each([
    { name: 'too many fields', text: Array.from({ length: 1001 }, () => 'a').join('&'), reason: 'too_many_fields' },
    { name: 'a name nested too deep', text: `a${'[b]'.repeat(9)}=1`, reason: 'too_deep' },
    { name: 'a list nested too deep', text: `a${'[]'.repeat(9)}=1`, reason: 'too_deep' },
    { name: 'a broken escape in a value', text: 'a=%', reason: 'bad_encoding' },
    { name: 'a broken escape in a name', text: '%zz=1', reason: 'bad_encoding' },
    { name: 'bytes that are not UTF-8', text: 'a=%FF', reason: 'bad_encoding' },
  ])('is refused for $name', ({ text, reason }) => {
    expect(decodeForm(text, limits)).toEqual({ ok: false, reason })
  })

  it('is taken up to its limits', () => {
    expect(decodeForm(Array.from({ length: 1000 }, (_, at) => `a${at}`).join('&'), limits).ok).toBe(true)
    expect(decodeForm(`a${'[b]'.repeat(8)}=1`, limits).ok).toBe(true)
  })

  it('takes time in proportion to its length', () => {
    // A name of brackets alone, as long as a frame may be: refused, and not after an hour.
    expect(decodeForm(`a${'[]'.repeat(500_000)}=1`, limits)).toEqual({ ok: false, reason: 'too_deep' })
    expect(decodeForm('['.repeat(1_000_000), limits).ok).toBe(true)
  })
})

function* pairsOf(value: unknown, path = ''): Generator<[string, string]> {
  if (typeof value === 'string') yield [path, value]
  else if (Array.isArray(value)) for (const item of value) yield [`${path}[]`, item as string]
  else {
    for (const [name, inner] of Object.entries(value as object))
      yield* pairsOf(inner, path === '' ? name : `${path}[${name}]`)
  }
}

describe('the path of a target', () => {
  it.each([
    ['name', ['name']],
    ['user[name]', ['user', 'name']],
    ['user[tags][]', ['user', 'tags']],
    ['user[0][name]', ['user', '0', 'name']],
    ['undefined', ['undefined']],
    ['[x]', ['[x]']],
    ['a[b]c', ['a[b]c']],
  ])('%s', (target, path) => {
    expect(targetPath(target, 2)).toEqual(path)
  })
})
