import { describe, expect, it } from 'vitest'
import { decodeForm } from './decode.ts'
import { isUsed, rowsOf, toInput, toParams, withoutUnused } from './params.ts'

/** What the client's text is to a view. */
function sent(text: string): unknown {
  const form = decodeForm(text, { maxFields: 1000, maxNesting: 16 })
  if (!form.ok) throw new Error(form.reason)
  return form.values
}

describe('a field', () => {
  it.each([
    { text: 'email=', used: true, why: 'was sent' },
    { text: '', used: false, why: 'was not sent' },
    { text: '_unused_email=&email=', used: false, why: 'has its marker beside it' },
    { text: 'email=&_unused_name=&name=', used: true, why: 'has only the marker of another beside it' },
    { text: 'email[a]=&email[_unused_a]=', used: false, why: 'is a group of which no field is used' },
    { text: 'email[a]=&email[_unused_a]=&email[b]=', used: true, why: 'is a group of which one field is used' },
    { text: 'email[a][b]=&email[a][_unused_b]=', used: false, why: 'is a group of such groups' },
    { text: 'email[a][b]=&email[a][_unused_b]=&email[a][c]=', used: true, why: 'is a group with a used one' },
    { text: 'email[_sort_rows][]=0', used: false, why: 'is a group of markers alone' },
    { text: '_unused_email[]=&email[]=1', used: false, why: 'is a list with its marker' },
    { text: 'email[]=1', used: true, why: 'is a list' },
    { text: '_unused_email=1', used: false, why: 'is only a marker' },
  ])('that $why: used $used', ({ text, used }) => {
    expect(isUsed(sent(text), 'email', false)).toBe(used)
  })

  it.each([
    { text: '', used: true, why: 'was not sent' },
    { text: '_unused_email=&email=', used: false, why: 'has its marker beside it' },
    { text: 'email[_sort_rows][]=0', used: true, why: 'is a group of markers alone' },
  ])('after a submit, that $why: used $used', ({ text, used }) => {
    expect(isUsed(sent(text), 'email', true)).toBe(used)
  })

  it.each([null, undefined, 'text', 1, [], ['email']])('of %j is not used', (params) => {
    expect(isUsed(params, 'email', false)).toBe(false)
  })

  it('is used once its marker is taken away, however deep', () => {
    const params = withoutUnused(sent('a[b][_unused_c]=&a[b][c]=&d[][_unused_e]=&d[][e]='))
    expect(params).toEqual({ a: { b: { c: '' } }, d: [{ e: '' }] })
  })
})

describe('the rows of a list', () => {
  it.each([
    { text: 'l[0][a]=x&l[1][a]=y', keys: ['0', '1'], why: 'are those of its whole numbers' },
    { text: 'l[10][a]=x&l[9][a]=y&l[2][a]=z', keys: ['2', '9', '10'], why: 'come in the order of numbers' },
    { text: 'l[]=x&l[]=y', keys: ['0', '1'], why: 'are those of a list' },
    { text: 'l[0]=x&l[_unused_0]=', keys: ['0'], why: 'are no markers' },
    { text: '_sort_l[]=1&l[1][a]=&_sort_l[]=0&l[0][a]=', keys: ['1', '0'], why: 'come in the order asked for' },
    { text: '_sort_l[]=1&l[0][a]=&l[1][a]=&l[2][a]=', keys: ['1', '0', '2'], why: 'not asked for come last' },
    { text: '_sort_l[]=0&_sort_l[]=0&l[0][a]=', keys: ['0'], why: 'asked for twice come once' },
    { text: '_sort_l[]=4', keys: ['4'], why: 'may have no field' },
    { text: '_sort_l[]=0&l[0][a]=&_sort_l[]=new', keys: ['0', '1'], why: 'may be new' },
    { text: '_sort_l[]=new&_sort_l[]=0&l[0][a]=', keys: ['1', '0'], why: 'may be new at the start' },
    { text: '_sort_l[]=new&_sort_l[]=new', keys: ['0', '1'], why: 'may be several new ones' },
    { text: '_drop_l[]=1&l[0][a]=&l[1][a]=&l[2][a]=', keys: ['0', '2'], why: 'may be dropped' },
    { text: '_drop_l[]=0&_sort_l[]=0&l[0][a]=', keys: [], why: 'may all be dropped' },
    {
      text: '_drop_l[]=7&_sort_l[]=7&l[7][a]=&_sort_l[]=new',
      keys: ['8'],
      why: 'do not take the key of a dropped one',
    },
    { text: '_drop_l[]=', keys: [], why: 'are none of a list that is only marked' },
    { text: '_drop_l[]=&l[x][a]=1&l[0][a]=', keys: ['0'], why: 'of a marked list are those with a key' },
    { text: '_drop_l[]=&l=text', keys: [], why: 'are none of a text' },
    { text: '_sort_l[]=999999999&_sort_l[]=0&_sort_l[]=new', keys: ['999999999', '0', '1'], why: 'never lack a key' },
    { text: '_sort_l[]=new&_sort_l[][x]=1', keys: ['0'], why: 'are not asked for by anything but text' },
    { text: 'l[0][a]=x&l[b][a]=y', keys: undefined, why: 'are none of a map with other names' },
    { text: 'l[00][a]=x', keys: undefined, why: 'are none of a map with odd numbers' },
    { text: 'l[1e3][a]=x', keys: undefined, why: 'are none of a map with numbers of another spelling' },
    { text: 'l=text', keys: undefined, why: 'are none of a text without a mark' },
    { text: '', keys: undefined, why: 'are unknown when nothing was sent' },
    { text: '_sort_l=0&_drop_l=0', keys: undefined, why: 'are unknown when the marks are no lists' },
  ])('$why: $text', ({ text, keys }) => {
    expect(rowsOf(sent(text), 'l', undefined)?.map(({ key }) => key)).toEqual(keys)
  })

  it('do not take the key of one that the form began with', () => {
    expect(rowsOf(sent('_sort_l[]=0&l[0][a]=&_sort_l[]=new'), 'l', [{}, {}, {}])?.map(({ key }) => key)).toEqual([
      '0',
      '3',
    ])
  })

  it('are fresh when they are new', () => {
    const rows = rowsOf(sent('_sort_l[]=0&_sort_l[]=new'), 'l', undefined)
    expect(rows?.map(({ fresh }) => fresh)).toEqual([false, true])
  })

  it('are none where the program put a map', () => {
    expect(rowsOf(sent('l[12]=3'), 'l', {})).toBeUndefined()
  })

  it('of ten thousand new ones are made at once', () => {
    const rows = rowsOf({ _sort_l: Array.from({ length: 10_000 }, () => 'new') }, 'l', undefined)
    expect(new Set(rows?.map(({ key }) => key)).size).toBe(10_000)
  })
})

describe('a schema sees', () => {
  it.each<{ readonly text: string; readonly input: unknown; readonly what: string }>([
    { text: 'a=1&b[c]=2&d[]=3', input: { a: '1', b: { c: '2' }, d: ['3'] }, what: 'fields as they are' },
    { text: '_target[]=a&_csrf_token=x&_method=put&a=1', input: { a: '1' }, what: 'nothing of the client' },
    { text: 'a[_method]=1&a[_unused_b]=&a[b]=', input: { a: { b: '' } }, what: 'nothing of it below the top' },
    { text: 'l[1][a]=y&l[0][a]=x', input: { l: [{ a: 'x' }, { a: 'y' }] }, what: 'rows as a list' },
    { text: 'l[5][m][3][a]=x', input: { l: [{ m: [{ a: 'x' }] }] }, what: 'lists in lists' },
    { text: 'l[0][0]=x&l[0][1]=y', input: { l: [['x', 'y']] }, what: 'lists of lists' },
    { text: '_drop_l[]=&_sort_l[]=', input: { l: [] }, what: 'an empty list' },
    { text: 'g[_drop_l][]=', input: { g: { l: [] } }, what: 'an empty list in a group' },
    { text: '_sort_l[]=new', input: { l: [{}] }, what: 'a new row' },
    { text: '_drop_=1&_drop_[]=2&_sort__drop_x[]=1', input: {}, what: 'nothing of marks without a list' },
    { text: '_id=1&_sortable=2', input: { _id: '1', _sortable: '2' }, what: 'fields that only begin alike' },
    { text: '0=a&1=b', input: { 0: 'a', 1: 'b' }, what: 'a form as a group, whatever its names' },
    {
      text: '__proto__[a]=1&a[__proto__]=2&b[__proto__][]=3&_drop___proto__[]=',
      input: { a: {}, b: {} },
      what: 'no prototype',
    },
    { text: 'constructor=1&toString[a]=2', input: { constructor: '1', toString: { a: '2' } }, what: 'any other name' },
  ])('$what: $text', ({ text, input }) => {
    const seen = toInput(sent(text), {})
    expect(seen).toEqual(input)
    expect(Object.getPrototypeOf(seen)).toBe(Object.prototype)
  })

  it('a map of numbers where the program put a map', () => {
    expect(toInput(sent('amounts[12]=3'), { amounts: {} })).toEqual({ amounts: { 12: '3' } })
    expect(toInput(sent('l[4][amounts][12]=3'), { l: [0, 1, 2, 3, { amounts: {} }] })).toEqual({
      l: [{ amounts: { 12: '3' } }],
    })
  })
})

describe('what was sent for a form', () => {
  const deep = (depth: number): unknown => (depth === 0 ? 'x' : { a: deep(depth - 1) })

  it.each([undefined, null, 'text', 7, true, [], [['a', 1]]])('is nothing when it is %j', (value) => {
    expect(toParams(value)).toEqual({})
  })

  it('is nothing when a hook nested it without end', () => {
    expect(toParams(deep(50))).toEqual(deep(50))
    expect(toParams(deep(5000))).toEqual({})
  })
})
