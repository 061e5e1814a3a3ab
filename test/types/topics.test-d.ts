import {
  createLiveView,
  html,
  type LiveComponentSocket,
  type LiveSocket,
  type LiveViewSocket,
  type Topic,
  topic,
} from 'liveloom'
import type { LiveHandler, NodeServer } from 'liveloom/node'
import { describe, expectTypeOf, it } from 'vitest'

interface Album {
  readonly kind: 'album'
  readonly title: string
}
interface Song {
  readonly kind: 'song'
  readonly length: number
}

const albums = topic<Album>('albums')
const songs = topic<Song>('songs')
const both = topic<Album | Song>('both')
const album: Album = { kind: 'album', title: 'Blue' }

describe('a topic', () => {
  it('knows its messages, and so does each of many', () => {
    expectTypeOf(albums).toEqualTypeOf<Topic<Album>>()
    expectTypeOf(albums.of(7)).toEqualTypeOf<Topic<Album>>()
    expectTypeOf(albums.of('a', 7).name).toBeString()
    // @ts-expect-error One part at least.
    albums.of()
    // @ts-expect-error A part is a text or a number.
    albums.of({ id: 7 })
    // @ts-expect-error A name is a text.
    topic<Album>(7)
  })
})

describe('publish', () => {
  const { publish } = {} as LiveSocket
  const publishers: (typeof publish)[] = [
    ({} as LiveViewSocket<object, 'photos', Song>).publish,
    ({} as LiveComponentSocket).publish,
    ({} as NodeServer).publish,
    ({} as LiveHandler).publish,
  ]

  it('takes what the topic is of, by every way', () => {
    for (const send of [publish, ...publishers]) {
      send(albums, album)
      send(albums.of(7), album)
      send(both, album)
      send('albums', album)
      send('albums', 7)
      // @ts-expect-error A song is no album.
      send(albums, { kind: 'song', length: 3 })
      // @ts-expect-error Something is missing.
      send(albums, { kind: 'album' })
      // @ts-expect-error Nothing is published.
      send(albums)
      // @ts-expect-error No topic.
      send(7, album)
    }
    expectTypeOf(({} as NodeServer).publish(albums, album)).toEqualTypeOf<void | Promise<void>>()
  })
})

describe('a view', () => {
  it('subscribes to what its handleInfo takes', () => {
    createLiveView<object, { type: 'a' }, never, Album | Song>({
      mount: (socket) => {
        void socket.subscribe(albums)
        void socket.subscribe(songs.of('new'))
        void socket.subscribe(both)
        void socket.subscribe('any text')
        socket.unsubscribe(albums)
        socket.unsubscribe('any text')
        // @ts-expect-error Its handleInfo takes no numbers.
        void socket.subscribe(topic<number>('numbers'))
      },
      handleEvent: (socket) => {
        // @ts-expect-error Nor here.
        void socket.subscribe(topic<string>('texts'))
      },
      handleInfo: (socket, info) => {
        expectTypeOf(info).toEqualTypeOf<Album | Song>()
        socket.unsubscribe(both)
      },
      render: () => html`<p></p>`,
    })
    createLiveView<object, { type: 'a' }, never, Album>({
      // @ts-expect-error Songs come too.
      mount: (socket) => socket.subscribe(both),
      render: () => html`<p></p>`,
    })
  })

  it('without parameters subscribes to anything', () => {
    createLiveView({
      mount: (socket) => {
        void socket.subscribe(albums)
        void socket.subscribe('albums')
      },
      handleInfo: (_, info) => void expectTypeOf(info).toBeUnknown(),
      render: () => html`<p></p>`,
    })
    createLiveView({
      mount: (socket) => socket.subscribe(albums),
      handleInfo: (_, info: Album) => void info.title,
      render: () => html`<p></p>`,
    })
  })

  it('hands its socket to functions that know less of it', () => {
    const anyInfo = (_socket: LiveViewSocket<{ readonly count: number }>): void => {}
    const anyPart = (_socket: LiveSocket<{ readonly count: number }>): void => {}
    createLiveView<{ readonly count: number }, { type: 'a' }, 'photos', Album>({
      mount: (socket) => {
        anyInfo(socket)
        anyPart(socket)
      },
      render: () => html`<p></p>`,
    })
  })
})
