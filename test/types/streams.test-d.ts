import {
  type AsyncResult,
  createLiveComponent,
  createLiveView,
  each,
  html,
  type LiveViewSocket,
  type Stream,
  type StreamItem,
  type StreamNames,
  type StreamOptions,
} from 'liveloom'
import { describe, expectTypeOf, it } from 'vitest'

interface Track {
  readonly id: number
  readonly title: string
}

interface Context {
  readonly tracks: Stream<Track>
  readonly lines?: Stream<string>
  readonly playing: Track | undefined
  readonly tracksStatus: AsyncResult<boolean>
}

const socket = {} as LiveViewSocket<Context>

describe('the streams of a context', () => {
  it('are the keys whose type is Stream, and know their items', () => {
    expectTypeOf<StreamNames<Context>>().toEqualTypeOf<'tracks' | 'lines'>()
    expectTypeOf<StreamItem<Context, 'tracks'>>().toEqualTypeOf<Track>()
    expectTypeOf<StreamItem<Context, 'lines'>>().toEqualTypeOf<string>()
    socket.stream('tracks', [{ id: 1, title: 'One' }], { at: 0, limit: -50, reset: true })
    socket.stream('lines', new Set(['one']), { domId: (line) => `line-${line.length}` })
    // @ts-expect-error A track is no stream.
    socket.stream('playing', [])
    // @ts-expect-error There is no such key.
    socket.stream('albums', [])
    // @ts-expect-error A line is no track.
    socket.stream('tracks', ['one'])
    // @ts-expect-error Half a track.
    socket.stream('tracks', [{ id: 1 }])
  })

  it('give their items to domId and to each', () => {
    expectTypeOf<StreamOptions<Track>['domId']>().toEqualTypeOf<((item: Track) => string) | undefined>()
    socket.streamConfigure('tracks', { domId: (track) => `track-${track.id}` })
    // @ts-expect-error A DOM id is a text.
    socket.streamConfigure('tracks', { domId: (track) => track.id })
    each(socket.context.tracks, (track, domId) => {
      expectTypeOf(track).toEqualTypeOf<Track>()
      expectTypeOf(domId).toBeString()
      return html`<li id="${domId}">${track.title}</li>`
    })
  })

  it('take one item, and let it go by itself, or by its DOM id', () => {
    socket.streamInsert('tracks', { id: 1, title: 'One' }, { at: 0, updateOnly: true })
    socket.streamDelete('tracks', { id: 1, title: 'One' })
    socket.streamDeleteByDomId('tracks', 'tracks-1')
    // @ts-expect-error A line is no track.
    socket.streamInsert('tracks', 'one')
    // @ts-expect-error Only a whole stream is reset.
    socket.streamInsert('tracks', { id: 1, title: 'One' }, { reset: true })
    // @ts-expect-error A track is no stream.
    socket.streamDeleteByDomId('playing', 'x')
  })

  it('load their items beside the view, and say so under a key that holds an AsyncResult', () => {
    socket.streamAsync('tracks', async (signal) => {
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
      return [{ id: 1, title: 'One' }]
    })
    socket.streamAsync('tracks', () => [], { status: 'tracksStatus', limit: 10 })
    // @ts-expect-error That key holds no AsyncResult.
    socket.streamAsync('tracks', () => [], { status: 'playing' })
    // @ts-expect-error They load lines.
    socket.streamAsync('tracks', async () => ['one'])
  })

  it('are those of a component too', () => {
    createLiveComponent<Context>({
      mount: (socket) => {
        socket.stream('tracks', [{ id: 1, title: 'One' }])
        // @ts-expect-error A line is no track.
        socket.streamInsert('tracks', 'one')
      },
      render: ({ tracks }) => html`<ul>${each(tracks, (track, id) => html`<li id="${id}">${track.title}</li>`)}</ul>`,
    })
  })

  it('of a view without types may be any', () => {
    createLiveView({
      mount: (socket) => {
        socket.stream('anything', [1, 2])
        socket.streamInsert('anything', { id: 1 })
        socket.streamAsync('anything', async () => [1], { status: 'loading' })
      },
      render: () => html`<p></p>`,
    })
  })
})
