/** Who may have a view back, how many are kept, and for how long. */
import { createLiveView, html, type LiveServerOptions, type SessionData } from 'liveloom'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { LongPollClient } from '../support/long-poll-client.ts'
import { fetchPage, joinPayload, type Page, RawClient } from '../support/raw-client.ts'
import { counter, Gates, once, type Survival, survive } from './cases.ts'

let world: Survival
afterEach(() => world.close())

const log: string[] = []

/** A server whose visitors are who the test says. */
async function withLogin(more: Partial<LiveServerOptions> = {}): Promise<{ login(as: SessionData): void }> {
  let now: SessionData = { user: 'Ada', roles: ['editor'] }
  log.length = 0
  world = await survive({ session: () => now, ...more })
  return { login: (as) => (now = as) }
}

/** Loses the page's connection, has its visitor be somebody else, and comes back. */
async function comesBack(login: (as: SessionData) => void, as: SessionData): Promise<string> {
  const { page, client, view } = await world.visit()
  await view.event('inc')
  await world.lose(client)
  login(as)
  return (await (await world.open(page)).rejoinView(page)).html
}

describe('a view is had back', () => {
  it('by the same session, in whatever order its keys come', async () => {
    const { login } = await withLogin()
    expect(await comesBack(login, { roles: ['editor'], user: 'Ada' })).toContain('<p>1</p>')
  })

  it.each([
    { who: 'somebody else', as: { user: 'Bob', roles: ['editor'] } },
    { who: 'nobody: logged out while the page was away', as: {} },
    { who: 'somebody with other rights', as: { user: 'Ada', roles: [] } },
    { who: 'somebody with more of a session', as: { user: 'Ada', roles: ['editor'], admin: true } },
  ])('by nobody else: $who', async ({ as }) => {
    const { login } = await withLogin()
    expect(await comesBack(login, as)).toContain('<p>0</p>')
    expect(world.log.filter((line) => line === 'shutdown')).toHaveLength(1)
  })

  it('by whom `sameVisitor` takes for the same', async () => {
    const seen: unknown[] = []
    const sameVisitor = (before: SessionData, now: SessionData): boolean => {
      seen.push([before['user'], now['user']])
      return before['user'] === now['user']
    }
    const { login } = await withLogin({ sameVisitor })
    expect(await comesBack(login, { user: 'Ada', visits: 2 })).toContain('<p>1</p>')
    expect(seen).toEqual([['Ada', 'Ada']])
  })

  it('by nobody when `sameVisitor` throws, which is reported', async () => {
    const { login } = await withLogin({
      sameVisitor() {
        throw new Error('no idea')
      },
    })
    expect(await comesBack(login, { user: 'Ada', roles: ['editor'] })).toContain('<p>0</p>')
    expect(world.reports).toEqual(['resume: no idea'])
  })

  it.each([false, Promise.resolve(false)])('not when `onResume` says no: %s', async (answer) => {
    const { login } = await withLogin({ onResume: () => answer })
    expect(await comesBack(login, { user: 'Ada', roles: ['editor'] })).toContain('<p>0</p>')
  })

  it('not after its session was disconnected, while it was parked', async () => {
    await withLogin()
    const { page, client, view } = await world.visit()
    await view.event('inc')
    await world.lose(client)
    expect(world.server.disconnect((session) => session['user'] === 'Ada')).toBe(1)
    expect(world.log).toContain('shutdown')
    expect((await (await world.open(page)).rejoinView(page)).html).toContain('<p>0</p>')
  })

  it('not by a page that is on another route, of another view', async () => {
    world = await survive()
    const { page, client } = await world.visit()
    await world.lose(client)
    const { reply } = (await world.open(page)).join(
      `lv:${page.id}`,
      joinPayload(
        { ...page, url: `${world.url}/other` },
        { params: { _mounts: 1 }, redirect: `${world.url}/other`, url: undefined },
      ),
    )
    expect(JSON.stringify(await reply)).toContain('other')
    expect(world.log).toContain('shutdown')
  })

  it('by a join with its own id alone: one for another topic is refused', async () => {
    world = await survive()
    const { page, client } = await world.visit()
    await world.lose(client)
    const forged = { ...page, id: 'phx-AAAA' }
    await expect((await world.open(page)).rejoinView(forged)).rejects.toThrow('stale')
    expect(world.log).not.toContain('shutdown')
  })
})

describe('a view is kept', () => {
  it.each([
    { where: 'the server', options: { resumeWindow: 0 }, view: {} },
    { where: 'the view, over what the server says', options: { resumeWindow: 60_000 }, view: { resumeWindow: 0 } },
  ])('not at all when $where says so', async ({ options, view: more }) => {
    world = await survive(options, more)
    const { page, client, view } = await world.visit()
    await view.event('inc')
    await client.cut()
    await vi.waitFor(() => expect(world.log).toContain('shutdown'))
    expect((await (await world.open(page)).rejoinView(page)).html).toContain('<p>0</p>')
  })

  it('as long as its live session says', async () => {
    world = await survive({
      routes: {},
      liveSessions: { short: { routes: { '/': counter(log, new Gates()) }, resumeWindow: 1 } },
    })
    const { client } = await world.visit()
    const expired = once('expire')
    await client.cut()
    expect(await expired).toMatchObject({ why: 'time', view: '/' })
  })

  it('until there are more pages than may be: the oldest of whoever has most goes first', async () => {
    world = await survive({ limits: { maxParked: 3 } })
    const parked: Page[] = []
    const leave = async (cookie?: string): Promise<Page> => {
      const { page, client, view } = await world.visit('/', cookie)
      await view.event('inc')
      await world.lose(client)
      parked.push(page)
      return page
    }
    const first = await leave()
    await leave(first.cookie)
    const other = await leave()
    await leave()
    const shown = async (page: Page): Promise<string> =>
      /<p>(\d)<\/p>/.exec((await (await world.open(page)).rejoinView(page)).html)![1]!
    expect(await shown(other)).toBe('1')
    expect(await shown(parked[0]!)).toBe('0')
    expect(await shown(parked[1]!)).toBe('1')
    expect(world.reports.filter((line) => line.includes('maxParked'))).toHaveLength(1)
  })

  it('no more than 20 times for one visitor, however much room there is', async () => {
    world = await survive()
    const { page, client, view } = await world.visit()
    await view.event('inc')
    await world.lose(client)
    for (let more = 0; more < 20; more++) {
      const next = await world.visit('/', page.cookie)
      await world.lose(next.client)
    }
    expect((await (await world.open(page)).rejoinView(page)).html).toContain('<p>0</p>')
  })

  it('until more infos come than may wait', async () => {
    world = await survive({ limits: { maxMailbox: 10 } }, { handleInfo: () => world.gates.wait('never') })
    const { client } = await world.visit()
    await world.lose(client)
    for (let info = 0; info < 12; info++) await world.server.publish('news', info)
    expect(world.reports.join()).toContain('10 infos wait for the view')
    expect(world.log).toContain('shutdown')
  })

  it('until more events wait for its page than may', async () => {
    world = await survive({ limits: { maxMailbox: 10 } })
    const { client } = await world.visit()
    await world.lose(client)
    for (let info = 0; info < 11; info++) {
      await world.server.publish('news', 'push')
      await vi.waitFor(() => expect(world.log.filter((line) => line === 'info push')).toHaveLength(info + 1))
    }
    expect(world.reports.join()).toContain('10 events of pushEvent wait for a page')
    expect(world.log).toContain('shutdown')
  })

  it('until the server closes', async () => {
    world = await survive()
    const { client } = await world.visit()
    await world.lose(client)
    await world.server.close()
    expect(world.log).toContain('shutdown')
  })
})

describe('over long polling', () => {
  it('a page that goes finds its view as well, and only for a while: whether it was closed nobody can tell', async () => {
    const view = createLiveView<{ count: number }, { type: string }>({
      mount: (socket) => socket.assign({ count: 0 }),
      handleEvent: (socket) => socket.assign({ count: 7 }),
      render: ({ count }) => html`<p>${count}</p>`,
    })
    world = await survive({ routes: { '/': view } })
    const page = await fetchPage(world.url)
    const polls = await LongPollClient.open(page)
    const send = (message: unknown): Promise<unknown> => polls.post(`${JSON.stringify(message)}\n`)
    await send(['1', '1', `lv:${page.id}`, 'phx_join', joinPayload(page)])
    await send(['1', '2', `lv:${page.id}`, 'event', { type: 'click', event: 'x', value: {} }])
    await polls.poll()
    // It comes back on a WebSocket: its polls are not answered by a new poll, so it is not there any more.
    const again = await (await RawClient.open(page)).rejoinView(page)
    expect(again.html).toContain('<p>7</p>')
    again.client.socket.terminate()
  })
})
