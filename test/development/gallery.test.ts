/** What a development server would tell of the pages that others learn from. */
import { createLiveServer } from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { layout } from '../../examples/gallery/layout.ts'
import { allLiveSessions, allRoutes, groups } from '../../examples/gallery/pages.ts'

const told: string[] = []
let server: NodeServer

beforeAll(async () => {
  const live = createLiveServer({
    secret: 'a secret of the tests, long enough',
    routes: allRoutes(),
    liveSessions: allLiveSessions(),
    layout,
    onError: (error) => told.push(String(error)),
  })
  server = await serve(live, { port: 0, signals: false, development: true })
})

afterAll(() => server.close())

describe('a page of the gallery has none of the likely mistakes', () => {
  it.each(groups.flatMap(({ pages }) => pages.map(({ path }) => path)))('%s', async (path) => {
    const response = await fetch(`${server.url}${path}`)
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('/live/development.js')
    expect(told.splice(0)).toEqual([])
  })
})
