import { createLiveView, html, type InvalidParams, type LiveEvent, type Params } from 'liveloom'
import type { ParamsOf } from 'liveloom/forms'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'

const params = z.object({ id: z.coerce.number(), q: z.string().optional() })

interface Output {
  id: number
  q?: string | undefined
}

describe('the schema of params', () => {
  it('types them without type parameters', () => {
    createLiveView({
      params,
      mount: (_socket, _session, given) => void expectTypeOf(given.id).toEqualTypeOf<number>(),
      handleParams: (_socket, _url, given) => void expectTypeOf(given.q).toEqualTypeOf<string | undefined>(),
      handleInvalidParams: (_socket, invalid) => void expectTypeOf(invalid).toEqualTypeOf<InvalidParams>(),
      render: () => html``,
    })
  })

  it('types them by ParamsOf, beside a context of your own', () => {
    expectTypeOf<ParamsOf<typeof params>>().toExtend<Output>()
    createLiveView<{ id: number }, LiveEvent, never, unknown, ParamsOf<typeof params>>({
      params,
      mount: (socket, _session, { id }) => socket.assign({ id }),
      render: ({ id }) => html`${id}`,
    })
  })

  it('must be there, and fit, when the params are not as they come', () => {
    // @ts-expect-error No schema makes numbers of them.
    createLiveView<object, LiveEvent, never, unknown, Output>({ render: () => html`` })
    createLiveView<object, LiveEvent, never, unknown, { id: string }>({
      // @ts-expect-error It makes a number of the id.
      params,
      render: () => html``,
    })
    createLiveView<object, LiveEvent>({
      // @ts-expect-error The callbacks would be told that all are texts.
      params,
      render: () => html``,
    })
  })

  it('is not needed', () => {
    createLiveView<object>({
      mount: (_socket, _session, given) => void expectTypeOf(given).toEqualTypeOf<Params>(),
      render: () => html``,
    })
  })
})
