/** What a page finds that has lost its connection, at the wire and through the official client's own tree. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { joinPayload } from '../support/raw-client.ts'
import { type Survival, survive } from './cases.ts'

let world: Survival
afterEach(() => world.close())

describe('a page that comes back', () => {
  it('finds its view as it was: state, components and their numbers, no second mount', async () => {
    world = await survive()
    const { page, client, view } = await world.visit()
    await view.event('inc')
    await view.request('event', { type: 'click', event: 'step', value: {}, cid: 1 })
    const before = view.html
    await client.cut()
    const again = await (await world.open(page)).rejoinView(page)
    expect(again.html).toBe(before)
    expect(world.log.filter((line) => line.startsWith('mount'))).toEqual(['mount first', 'mount connected'])
    await again.event('inc')
    expect(again.html).toContain('<p>2</p>')
    await again.request('event', { type: 'click', event: 'step', value: {}, cid: 1 })
    expect(again.html).toContain('step 2')
  })

  it('is shown what came meanwhile, once', async () => {
    world = await survive()
    const { page, client } = await world.visit()
    await world.lose(client)
    await world.server.publish('news', 'one')
    await world.server.publish('news', 'two')
    const again = await (await world.open(page)).rejoinView(page)
    expect(again.html).toContain('<p>20</p>')
    expect(world.log.filter((line) => line.startsWith('info'))).toEqual(['info one', 'info two'])
  })

  it('has the current title, always', async () => {
    world = await survive()
    const { page, client } = await world.visit()
    await client.cut()
    const next = await world.open(page)
    const { reply } = next.join(`lv:${page.id}`, joinPayload(page, { params: { _mounts: 1 } }))
    const { response } = await reply
    expect((response['rendered'] as { t?: string }).t).toBe('fresh')
  })

  it('gets the answer to what it had sent, by the old ref, behind that of its join', async () => {
    world = await survive()
    const { page, client, view } = await world.visit()
    const ref = view.push('event', { type: 'hook', event: 'ask', value: { wait: 'gate' } })
    await vi.waitFor(() => expect(world.log).toContain('event ask'))
    await client.cut()
    world.gates.open('gate')
    const next = await world.open(page)
    const again = await next.rejoinView(page)
    const { response } = await next.reply(ref)
    expect(response).toEqual({ diff: { r: { answer: 0 } } })
    const answers = next.frames.filter(({ event }) => event === 'phx_reply').map((frame) => frame.ref)
    expect(answers).toEqual([again.joinRef, ref])
    expect(next.frames.at(-1)!.joinRef).toBe(again.joinRef)
    expect(world.log.filter((line) => line === 'event ask')).toHaveLength(1)
  })

  it('goes before a handler that still runs, and is shown what that changes after it', async () => {
    world = await survive()
    const { page, client, view } = await world.visit()
    const ref = view.push('event', { type: 'click', event: 'inc', value: { wait: 'gate' } })
    await vi.waitFor(() => expect(world.log).toContain('event inc'))
    view.push('event', { type: 'click', event: 'inc', value: {} })
    await view.client.heartbeat()
    await client.cut()
    const next = await world.open(page)
    const again = await next.rejoinView(page)
    expect(again.html).toContain('<p>1</p>')
    world.gates.open('gate')
    await next.reply(ref)
    await again.event('look')
    expect(again.html).toContain('<p>2</p>')
  })

  it.each([
    { case: 'closed its tab', close: (socket: { close(code?: number): void }) => socket.close() },
    { case: 'said that it leaves', close: (socket: { close(code?: number): void }) => socket.close(1000) },
  ])('is mounted anew when it had $case', async ({ close }) => {
    world = await survive()
    const { page, client, view } = await world.visit()
    await view.event('inc')
    close(client.socket)
    await client.waitForClose()
    await vi.waitFor(() => expect(world.log).toContain('shutdown'))
    const again = await (await world.open(page)).rejoinView(page)
    expect(again.html).toContain('<p>0</p>')
  })

  it('is mounted anew when it was loaded anew, and what was kept ends before', async () => {
    world = await survive()
    const { page, client, view } = await world.visit()
    await view.event('inc')
    await client.cut()
    const again = await (await world.open(page)).joinView(page)
    expect(again.html).toContain('<p>0</p>')
    expect(world.log).toEqual([
      'mount first',
      'params /',
      'mount connected',
      'params /',
      'event inc',
      'shutdown',
      'mount connected',
      'params /',
    ])
  })

  it('goes on after a heartbeat that timed out', async () => {
    world = await survive()
    const { page, client, view } = await world.visit()
    await view.event('inc')
    client.socket.close(1000, 'heartbeat timeout')
    await client.waitForClose()
    const again = await (await world.open(page)).rejoinView(page)
    expect(again.html).toContain('<p>1</p>')
  })

  it('finds where it has moved to', async () => {
    world = await survive()
    const { page, client } = await world.visit()
    await client.cut()
    await (await world.open(page)).rejoinView({ ...page, url: `${world.url}/?page=7` })
    expect(world.log.at(-1)).toBe('params /?page=7')
  })

  it('is told of a patch that it has not heard of', async () => {
    world = await survive()
    const { page, client, view } = await world.visit()
    view.push('event', { type: 'click', event: 'patch', value: { wait: 'gate' } })
    await vi.waitFor(() => expect(world.log).toContain('event patch'))
    await client.cut()
    world.gates.open('gate')
    await vi.waitFor(() => expect(world.log).toContain('params /?page=2'))
    const { reply } = (await world.open(page)).join(`lv:${page.id}`, joinPayload(page, { params: { _mounts: 1 } }))
    expect((await reply).response['live_patch']).toEqual({ kind: 'push', to: '/?page=2' })
    expect(world.log.filter((line) => line.startsWith('params /?'))).toHaveLength(1)
  })

  it('is sent on, once, where its view has sent it and it has not heard', async () => {
    world = await survive()
    const { page, client } = await world.visit()
    await world.lose(client)
    await world.server.publish('news', 'go')
    await vi.waitFor(() => expect(world.log).toContain('shutdown'))
    const next = await world.open(page)
    const first = next.join(`lv:${page.id}`, joinPayload(page, { params: { _mounts: 1 } }))
    expect(await first.reply).toMatchObject({ status: 'error', response: { redirect: { to: '/other' } } })
    const second = next.join(`lv:${page.id}`, joinPayload(page, { params: { _mounts: 1 } }))
    expect(await second.reply).toMatchObject({ status: 'ok' })
  })

  it('hears an event that was pushed meanwhile', async () => {
    world = await survive()
    const { page, client } = await world.visit()
    await world.lose(client)
    await world.server.publish('news', 'push')
    const { reply } = (await world.open(page)).join(`lv:${page.id}`, joinPayload(page, { params: { _mounts: 1 } }))
    expect(((await reply).response['rendered'] as { e: unknown[] }).e).toContainEqual(['told', { info: 'push' }])
  })

  it('is mounted anew when its view has ended meanwhile', async () => {
    world = await survive()
    const { page, client } = await world.visit()
    await world.lose(client)
    await world.server.publish('news', 'crash')
    await vi.waitFor(() => expect(world.reports).toEqual(['info: as told']))
    const again = await (await world.open(page)).rejoinView(page)
    expect(again.html).toContain('<p>0</p>')
  })

  it('gets its view once more after each loss', async () => {
    world = await survive()
    const { page, client, view } = await world.visit()
    await view.event('inc')
    let last = client
    for (let loss = 1; loss <= 5; loss++) {
      await last.cut()
      last = await world.open(page)
      const again = await last.rejoinView(page)
      await again.event('inc')
      expect(again.html).toContain(`<p>${loss + 1}</p>`)
    }
  })

  it('has its form as the server has made it, when it says again what it had said', async () => {
    world = await survive()
    const { page, client, view } = await world.visit()
    const said = { type: 'form', event: 'name', value: '_unused_name=&name=Ada', meta: { _target: 'name' } }
    await view.request('event', said)
    await view.submit('save', 'name=Ada')
    expect(view.html).toContain('value="saved"')
    await client.cut()
    const again = await (await world.open(page)).rejoinView(page)
    await again.request('event', { ...said, value: 'name=Ada' })
    expect(again.html).toContain('value="saved"')
    expect(world.log.filter((line) => line === 'event name')).toHaveLength(1)
    // What it says a second time it means.
    await again.request('event', { ...said, value: 'name=Ada' })
    expect(world.log.filter((line) => line === 'event name')).toHaveLength(2)
  })

  it('has what was typed meanwhile', async () => {
    world = await survive()
    const { page, client, view } = await world.visit()
    const said = { type: 'form', event: 'name', value: 'name=Ada', meta: { _target: 'name' } }
    await view.request('event', said)
    await client.cut()
    const again = await (await world.open(page)).rejoinView(page)
    await again.request('event', { ...said, value: 'name=Ada+L' })
    expect(again.html).toContain('value="Ada L"')
  })
})

describe('another page', () => {
  it('of the visitor, with the tokens of the first, is mounted anew while that one lives', async () => {
    world = await survive()
    const { page, view } = await world.visit()
    await view.event('inc')
    const again = await (await world.open(page)).rejoinView(page)
    expect(again.html).toContain('<p>0</p>')
    await view.event('inc')
    expect(view.html).toContain('<p>2</p>')
  })

  it('takes the view over from one that only seems to live', async () => {
    world = await survive()
    const { page, client, view } = await world.visit()
    await view.event('inc')
    // Pongs are written by the library: so nothing is read any more.
    client.socket.pause()
    const again = await (await world.open(page)).rejoinView(page)
    expect(again.html).toContain('<p>1</p>')
    client.socket.resume()
    await client.waitForClose()
    await again.event('inc')
    expect(again.html).toContain('<p>2</p>')
  })

  it("in another visitor's hands gets a view of its own", async () => {
    world = await survive()
    const { page, client, view } = await world.visit()
    await view.event('inc')
    await client.cut()
    const { page: theirs } = await world.visit()
    const stolen = { ...theirs, id: page.id, session: page.session, static: page.static }
    const again = await (await world.open(stolen)).rejoinView(stolen)
    expect(again.html).toContain('<p>0</p>')
    const own = await (await world.open(page)).rejoinView(page)
    expect(own.html).toContain('<p>1</p>')
  })
})
