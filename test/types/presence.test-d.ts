/** Who is where, as a view is written. */
import { createLiveView, each, html, type Stream, topic } from 'liveloom'
import { createPresence, type Present, type PresenceInfo } from 'liveloom/presence'
import { expectTypeOf, it } from 'vitest'

interface Here {
  readonly name: string
}

const here = createPresence<Here>()
const room = topic<never>('room')

it('a view tracks itself, is told, and has a stream, by its own socket', () => {
  createLiveView<{ readonly people: Stream<Present<Here>> }, never, string, PresenceInfo<Here>>({
    mount: (socket) => {
      here.track(socket, room, 7, { name: 'Ada' })
      // @ts-expect-error: a name is missing.
      here.track(socket, room, 7, {})
      here.update(socket, room, 7, ({ name }) => ({ name: name.trim() }))
      // @ts-expect-error: it is no text.
      here.update(socket, room, 7, { name: 7 })
      here.subscribe(socket, room)
      here.stream(socket, 'people', room)
    },
    handleInfo: (_, { joins, topic: of }) => {
      expectTypeOf(joins[0]!.metas[0]!).toEqualTypeOf<Here>()
      expectTypeOf(of).toEqualTypeOf<string>()
    },
    render: ({ people }) => html`${each(people, ({ key }, id) => html`<p id="${id}">${key}</p>`)}`,
  })
})
