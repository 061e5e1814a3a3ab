/** Fifty pages whose lines come and go all the time: nobody loses a click that was answered, nobody has another's view. */
import { createLiveView, html } from 'liveloom'
import { afterEach, expect, it } from 'vitest'
import { fetchPage, type RawClient, type RawView } from '../support/raw-client.ts'
import { type Survival, survive } from './cases.ts'

let world: Survival
afterEach(() => world.close())

const pages = 50
const losses = 12

it('fifty flapping lines: each page has its own view, and each answered click was counted once', async () => {
  let mounts = 0
  const counter = createLiveView<{ owner: string; clicks: readonly string[] }, { type: string; id: string }>({
    mount(socket) {
      mounts++
      socket.assign({ owner: '', clicks: [] })
    },
    async handleEvent(socket, { type, id }) {
      if (type === 'own') return socket.assign({ owner: id })
      // Some handlers are in the middle of something when the line goes.
      await Promise.resolve()
      return socket.assign({ clicks: [...socket.context.clicks, id] })
    },
    render: ({ owner, clicks }) => html`<b>${owner}</b><p>${clicks.join(' ')}</p>`,
  })
  world = await survive({ routes: { '/': counter } })

  const flap = async (nth: number): Promise<void> => {
    const page = await fetchPage(world.url)
    let client: RawClient = await world.open(page)
    let view: RawView = await client.joinView(page)
    await view.event('own', { id: `owner-${nth}` })
    const answered: string[] = []
    for (let loss = 0; loss < losses; loss++) {
      const id = `${nth}.${loss}`
      const ref = view.push('event', { type: 'click', event: 'click', value: { id } })
      // Every third line goes before the answer.
      if (loss % 3 !== 0) {
        await client.reply(ref)
        answered.push(id)
      }
      await client.cut()
      client = await world.open(page)
      view = await client.rejoinView(page)
      expect(view.html).toContain(`<b>owner-${nth}</b>`)
    }
    // What has not been handled yet is handled before this.
    await view.event('click', { id: 'last' })
    const shown = /<p>(.*)<\/p>/.exec(view.html)![1]!.split(' ')
    expect(new Set(shown).size).toBe(shown.length)
    expect(shown).toEqual(expect.arrayContaining(answered))
  }
  await Promise.all(Array.from({ length: pages }, (_, nth) => flap(nth)))
  // Each was mounted over HTTP and on its first line, and never again.
  expect(mounts).toBe(2 * pages)
})
