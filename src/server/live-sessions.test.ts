import { describe, expect, it } from 'vitest'
import { createLiveView } from '../live/view.ts'
import { html } from '../template/html.ts'
import { createLiveServer } from './live-server.ts'
import { defaultLayout } from './layout.ts'
import type { LiveRoutes } from './live-sessions.ts'

const view = createLiveView({ render: () => html`` })
const layout = (): ReturnType<typeof defaultLayout> => html`<!doctype html>`

describe('a route', () => {
  it('is a view alone, or says more of it', () => {
    const { settings } = createLiveServer({
      routes: { '/': view, '/new': { view, action: 'new' }, '/print': { view, layout } },
    })
    expect(settings.routes.map((route) => [route.path, route.view, route.facts.action, route.layout])).toEqual([
      ['/', view, undefined, defaultLayout],
      ['/new', view, 'new', defaultLayout],
      ['/print', view, undefined, layout],
    ])
  })

  it.each([
    [
      'no view',
      { '/a': {} },
      'the route /a must be a view of createLiveView, or { view, action, layout, shell }, got a plain object',
    ],
    ['a view that is none', { '/a': { view: 1 } }, 'got 1'],
    ['nothing', { '/a': null }, 'got null'],
    [
      'an unknown option',
      { '/a': { view, live: 'new' } },
      "the route /a: unknown option 'live'; known are view, action",
    ],
    ['an empty action', { '/a': { view, action: '' } }, "the route /a: action must be a text like 'edit', got ''"],
    ['an action that is no text', { '/a': { view, action: 1 } }, 'got 1'],
    [
      'a shell that is none',
      { '/a': { view, shell: true } },
      'the route /a: shell must be a function or false, got true',
    ],
    ['a layout that is no function', { '/a': { view, layout: html`` } }, 'the route /a: layout must be a function'],
  ])('with %s is refused where it is written', (_, routes, message) => {
    const create = (): unknown => createLiveServer({ routes: routes as LiveRoutes })
    expect(create).toThrow(expect.objectContaining({ code: 'ERR_SERVER_OPTIONS' }))
    expect(create).toThrow(message)
  })
})
