/** What the doors of the frameworks refuse at once. */
import { createLiveServer } from 'liveloom'
import { liveloom as onBun } from 'liveloom/bun'
import { liveloom as onDeno } from 'liveloom/deno'
import { liveloom as inExpress } from 'liveloom/express'
import { liveloom as inFastify } from 'liveloom/fastify'
import { liveloom as inHono } from 'liveloom/hono'
import { liveloom as inKoa } from 'liveloom/koa'
import { describe, expect, it } from 'vitest'

const server = createLiveServer({ routes: {}, secret: 'a secret of the tests, long enough' })

const doors = {
  Express: (options: object) => inExpress(server, options),
  Koa: (options: object) => inKoa(server, options),
  Hono: (options: object) => inHono(server, options),
  Bun: (options: object) => onBun(server, options),
  Deno: (options: object) => onDeno(server, options),
}

describe.each(Object.entries(doors))('the door of %s', (_, open) => {
  it.each([
    [{ sesion: () => ({}) }, "liveloom: unknown option 'sesion'; known are development, fsync, session"],
    [{ session: {} }, 'liveloom: session must be a function, got a plain object'],
    [{ fsync: 'yes' }, 'fsync must be true or false'],
  ])('refuses %j', (options, why) => {
    expect(() => open(options)).toThrow(why)
  })
})

it('the plugin of Fastify wants a server', async () => {
  await expect(inFastify({} as never, {} as never)).rejects.toThrow('app.register(liveloom, { server }) needs a server')
})

it('proxies are those of the framework, where it has an option for them', () => {
  expect(() => doors.Express({ trustProxy: true })).toThrow("unknown option 'trustProxy'")
})
