/** What applications hand to `use`, by the types that npm has for it. */
import compression from 'compression'
import cors from 'cors'
import express from 'express'
import helmet from 'helmet'
import type { Middleware, ServeOptions } from 'liveloom/node'
import sirv from 'sirv'
import { describe, expectTypeOf, it } from 'vitest'

describe('use', () => {
  it('takes middleware of npm as it is', () => {
    const options: ServeOptions = {
      use: [compression(), helmet(), cors(), sirv('public'), express.static('public'), express()],
    }
    expectTypeOf(options.use).not.toBeUndefined()
  })

  it('types what is written in place', () => {
    const own: Middleware = (request, response, next) => {
      expectTypeOf(request.url).toEqualTypeOf<string | undefined>()
      response.setHeader('x-own', 'yes')
      next()
    }
    const waiting: Middleware = async (_request, _response, next) => next()
    expectTypeOf([own, waiting]).toExtend<readonly Middleware[]>()
  })

  it('takes no function of something else', () => {
    // @ts-expect-error a text is no request
    const wrong: Middleware = (text: string) => text
    // @ts-expect-error three arguments are all
    const more: Middleware = (_request: unknown, _response: unknown, _next: unknown, _more: number) => {}
    expectTypeOf([wrong, more]).not.toBeAny()
  })
})
