import { describe, expect, it } from 'vitest'
import { nothingLives } from '../../test/support/embedder.ts'
import { diffTree, renderTree } from '../diff/diff.ts'
import type { WireKeyed } from '../protocol/keys.ts'
import { html } from '../template/html.ts'
import { each } from '../template/list.ts'
import type { Rendered } from '../template/rendered.ts'
import type { Stream, WaitingStream } from '../template/stream.ts'
import { Streams } from './streams.ts'

interface Item {
  readonly id: number | string
  readonly name?: string
}

const item = (id: number | string, name = `n${id}`): Item => ({ id, name })
const view = (stream: WaitingStream): Rendered =>
  html`<ul id="u" phx-update="stream">${each(stream as unknown as Stream<Item>, ({ name }, domId) => html`<li id="${domId}">${name}</li>`)}</ul>`

/** The stream `u` of a view, and what the page is sent of it. */
class Rig {
  readonly streams = new Streams('')
  readonly #stream: WaitingStream
  readonly #print

  constructor(first: readonly Item[] = []) {
    this.#stream = this.streams.put('u', first)
    this.#print = renderTree(view(this.#stream), nothingLives).print
    this.#sent()
  }

  #sent(): void {
    this.streams.rendered()
    this.streams.sent()
  }

  /** What goes to the page of what was done since: the items in order, and the instructions. */
  take(): { readonly items: readonly unknown[]; readonly stream: unknown } | undefined {
    const { diff } = diffTree(this.#print, view(this.#stream), nothingLives)
    this.#sent()
    if (diff === undefined) return undefined
    const { k, stream } = diff[0] as WireKeyed
    return { items: Array.from({ length: k.kc! }, (_, at) => (k[at] as Record<number, unknown>)[0]), stream }
  }
}

describe('a stream', () => {
  it.each<{
    name: string
    act: (streams: Streams) => void
    items: readonly string[]
    inserts: readonly unknown[]
    deletes?: readonly string[]
    reset?: true
  }>([
    {
      name: 'appends, when nothing else is said',
      act: (streams) => streams.put('u', [item(1), item(2)]),
      items: ['u-1', 'u-2'],
      inserts: [
        ['u-1', -1, null, false],
        ['u-2', -1, null, false],
      ],
    },
    {
      name: 'puts several in front in their order',
      act: (streams) => streams.put('u', [item(1), item(2), item(3)], { at: 0 }),
      items: ['u-1', 'u-2', 'u-3'],
      inserts: [
        ['u-1', 0, null, false],
        ['u-2', 1, null, false],
        ['u-3', 2, null, false],
      ],
    },
    {
      name: 'puts one at a place',
      act: (streams) => streams.insert('u', item('x'), { at: 4 }),
      items: ['u-x'],
      inserts: [['u-x', 4, null, false]],
    },
    {
      name: 'keeps the first, or the last, of all',
      act: (streams) => {
        streams.insert('u', item(1), { at: 0, limit: 3 })
        streams.insert('u', item(2), { limit: -3 })
      },
      items: ['u-1', 'u-2'],
      inserts: [
        ['u-1', 0, 3, false],
        ['u-2', -1, -3, false],
      ],
    },
    {
      name: 'updates alone',
      act: (streams) => streams.insert('u', item(1), { updateOnly: true }),
      items: ['u-1'],
      inserts: [['u-1', -1, null, true]],
    },
    {
      name: 'takes the last word on an item, in its last place',
      act: (streams) => {
        streams.put('u', [item(1, 'old'), item(2)])
        streams.insert('u', item(1, 'new'), { at: 0 })
      },
      items: ['u-2', 'u-1'],
      inserts: [
        ['u-2', -1, null, false],
        ['u-1', 0, null, false],
      ],
    },
    {
      name: 'deletes by item and by DOM id',
      act: (streams) => {
        streams.delete('u', { id: 1 })
        streams.deleteByDomId('u', 'u-2')
      },
      items: [],
      inserts: [],
      deletes: ['u-1', 'u-2'],
    },
    {
      name: 'forgets an insert that is deleted',
      act: (streams) => {
        streams.insert('u', item(1))
        streams.delete('u', item(1))
      },
      items: [],
      inserts: [],
      deletes: ['u-1'],
    },
    {
      name: 'moves what is deleted and inserted',
      act: (streams) => {
        streams.delete('u', item(1))
        streams.insert('u', item(1), { at: 0 })
      },
      items: ['u-1'],
      inserts: [['u-1', 0, null, false]],
      deletes: ['u-1'],
    },
    {
      name: 'drops what waited when it is reset',
      act: (streams) => {
        streams.insert('u', item(1))
        streams.delete('u', item(2))
        streams.put('u', [item(3)], { reset: true })
      },
      items: ['u-3'],
      inserts: [['u-3', -1, null, false]],
      reset: true,
    },
    {
      name: 'is emptied by a reset to nothing',
      act: (streams) => streams.put('u', [], { reset: true }),
      items: [],
      inserts: [],
      reset: true,
    },
  ])('$name', ({ act, items, inserts, deletes = [], reset }) => {
    const rig = new Rig()
    act(rig.streams)
    expect(rig.take()).toEqual({ items, stream: reset ? ['0', inserts, deletes, true] : ['0', inserts, deletes] })
    expect(rig.take()).toBeUndefined()
  })

  it('is sent as empty from the start, and then not until something comes', () => {
    const stream = new Streams('').put('u', [])
    const { tree, print } = renderTree(view(stream), nothingLives)
    expect(tree[0]).toEqual({ s: 0, k: { kc: 0 }, stream: ['0', [], []] })
    expect(diffTree(print, view(stream), nothingLives).diff).toBeUndefined()
  })

  it('keeps for the next message what comes while one is made', () => {
    const { streams, ...rig } = { streams: new Streams(''), taken: [] as string[] }
    const stream = streams.put('u', [item(1)])
    const waiting = (): string[] => Array.from(stream.inserts, ({ domId }) => domId)
    streams.rendered()
    streams.insert('u', item(2))
    rig.taken.push(...waiting())
    streams.sent()
    expect(rig.taken).toEqual(['u-1'])
    expect(waiting()).toEqual(['u-2'])
  })

  it('has a ref of its own, with the number of its component in front', () => {
    const streams = new Streams('3-')
    expect([streams.put('a', []).ref, streams.put('b', []).ref, streams.put('a', []).ref]).toEqual([
      '3-0',
      '3-1',
      '3-0',
    ])
  })
})

describe('the DOM id of an item', () => {
  const idOf = (streams: Streams, name: string, one: unknown): string => [...streams.put(name, [one]).inserts][0]!.domId

  it.each([
    { name: 'its number', one: { id: 7 }, domId: 'songs-7' },
    { name: 'its text', one: { id: 'x' }, domId: 'songs-x' },
    { name: 'its bigint', one: { id: 7n }, domId: 'songs-7' },
  ])('is by default made of $name', ({ one, domId }) => {
    expect(idOf(new Streams(''), 'songs', one)).toBe(domId)
  })

  it('is what the stream was begun with', () => {
    const streams = new Streams('')
    streams.put('songs', [], { domId: (one: string) => `s:${one}` })
    expect(idOf(streams, 'songs', 'a')).toBe('s:a')
  })

  it('is what was configured before', () => {
    const streams = new Streams('')
    streams.configure('songs', { domId: (one: string) => `c:${one}` })
    expect(idOf(streams, 'songs', 'a')).toBe('c:a')
  })
})

describe('a mistake is told at once', () => {
  const begun = (): Streams => {
    const streams = new Streams('')
    streams.put('songs', [])
    return streams
  }

  it.each<{ name: string; act: () => unknown; message: string }>([
    {
      name: 'a place that is none',
      act: () => begun().put('songs', [], { at: -2 }),
      message: "stream('songs'): at must be -1, 0 or more, got -2",
    },
    {
      name: 'a place that is no whole number',
      act: () => begun().put('songs', [], { at: 1.5 }),
      message: "stream('songs'): at must be -1, 0 or more, got 1.5",
    },
    {
      name: 'a limit of 0',
      act: () => begun().put('songs', [], { limit: 0 }),
      message: "stream('songs'): limit must be a whole number other than 0, got 0",
    },
    {
      name: 'items that are no list',
      act: () => begun().put('songs', 5 as never),
      message: "stream('songs'): items must be iterable, got 5",
    },
    {
      name: 'an item without an id',
      act: () => begun().put('songs', [{ name: 'x' }]),
      message: "stream('songs'): an item must have an id, or the stream a domId",
    },
    {
      name: 'a domId that gives no text',
      act: () => new Streams('').put('songs', [1], { domId: () => 5 as never }),
      message: "stream('songs'): domId must give a string, got 5",
    },
    {
      name: 'a domId that is no function',
      act: () => new Streams('').configure('songs', { domId: 'id' as never }),
      message: "streamConfigure('songs'): domId must be a function, got 'id'",
    },
    {
      name: 'a configuration that comes too late',
      act: () => begun().configure('songs', { domId: () => 'x' }),
      message: "streamConfigure('songs'): it is in use already; configure it before",
    },
    {
      name: 'an insert into no stream',
      act: () => begun().insert('song', item(1)),
      message: "streamInsert('song'): there is no such stream; there are 'songs'",
    },
    {
      name: 'a delete from no stream',
      act: () => new Streams('').delete('song', item(1)),
      message: "streamDelete('song'): there is no such stream; call stream in mount",
    },
    {
      name: 'an item that is not one element with its id',
      act: () => {
        const stream = begun().put('songs', [item(1)])
        renderTree(html`<ul>${each(stream as unknown as Stream<Item>, () => html`<li>no id</li>`)}</ul>`, nothingLives)
      },
      message: "the items of the stream 'songs' must each be one element with id=",
    },
  ])('$name', ({ act, message }) => {
    expect(act).toThrow(message)
    expect(act).toThrow(expect.objectContaining({ code: 'ERR_STREAM' }))
  })

  it('and nothing of a list with a wrong item is taken', () => {
    const streams = begun()
    expect(() => streams.put('songs', [item(1), {}], { reset: true })).toThrow('must have an id')
    expect(streams.put('songs', []).isTouched).toBe(false)
  })
})
