/** What a form that is submitted over HTTP ends at: a middleware that believes only forms of its own pages. */
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Middleware } from 'liveloom/node'

/** Answers `POST /form-behaviour/receive`. `isOurs` tells whether a token was given to the visitor of a request. */
export function receiveForm(isOurs: (request: IncomingMessage, token: unknown) => boolean): Middleware {
  return async (request, response, next) => {
    if (request.method !== 'POST' || request.url !== '/form-behaviour/receive') return next()
    const fields = new URLSearchParams(await text(request))
    if (!isOurs(request, fields.get('_csrf_token'))) {
      response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' }).end('This form is not of our page.\n')
      return
    }
    const name = encodeURIComponent(fields.get('name') ?? '')
    response.writeHead(303, { location: `/form-behaviour/received?name=${name}&by=${fields.get('by') ?? ''}` }).end()
  }
}
