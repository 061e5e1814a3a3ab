/** A nested view is joined by its own page alone, as long as the view around it is there. */
import { createLiveView, html } from 'liveloom'
import { describe, expect, it } from 'vitest'
import type { ViewToken } from '../../src/session/nested-views.ts'
import { type Page, type RawClient, type RawView } from '../support/raw-client.ts'
import { type Target, withTarget } from './target.ts'

/** The ids of the nested views that were mounted on a socket. */
const mounted: string[] = []
const secretive = createLiveView({
  sticky: 'secretive',
  mount: (socket, session) => {
    if (socket.connected) mounted.push(`${socket.id} ${String(session['for'])}`)
  },
  render: () => html`<p>secret</p>`,
})
const parent = createLiveView<{ on: boolean }, { type: string }>({
  mount: (socket) => socket.assign({ on: true }),
  handleEvent: (socket) => socket.assign({ on: !socket.context.on }),
  render: ({ on }, { live_view }) =>
    html`<div>${on && [live_view(secretive, { id: 'kid', session: { for: 'kid' } }), live_view(secretive, { id: 'other' })]}</div>
      ${live_view(secretive, { id: 'player', sticky: true, session: { for: 'player' } })}`,
})
const options = { routes: { '/parent': parent } }

function tokenOf({ html: markup }: RawView, id: string): string {
  return new RegExp(`id="${id}"[^>]*data-phx-session="([^"]+)"`).exec(markup)![1]!
}

async function attack(
  client: RawClient,
  id: string,
  session: unknown,
  more: Record<string, unknown> = {},
): Promise<unknown> {
  const payload = { params: { _mounts: 0 }, session, static: null, sticky: false, ...more }
  const { status, response } = await client.join(`lv:${id}`, payload).reply
  return status === 'ok' ? 'joined' : response['reason']
}

type Attack = (own: { page: Page; client: RawClient; view: RawView }, target: Target) => Promise<unknown>

describe('a nested view is not joined', () => {
  const sign = ({ signer }: Target, token: ViewToken): string => signer().sign('view', token)
  const attacks: readonly (readonly [name: string, reason: string, attack: Attack])[] = [
    ['without a token', 'stale', ({ client }) => attack(client, 'kid', '')],
    ['with no text for a token', 'invalid join', ({ client }) => attack(client, 'kid', 7)],
    ['with the token of its sibling', 'stale', ({ client, view }) => attack(client, 'kid', tokenOf(view, 'other'))],
    ['with the token of its parent', 'stale', ({ client, page }) => attack(client, 'kid', page.session)],
    ['with its token under another id', 'stale', ({ client, view }) => attack(client, 'kid2', tokenOf(view, 'kid'))],
    ['with a token cut short', 'stale', ({ client, view }) => attack(client, 'kid', tokenOf(view, 'kid').slice(0, -1))],
    [
      'with the static token of another view',
      'stale',
      ({ client, view, page }) => attack(client, 'kid', tokenOf(view, 'kid'), { static: page.static }),
    ],
    [
      'by another visitor',
      'stale',
      async ({ view }, target) => attack((await target.visit('/parent')).client, 'kid', tokenOf(view, 'kid')),
    ],
    [
      'on another connection of the same visitor',
      'stale',
      async ({ view, page }, target) => attack(await target.open(page), 'kid', tokenOf(view, 'kid')),
    ],
    [
      'when its parent has ended',
      'stale',
      async ({ client, view }) => {
        const token = tokenOf(view, 'kid')
        await client.request(view.topic, 'phx_leave', {}, view.joinRef)
        return attack(client, 'kid', token)
      },
    ],
    [
      'when its parent was joined anew',
      'stale',
      async ({ client, view, page }) => {
        const token = tokenOf(view, 'kid')
        await client.joinView(page, { params: { _mounts: 1 } })
        return attack(client, 'kid', token)
      },
    ],
    [
      'of an id that its parent never placed',
      'stale',
      ({ client }, target) =>
        attack(client, 'ghost', sign(target, { kind: 'nested', id: 'ghost', nonce: '', parent: 'made up' })),
    ],
    [
      'by a sticky name that the server does not have',
      'stale',
      ({ client }, target) =>
        attack(
          client,
          'ghost',
          sign(target, { kind: 'sticky', id: 'ghost', nonce: '', name: 'toString', session: {} }),
        ),
    ],
    [
      'with a token of a sticky one',
      'stale',
      ({ client, view }) => attack(client, 'kid', tokenOf(view, 'player'), { sticky: true }),
    ],
    [
      'with a token of two weeks ago',
      'stale',
      ({ client }, { signer }) => {
        const token: ViewToken = { kind: 'sticky', id: 'player', nonce: '', name: 'player', session: {} }
        return attack(client, 'player', signer(Date.now() - 15 * 24 * 60 * 60 * 1000).sign('view', token))
      },
    ],
  ]
  it.for(attacks)('%s', ([, reason, run]) =>
    withTarget(options, async (target) => {
      mounted.length = 0
      const own = await target.visit('/parent')
      expect(await run(own, target)).toBe(reason)
      expect(mounted).toEqual([])
      expect(target.reports).toEqual([])
    }),
  )
})

describe('what the page claims beside its token', () => {
  it.for([
    ['an address', { url: 'http://localhost/elsewhere' }],
    ['a navigation', { redirect: 'http://localhost/elsewhere' }],
    ['that it is sticky', { sticky: true }],
    ['a flash that nobody signed', { flash: 'x' }],
    ['params of another shape', { params: [] }],
    ['mounts of another kind', { params: { _mounts: {}, _track_static: {} } }],
  ] as const)('changes nothing: %s', ([, claim]) =>
    withTarget(options, async (target) => {
      mounted.length = 0
      const { client, view } = await target.visit('/parent')
      expect(await attack(client, 'kid', tokenOf(view, 'kid'), claim)).toBe('joined')
      expect(await attack(client, 'player', tokenOf(view, 'player'), claim)).toBe('joined')
      expect(mounted).toEqual(['kid kid', 'player player'])
      expect(target.reports).toEqual([])
    }),
  )
})

it('a page that joins and leaves its children over and over has them end each time', () =>
  withTarget(options, async (target) => {
    const { client, view } = await target.visit('/parent')
    const session = tokenOf(view, 'kid')
    for (let count = 0; count < 50; count++) {
      expect(await attack(client, 'kid', session)).toBe('joined')
      await client.request('lv:kid', 'phx_leave', {}, null)
    }
    expect((await view.event('toggle')).status).toBe('ok')
  }))
