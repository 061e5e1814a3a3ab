import { describe, expect, it } from 'vitest'
import { manualMachine, secret } from '../../test/support/manual-machine.ts'
import { ManualTime, turn } from '../../test/support/manual-time.ts'
import { createLiveView } from '../live/view.ts'
import { html } from '../template/html.ts'
import { createLiveServer } from './live-server.ts'
import { type RunningServer, startServer } from './running-server.ts'

const address = 'http://localhost/live/longpoll?vsn=2.0.0'
const second = 1000

interface Answer {
  readonly status: number
  readonly token?: string
  readonly messages?: readonly string[]
}

/** A server whose clock the test holds. The requests are the Web's own. */
class World {
  readonly time = new ManualTime()
  readonly running: RunningServer
  token = ''

  constructor() {
    const view = createLiveView({ render: () => html`<p></p>` })
    this.running = startServer(createLiveServer({ secret, routes: { '/': view } }), manualMachine(this.time))
  }

  async ask(init: RequestInit = {}): Promise<Answer> {
    const response = await this.running.handle(new Request(`${address}&token=${this.token}`, init))
    expect(response!.status).toBe(200)
    return JSON.parse(response!.body as string) as Answer
  }

  post(ref: number): Promise<Answer> {
    const headers = { 'content-type': 'application/x-ndjson' }
    return this.ask({ method: 'POST', headers, body: `[null,"${ref}","phoenix","heartbeat",{}]` })
  }

  /** Polls, while `ms` go by. */
  async poll(ms = 0): Promise<Answer> {
    const asked = this.ask()
    await turn()
    this.time.advance(ms)
    const answer = await asked
    this.token = answer.token ?? ''
    return answer
  }
}

async function open(): Promise<World> {
  const world = new World()
  expect((await world.poll()).status).toBe(410)
  return world
}

describe('a long-poll session', () => {
  it('that polls and sends nothing lives on, past idleTimeout', async () => {
    const world = await open()
    for (let count = 0; count < 30; count++) expect((await world.poll(10 * second)).status).toBe(204)
    expect(await world.post(1)).toEqual({ status: 200 })
    expect((await world.poll()).messages).toHaveLength(1)
  })

  it('that is not polled ends after 15 s, whatever it posts', async () => {
    const world = await open()
    world.time.advance(14 * second)
    expect(await world.post(1)).toEqual({ status: 200 })
    world.time.advance(second)
    expect(await world.post(2)).toEqual({ status: 410 })
  })

  it('whose poll is broken off ends 15 s later', async () => {
    const world = await open()
    const left = new AbortController()
    const polled = world.ask({ signal: left.signal })
    await turn()
    world.time.advance(5 * second)
    left.abort()
    expect((await polled).status).toBe(204)
    world.time.advance(14 * second)
    expect(await world.post(1)).toEqual({ status: 200 })
    world.time.advance(second)
    expect(await world.post(2)).toEqual({ status: 410 })
  })

  it('leaves no timer in a server that is closed', async () => {
    const world = await open()
    const polled = world.poll()
    await turn()
    await world.running.close()
    expect((await polled).status).toBe(410)
    expect(world.time.running).toBe(0)
    expect((await world.poll()).status).toBe(500)
  })
})
