import { describe, expect, it } from 'vitest'
import type { LiveHost } from '../live/host.ts'
import { createLiveView } from '../live/view.ts'
import type { PubSub } from '../pubsub/pubsub.ts'
import { html } from '../template/html.ts'
import { createSigner } from '../token/signer.ts'
import { Connection, type Peer } from './connection.ts'
import { limitDefaults } from './options.ts'
import { createLiveRouter } from './router.ts'

const formLimits = { maxFields: 10, maxNesting: 2 }

/** A connection on which one view has subscribed to a topic of `pubsub`. */
function joined(pubsub: PubSub): { connection: Connection; ends: number[]; reported: unknown[] } {
  const view = createLiveView({ mount: (socket) => socket.subscribe('topic'), render: () => html`<p></p>` })
  const signer = createSigner('a secret of the tests, long enough', () => 0)
  const reported: unknown[] = []
  const host: LiveHost = {
    signer,
    pubsub,
    files: { resolve: (dest) => dest, append: () => Promise.resolve() },
    openWriter: () => Promise.reject(new Error('no upload here')),
    uploadCeilings: limitDefaults,
    formLimits,
    maxMailbox: 10,
    now: () => 0,
    startTimer: () => ({ cancel() {} }),
    report: (error, { stage }) => reported.push([stage, error]),
    background() {},
  }
  const ends: number[] = []
  const peer: Peer = {
    send() {},
    close: (code) => void ends.push(code),
    terminate: () => void ends.push(0),
    unsentBytes: 0,
    flushMark: 0,
  }
  const route = createLiveRouter({ '/': view }, formLimits)
  const admission = { csrfSecret: 'x', session: {} }
  const connection = new Connection({ host, limits: limitDefaults, route, clock: { now: 0 } }, peer, admission)
  const session = signer.sign('view', { id: 'a', route: '/' })
  connection.text(JSON.stringify(['1', '1', 'lv:a', 'phx_join', { url: 'http://localhost/', session, static: null }]))
  return { connection, ends, reported }
}

describe('a connection', () => {
  const failure = new Error('the engine is gone')
  const failing: PubSub = {
    subscribe: () => () => {
      throw failure
    },
    publish() {},
  }

  it('closes, and reports, when something beside a view fails under a frame', () => {
    const { connection, ends, reported } = joined(failing)
    connection.text('["1","2","lv:a","phx_leave",{}]')
    expect(ends).toEqual([1011])
    expect(reported).toContainEqual(['connection', failure])
  })

  it('ends all the same when something fails while it ends', () => {
    const { connection, reported } = joined(failing)
    connection.closed()
    expect(reported).toEqual([['connection', failure]])
  })
})
