import { expect, it } from 'vitest'
import { ViewLabels } from './view-labels.ts'

it('a route is its own label, and views that are none have one together', () => {
  const labels = new ViewLabels()
  expect(['/', '/rooms/:id', 'room-7', 'room-8', '/'].map((view) => labels.of(view))).toEqual([
    '/',
    '/rooms/:id',
    'nested',
    'nested',
    '/',
  ])
})

it('there are never more than some hundred, whatever comes', () => {
  const labels = new ViewLabels()
  const given = new Set(Array.from({ length: 5000 }, (_, at) => labels.of(`/${at}`)))
  expect(given.size).toBe(501)
  expect(labels.of('/4999')).toBe('other')
  expect(labels.of('/1')).toBe('/1')
})
