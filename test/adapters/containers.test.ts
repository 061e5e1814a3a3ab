/** The elements around views: over HTTP, in a live page, and what a navigation makes of the one that is there. */
import { createLiveServer, createLiveView, html, type LiveServerOptions } from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { afterEach, describe, expect, it } from 'vitest'
import { fetchPage, joinPayload, RawClient } from '../support/raw-client.ts'

const servers: NodeServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const item = createLiveView({ container: { tag: 'li', class: 'item', role: 'note' }, render: () => html`<b>item</b>` })
const list = createLiveView({
  container: { class: 'list' },
  render: (_, { live_view }) =>
    html`<ul>${live_view(item, { id: 'first' })}${live_view(item, { id: 'second', container: { class: 'other', title: '"' } })}</ul>`,
})
const plain = createLiveView({ render: () => html`<p>plain</p>` })

async function start(options: Partial<LiveServerOptions> = {}): Promise<string> {
  const live = createLiveServer({ secret: 's'.repeat(32), routes: { '/': list, '/plain': plain }, ...options })
  const server = await serve(live, { port: 0, signals: false, development: false })
  servers.push(server)
  return server.url
}

/** The tag that opens the element with this id, without what is signed. */
function openingOf(markup: string, id: string): string {
  const tag = new RegExp(`<[a-z]+\\s+id="${id}"[^>]*>`).exec(markup)![0]
  return tag.replaceAll(/ data-phx-(?:session|static|parent-id)="[^"]*"/g, '').replace(/\s+/, ' ')
}

describe('a container', () => {
  it.each([
    { name: 'of a view is what that says', path: '/', container: undefined, opening: 'class="list"' },
    { name: 'of a view that says nothing is a div', path: '/plain', container: undefined, opening: '' },
    {
      name: 'is what the server says',
      path: '/plain',
      container: { class: 'page', 'aria-live': 'polite' },
      opening: 'class="page" aria-live="polite"',
    },
    {
      name: 'is what the view says over what the server says',
      path: '/',
      container: { class: 'page', 'aria-live': 'polite' },
      opening: 'class="list" aria-live="polite"',
    },
  ])('$name', async ({ path, container, opening }) => {
    const url = await start({ container })
    const page = await fetchPage(url + path)
    const markup = await (await fetch(url + path)).text()
    const id = /id="([^"]+)" data-phx-main/.exec(markup)![1]!
    expect(openingOf(markup, id)).toBe(`<div id="${id}" data-phx-main${opening && ` ${opening}`}>`)
    const client = await RawClient.open(page)
    expect((await client.join(`lv:${page.id}`, joinPayload(page)).reply).response).not.toHaveProperty('container')
  })

  it('of a nested view is the same over HTTP and in a live page', async () => {
    const url = await start()
    const page = await fetchPage(url)
    const client = await RawClient.open(page)
    const view = await client.joinView(page)
    for (const markup of [await (await fetch(url)).text(), view.html]) {
      expect(openingOf(markup, 'first')).toBe('<li id="first" class="item" role="note">')
      expect(openingOf(markup, 'second')).toBe('<li id="second" class="other" role="note" title="&quot;">')
    }
    expect(view.html).toMatch(/<ul><li [^>]*><\/li><li [^>]*><\/li><\/ul>/)
  })

  it.each([
    { from: '/', to: '/plain', container: undefined, element: ['div', {}] },
    { from: '/plain', to: '/', container: undefined, element: ['div', { class: 'list' }] },
    { from: '/', to: '/plain', container: { tag: 'main', hidden: true }, element: ['main', { hidden: '' }] },
  ])('is told to the page that navigates from $from to $to: $element', async ({ from, to, container, element }) => {
    const url = await start({ container })
    const page = await fetchPage(url + from)
    const client = await RawClient.open(page)
    const payload = { ...joinPayload(page, { redirect: url + to }), url: undefined }
    const { status, response } = await client.join(`lv:${page.id}`, payload).reply
    expect([status, response['container']]).toEqual(['ok', element])
  })
})

describe('the routes of a live session', () => {
  const aside = createLiveView({ container: { tag: 'aside' }, render: () => html`<p></p>` })

  it('have one tag, since the client cannot change it', () => {
    const secret = 's'.repeat(32)
    expect(() => createLiveServer({ secret, routes: { '/': plain, '/aside': aside } })).toThrow(
      'createLiveServer: all views of a live session must have the same container.tag: / has <div>, /aside <aside>; ' +
        'give them live sessions of their own, or all the same tag',
    )
    expect(() =>
      createLiveServer({
        secret,
        routes: { '/': plain },
        liveSessions: {
          asides: { routes: { '/aside': aside } },
          mains: { routes: { '/main': plain }, container: { tag: 'main' } },
        },
      }),
    ).not.toThrow()
  })

  it.each([
    {
      make: () => createLiveView({ container: { id: 'x' }, render: () => html`` }),
      where: 'createLiveView: container.id',
    },
    {
      make: () => createLiveServer({ routes: {}, container: { tag: 'br' } }),
      where: 'createLiveServer: container.tag',
    },
    {
      make: () => createLiveServer({ routes: {}, liveSessions: { a: { routes: {}, container: { onclick: '' } } } }),
      where: 'createLiveServer: liveSessions.a: container: attrs: onclick',
    },
  ])('refuses at once, and says where: $where', ({ make, where }) => {
    expect(make).toThrow(where)
  })
})
