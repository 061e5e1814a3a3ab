import { describe, expect, it } from 'vitest'
import { manualHost } from '../../test/support/manual-host.ts'
import { ManualTime } from '../../test/support/manual-time.ts'
import { quietPeer } from '../../test/support/quiet-peer.ts'
import { plainContainer } from '../live/container.ts'
import { noRoute } from '../live/instance.ts'
import { createLiveView } from '../live/view.ts'
import { createLocalPubSub, type PubSub } from '../pubsub/pubsub.ts'
import { html } from '../template/html.ts'
import { createSigner } from '../token/signer.ts'
import { Connection, type Peer } from './connection.ts'
import { defaultLayout } from './layout.ts'
import { limitDefaults } from './limits.ts'
import { Adoptables } from './adoptables.ts'
import { Parking } from './parking.ts'
import { ProcessBudget } from './process-budget.ts'
import { defaultPage } from './options.ts'
import { createLiveRouter } from './router.ts'

const formLimits = { maxFields: 10, maxNesting: 2 }

function send(connection: Connection, text: string): void {
  connection.text(new TextEncoder().encode(text))
}

/** A connection on which one view has subscribed to a topic of `pubsub`. */
function joined(pubsub: PubSub): { connection: Connection; peer: Peer; ends: number[]; reported: unknown[] } {
  const view = createLiveView({ mount: (socket) => socket.subscribe('topic'), render: () => html`<p></p>` })
  const signer = createSigner('a secret of the tests, long enough', () => 0)
  const reported: unknown[] = []
  const host = manualHost(new ManualTime(), {
    signer,
    pubsub,
    report: (error, { stage }) => reported.push([stage, error]),
  })
  const ends: number[] = []
  const peer = quietPeer({ close: (code) => void ends.push(code), terminate: () => void ends.push(0) })
  const group = {
    name: 'default',
    layout: defaultLayout,
    shell: undefined,
    page: defaultPage,
    container: plainContainer,
    onMount: [],
    resumeWindow: 0,
    onResume: undefined,
    adopt: false,
    session: {},
  }
  const stash = { plan: undefined, name: 'default /', pathParams: [] }
  const route = { path: '/', view, group, layout: defaultLayout, facts: noRoute, stash }
  const router = createLiveRouter([route], formLimits)
  const admission = { visitorId: 'v', csrfSecret: 'x', session: {} }
  const connection = new Connection(
    {
      host,
      limits: limitDefaults,
      router,
      staticChanged: () => false,
      clock: { now: 0 },
      budget: new ProcessBudget(1e6),
      limitReached() {},
      parking: new Parking({ maxParked: 1, startTimer: host.startTimer, count() {}, isFull: () => false, full() {} }),
      adoptables: new Adoptables({ maxAdoptable: 1, adoptWindow: 1, startTimer: host.startTimer, full() {} }),
      holders: new Map(),
      resumeWindow: 0,
      sameVisitor: () => true,
    },
    peer,
    admission,
  )
  const session = signer.sign('view', { kind: 'route', id: 'a', nonce: '', route: '/', session: {} })
  send(connection, JSON.stringify(['1', '1', 'lv:a', 'phx_join', { url: 'http://localhost/', session, static: null }]))
  return { connection, peer, ends, reported }
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
    const { connection, peer, ends, reported } = joined(createLocalPubSub())
    peer.send = () => {
      throw failure
    }
    send(connection, '[null,"2","phoenix","heartbeat",{}]')
    expect(ends).toEqual([1011])
    expect(reported).toEqual([['connection', failure]])
  })

  it('ends all the same when a pubsub fails while it ends', () => {
    const { connection, reported } = joined(failing)
    connection.closed()
    expect(reported).toEqual([['connection', failure]])
  })
})
