/** What the options of the cookie take, and who has to name the request. */
import type { IncomingMessage } from 'node:http'
import { type CookieOptions, createLiveServer } from 'liveloom'
import type { LiveHandler, NodeServer } from 'liveloom/node'
import { describe, expectTypeOf, it } from 'vitest'

describe('the options of the cookie', () => {
  it('are closed sets where the browser has one', () => {
    expectTypeOf<CookieOptions['sameSite']>().toEqualTypeOf<'lax' | 'strict' | 'none' | undefined>()
    expectTypeOf<CookieOptions['secure']>().toEqualTypeOf<boolean | 'auto' | undefined>()
    createLiveServer({ routes: {}, name: 'shop', cookie: { name: '__Host-shop', maxAge: 60_000 } })
    // @ts-expect-error Browsers know it in any case; here it is written one way.
    createLiveServer({ routes: {}, cookie: { sameSite: 'Lax' } })
    // @ts-expect-error Scripts never read it.
    createLiveServer({ routes: {}, cookie: { httpOnly: false } })
  })
})

describe('what makes cookies', () => {
  it('takes the request first', () => {
    expectTypeOf<NodeServer['flashCookie']>().parameters.toEqualTypeOf<
      [request: IncomingMessage, flash: Readonly<Record<string, string>>]
    >()
    expectTypeOf<LiveHandler['flashCookie']>().toEqualTypeOf<NodeServer['flashCookie']>()
    expectTypeOf<LiveHandler['sessionCookie']>().toEqualTypeOf<NodeServer['sessionCookie']>()
  })
})
