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

  it('of a name that is one for all its brackets is read', () => {
    expect(decodeForm('['.repeat(1_000_000), limits).ok).toBe(true)
  })

  it('may have as many groups as fields, and no more', () => {
    const few = { maxFields: 10, maxNesting: 8 }
    expect(decodeForm('a[b][c][d][e][f]=1&b[][b][][b][]=1', few).ok).toBe(true)
    expect(decodeForm('a[b][c][d][e][f]=1&b[][b][][b][][b]=1', few)).toEqual({ ok: false, reason: 'too_many_groups' })
    // Those that are there already are not made again.
    expect(decodeForm(Array.from({ length: 10 }, (_, at) => `a[b][c][d][e][f${at}]=1`).join('&'), few).ok).toBe(true)
  })

  it('is what the plain way makes of it', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '[',
      ']',
      '][',
      '[]',
      '[b]',
      '=',
      '&',
      '%5B',
      '%5d',
      '%5D%5B',
      '%C3%A4',
      '%',
      '+',
      'é',
      '\ud800',
      '__proto__',
    )
    const name = fc.tuple(
      fc.constantFrom('a', 'b', '%61'),
      fc.array(fc.constantFrom('[]', '[a]', '[b]', '%5Ba%5D'), { maxLength: 10 }),
    )
    const pair = fc.tuple(
      name,
      fc.constantFrom('1', '2+', '%2B', 'x'.repeat(200), '+'.repeat(200), '\ud800+'.repeat(100)),
    )
    const form = fc
      .array(pair, { maxLength: 8 })
      .map((pairs) => pairs.map(([[outer, inner], value]) => `${outer}${inner.join('')}=${value}`).join('&'))
    fc.assert(
      fc.property(
        fc.oneof(
          form,
          fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
        ),
        (text) => {
          const read = decodeForm(text, limits)
          const plain = decodePlainly(text)
          // Of what is wrong twice, either may be told.
          expect(read.ok).toBe(plain !== undefined)
          if (read.ok) expect(JSON.stringify(read.values)).toBe(JSON.stringify(plain))
        },
      ),
      { numRuns: 2000 },
    )
  })
})

type Node =
  | { readonly kind: 'map'; readonly map: Map<string, string | Node> }
  | { readonly kind: 'list'; readonly list: string[]; inner?: { readonly at: number; readonly node: Node } }

/** The rules, as plain as can be: each name split into its parts, a tree of them, and what it comes to. */
function decodePlainly(text: string): unknown {
  const root: Node = { kind: 'map', map: new Map() }
  for (const pair of text.split('&').filter((piece) => piece !== '')) {
    const [rawName, ...rest] = pair.split('=')
    let name: string
    let value: string
    try {
      name = decodeURIComponent(rawName!.replaceAll('+', ' '))
      value = decodeURIComponent(rest.join('=').replaceAll('+', ' '))
    } catch {
      return undefined
    }
    const open = name.indexOf('[')
    const nested = open >= 1 && name.endsWith(']')
    const path = nested ? [name.slice(0, open), ...name.slice(open + 1, -1).split('][')] : [name]
    if (path.length - 1 > limits.maxNesting) return undefined
    putPlainly(root, path, value)
  }
  return plainValue(root)
}

function putPlainly(node: Node, [name, ...rest]: readonly string[], value: string): void {
  const existing = node.kind === 'map' ? node.map.get(name!) : node.inner?.node
  const kind = rest[0] === '' ? 'list' : 'map'
  const fits = typeof existing === 'object' && existing.kind === kind
  const fresh: Node = kind === 'list' ? { kind, list: [] } : { kind, map: new Map() }
  const next = fits ? existing : fresh
  if (rest.length > 0) {
    if (node.kind === 'map') node.map.set(name!, next)
    else node.inner = { at: node.inner?.at ?? node.list.length, node: next }
    putPlainly(next, rest, value)
  } else if (node.kind === 'map') node.map.set(name!, value)
  else node.list.push(value)
}

function plainValue(node: Node): unknown {
  if (node.kind === 'list') {
    const values: unknown[] = [...node.list]
    if (node.inner !== undefined) values.splice(node.inner.at, 0, plainValue(node.inner.node))
    return values
  }
  const values = Object.create(null) as Record<string, unknown>
  for (const [name, inner] of node.map) values[name] = typeof inner === 'string' ? inner : plainValue(inner)
  return values
}

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

  it('is none when it is nested too deep', () => {
    expect(targetPath('a[b][c]', 2)).toEqual(['a', 'b', 'c'])
    expect(targetPath('a[b][c][]', 2)).toBeUndefined()
    expect(targetPath(`a${'[b]'.repeat(300_000)}`, 32)).toBeUndefined()
  })
})
