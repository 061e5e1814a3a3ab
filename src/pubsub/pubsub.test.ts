import { expect, it } from 'vitest'
import { pubSubContract } from '../../test/contracts/pubsub.ts'
import { createLocalPubSub } from './pubsub.ts'

pubSubContract('of one process', createLocalPubSub)

it('has one subscriber that throws in nobody else’s way, and tells the publisher', () => {
  const pubsub = createLocalPubSub()
  const got: unknown[] = []
  pubsub.subscribe('a', () => {
    throw new Error('as asked')
  })
  pubsub.subscribe('a', (message) => void got.push(message))
  expect(() => pubsub.publish('a', 1)).toThrow('as asked')
  expect(got).toEqual([1])
})
