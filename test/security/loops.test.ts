/** A view that sends itself one message for each that it handles: whoever else the process serves is served. */
import { AsyncResult, createLiveComponent, createLiveView, html, type LiveView } from 'liveloom'
import { describe, expect, it } from 'vitest'
import { withTarget } from './target.ts'

/** Where a loop that nobody interrupts ends, so that a test of one fails and does not hang. */
const end = 1_000_000

/** Counts what a looping view has handled, and ends the loop when it is told to. */
class Loop {
  count = 0
  stopped = false

  get next(): boolean {
    return !this.stopped && ++this.count < end
  }
}

const loops: readonly { readonly name: string; readonly view: (loop: Loop) => LiveView }[] = [
  {
    name: 'handleInfo that sends itself an info',
    view: (loop) =>
      createLiveView({
        handleEvent: (socket) => socket.sendInfo('again'),
        handleInfo: (socket) => (loop.next ? socket.sendInfo('again') : undefined),
        render: () => html`<p></p>`,
      }),
  },
  {
    name: 'async handleInfo that sends itself an info',
    view: (loop) =>
      createLiveView({
        handleEvent: (socket) => socket.sendInfo('again'),
        handleInfo: async (socket) => {
          await Promise.resolve()
          if (loop.next) socket.sendInfo('again')
        },
        render: () => html`<p></p>`,
      }),
  },
  {
    name: 'publish to a topic of its own',
    view: (loop) =>
      createLiveView({
        mount: (socket) => socket.subscribe('loop'),
        handleEvent: (socket) => socket.publish('loop', 'again'),
        handleInfo: (socket) => (loop.next ? socket.publish('loop', 'again') : undefined),
        render: () => html`<p></p>`,
      }),
  },
  {
    name: 'update that calls sendUpdate',
    view(loop) {
      const part = createLiveComponent<{ count: number }, { type: string }, { id: string }>({
        update(socket) {
          if (loop.count > 0 && loop.next) socket.sendUpdate(part, { id: 'part' })
        },
        handleEvent: () => {},
        render: () => html`<p></p>`,
      })
      return createLiveView({
        handleEvent(socket) {
          loop.count = 1
          socket.sendUpdate(part, { id: 'part' })
        },
        render: (_, { live_component }) => html`<div>${live_component(part, { id: 'part' })}</div>`,
      })
    },
  },
  {
    name: 'handleAsync that starts what is resolved',
    view: (loop) =>
      createLiveView<{ result: AsyncResult<number> }>({
        mount: (socket) => socket.assign({ result: AsyncResult.loading() }),
        handleEvent: (socket) => socket.startAsync('again', () => 1),
        handleAsync: (socket) => (loop.next ? socket.startAsync('again', () => 1) : undefined),
        render: () => html`<p></p>`,
      }),
  },
]

describe('a loop of messages', () => {
  it.each(loops)('leaves the process to others: $name', async ({ view }) => {
    const loop = new Loop()
    await withTarget({ routes: { '/loop': view(loop) } }, async ({ visit }) => {
      const looping = await visit('/loop')
      looping.view.push('event', { type: 'click', event: 'go', value: {} })
      // A page over HTTP, a socket, a join, and events of another client; and the looping page's own heartbeat.
      const other = await visit()
      for (let at = 0; at < 5; at++) expect((await other.view.event('look')).status).toBe('ok')
      expect((await looping.client.heartbeat()).status).toBe('ok')
      expect(loop.count).toBeGreaterThan(1)
      const before = loop.count
      expect((await other.view.event('look')).status).toBe('ok')
      expect(loop.count).toBeGreaterThanOrEqual(before)
      // It had not come to its end: they were served in the midst of it.
      expect(loop.count).toBeLessThan(end)
      loop.stopped = true
    })
  })

  it('of fifty views leaves each of them, and others, their turns', async () => {
    const all = Array.from({ length: 50 }, () => new Loop())
    let mounted = 0
    const view = createLiveView<{ loop: Loop }>({
      mount: (socket) => socket.assign({ loop: all[socket.connected ? mounted++ : 0]! }),
      handleEvent: (socket) => socket.sendInfo('again'),
      handleInfo: (socket) => (socket.context.loop.next ? socket.sendInfo('again') : undefined),
      render: () => html`<p></p>`,
    })
    await withTarget({ routes: { '/loop': view } }, async ({ visit }) => {
      for (const _ of all) (await visit('/loop')).view.push('event', { type: 'click', event: 'go', value: {} })
      const other = await visit()
      for (let at = 0; at < 5; at++) expect((await other.view.event('look')).status).toBe('ok')
      for (const loop of all) {
        expect(loop.count).toBeGreaterThan(1)
        expect(loop.count).toBeLessThan(end)
        loop.stopped = true
      }
    })
  })
})
