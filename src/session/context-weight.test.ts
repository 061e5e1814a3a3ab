import { expect, it } from 'vitest'
import { contextWeight } from './context-weight.ts'

it('grows with what is in a context', () => {
  const small = contextWeight({ name: 'Ada' })
  expect(small).toBeGreaterThan(0)
  expect(contextWeight({ name: 'x'.repeat(10_000) })).toBeGreaterThan(10_000)
  for (const many of [
    Array.from({ length: 100 }, (_, id) => ({ id })),
    new Set(Array.from({ length: 100 }, (_, id) => `${id}`)),
    new Map(Array.from({ length: 100 }, (_, id) => [id, { id }])),
    new Uint8Array(5000),
    new ArrayBuffer(5000),
  ]) {
    expect(contextWeight({ many })).toBeGreaterThan(small + 1000)
  }
})

it('counts what stands in it twice once, also in a circle', () => {
  const rows = Array.from({ length: 1000 }, (_, id) => ({ id }))
  const twice: Record<string, unknown> = { rows, again: rows }
  expect(contextWeight(twice)).toBeLessThan(contextWeight({ rows }) * 1.1)
  twice['self'] = twice
  expect(contextWeight(twice)).toBeLessThan(contextWeight({ rows }) * 1.1)
})

it('looks into no instance of a class, calls no getter, and takes whatever a proxy throws', () => {
  class Connection {
    readonly buffers = Array.from({ length: 1000 }, () => 'x'.repeat(100))
  }
  expect(contextWeight({ db: new Connection() })).toBeLessThan(500)
  const getter = {
    get lazy(): string {
      throw new Error('asked')
    },
  }
  const thrower = new Proxy({}, { ownKeys: () => fail(), getPrototypeOf: () => fail() })
  expect(contextWeight({ getter, thrower })).toBeLessThan(500)
})

it('stops after some thousand values', () => {
  const large = Array.from({ length: 1_000_000 }, (_, id) => id)
  expect(contextWeight({ large })).toBeGreaterThan(8_000_000)
  expect(contextWeight({ large: large.map((id) => ({ id })) })).toBeLessThan(20_000_000)
})

function fail(): never {
  throw new Error('asked')
}
