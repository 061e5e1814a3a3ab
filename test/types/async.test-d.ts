import {
  async_result,
  AsyncResult,
  type AsyncNames,
  type AsyncValues,
  createLiveView,
  html,
  type LiveViewSocket,
} from 'liveloom'
import { describe, expectTypeOf, it } from 'vitest'

interface User {
  readonly name: string
}
interface Context {
  readonly user: AsyncResult<User>
  readonly note?: AsyncResult<string>
  readonly count: number
}

const socket = {} as LiveViewSocket<Context>

describe('the values that load', () => {
  it('are the keys whose type is AsyncResult', () => {
    expectTypeOf<AsyncNames<Context>>().toEqualTypeOf<'user' | 'note'>()
    expectTypeOf<AsyncValues<Context, 'user' | 'note'>>().toEqualTypeOf<{
      readonly user: User
      readonly note: string
    }>()
    socket.assignAsync('user', async () => ({ user: { name: 'Ada' } }))
    socket.assignAsync('note', () => ({ note: 'x' }))
    socket.assignAsync(['user', 'note'], () => ({ user: { name: 'Ada' }, note: 'x' }))
    // @ts-expect-error A number does not load.
    socket.assignAsync('count', async () => ({ count: 1 }))
    // @ts-expect-error There is no such key.
    socket.assignAsync('users', async () => ({ users: [] }))
    // @ts-expect-error A user has a name.
    socket.assignAsync('user', async () => ({ user: {} }))
    // @ts-expect-error A note is a text.
    socket.assignAsync('note', async () => ({ note: 1 }))
    // @ts-expect-error There is no note.
    socket.assignAsync(['user', 'note'], async () => ({ user: { name: 'Ada' } }))
  })

  it('may be any of a context that is not typed', () => {
    const untyped = {} as LiveViewSocket
    untyped.assignAsync('anything', () => ({ anything: 1 }))
    untyped.assignAsync(['a', 'b'], async () => ({ a: 1, b: 2 }), { reset: ['a'] })
  })

  it('are forgotten by name', () => {
    const load = () => ({ user: { name: 'Ada' } })
    socket.assignAsync('user', load, { reset: true })
    socket.assignAsync('user', load, { reset: ['user'] })
    // @ts-expect-error It does not load the note.
    socket.assignAsync('user', load, { reset: ['note'] })
    // @ts-expect-error A name is no list.
    socket.assignAsync('user', load, { reset: 'user' })
  })

  it('are made by hand, too', () => {
    const price: AsyncResult<number> = AsyncResult.loading()
    expectTypeOf(AsyncResult.ok(7)).toEqualTypeOf<AsyncResult<number>>()
    expectTypeOf(AsyncResult.loading(price)).toEqualTypeOf<AsyncResult<number>>()
    expectTypeOf(AsyncResult.failed('why', price)).toEqualTypeOf<AsyncResult<number>>()
    async_result(AsyncResult.ok('x'), { ok: (value) => expectTypeOf(value).toBeString() })
    createLiveView<{ price: AsyncResult<number> }>({
      mount: (mounted) => mounted.assign({ price: AsyncResult.loading() }),
      handleAsync: (settled, _, { ok, ...outcome }) => {
        expectTypeOf(outcome).not.toBeAny()
        settled.assign({ price: ok ? AsyncResult.ok(1) : AsyncResult.failed('why', settled.context.price) })
        // @ts-expect-error A price is a number.
        settled.assign({ price: AsyncResult.ok('1') })
      },
      render: () => html`<p></p>`,
    })
  })
})
