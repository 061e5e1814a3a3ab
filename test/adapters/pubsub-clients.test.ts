import { connect } from '@nats-io/transport-node'
import { Redis } from 'ioredis'
import { createNatsPubSub } from 'liveloom/pubsub-nats'
import { createPostgresPubSub } from 'liveloom/pubsub-postgres'
import { createRedisPubSub } from 'liveloom/pubsub-redis'
import { Client, Pool } from 'pg'
import { createClient } from 'redis'
import { describe, expect, it } from 'vitest'

const refused = (message: string): unknown =>
  expect.objectContaining({ code: 'ERR_PUBSUB_OPTIONS', message: expect.stringContaining(message) as string })

describe('a client', () => {
  it.each([undefined, null, {}, 'redis://localhost', new Pool(), { publish() {}, subscribe() {} }])(
    'of another shape is refused by Redis: %s',
    (client) => {
      expect(() => createRedisPubSub({ client: client as never })).toThrow(
        refused('createRedisPubSub: client: expected'),
      )
    },
  )

  it('that subscribes is not the one that publishes', async () => {
    const client = new Redis({ lazyConnect: true })
    expect(() => createRedisPubSub({ client, subscriber: client })).toThrow(refused('subscriber must be another'))
    expect(() => createRedisPubSub({ client, subscriber: {} as never })).toThrow(
      refused('createRedisPubSub: subscriber: expected'),
    )
  })

  it.each([undefined, {}, connect])('of another shape is refused by NATS: %s', (connection) => {
    expect(() => createNatsPubSub({ connection: connection as never })).toThrow(refused('createNatsPubSub: connection'))
  })

  it.each([undefined, {}, new Client(), connect])('of another shape is refused by Postgres', (client) => {
    expect(() => createPostgresPubSub({ client: client as never })).toThrow(
      refused('a Client of pg does not connect again'),
    )
  })
})

describe('an option', () => {
  const client = createClient()
  it.each([
    [{ whileAway: 'wait' }, "whileAway must be 'reject' or 'queue', got 'wait'"],
    [{ maxMessageSize: 0 }, 'maxMessageSize must be a positive integer of bytes, got 0'],
    [{ maxWaiting: '1' }, "maxWaiting must be a positive integer of bytes, got '1'"],
    [{ prefix: 7 }, 'prefix must be a text, got 7'],
    [{ channel: 'a' }, "unknown option 'channel'; known are client, subscriber, prefix, whileAway"],
  ])('is refused when it is wrong: %j', (options, message) => {
    expect(() => createRedisPubSub({ client, ...(options as object) })).toThrow(refused(message))
  })

  it.each(['', 'a b', 'a.*', '.a', 'a.', 'a'.repeat(101)])(
    'that no subject can begin with is refused: %j',
    (prefix) => {
      const connection = { isClosed() {}, publish() {}, subscribe() {}, flush() {}, status() {} } as never
      expect(() => createNatsPubSub({ connection, prefix })).toThrow(refused('prefix must be words'))
    },
  )

  it.each(['', 'a\0', '€'.repeat(22)])('that is no name of a channel is refused: %j', (channel) => {
    expect(() => createPostgresPubSub({ client: new Pool(), channel })).toThrow(refused('channel must be a name'))
  })

  it('is an object', () => {
    expect(() => createRedisPubSub(undefined as never)).toThrow(refused('the options must be an object, got undefined'))
  })
})
