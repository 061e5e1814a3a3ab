import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { turn } from '../../test/support/manual-time.ts'
import { type Callbacks, joined, Rig, type Socket } from '../../test/support/session-rig.ts'
import { js } from '../js/js.ts'
import { html } from '../template/html.ts'
import type { UploadChannel } from '../upload/channel.ts'
import { silence } from '../upload/reports.ts'
import type { UploadConfig } from '../upload/entry.ts'
import { createLiveComponent } from '../live/component.ts'
import type { LiveSocket } from '../live/socket.ts'
import type { InvalidEvent } from '../live/view.ts'

const seconds = 1000

const status = (code: number) => Object.assign(new Error('refused'), { status: code })

describe('a join', () => {
  it('mounts, takes the params, and answers with the tree', () => {
    const calls: unknown[] = []
    const rig = new Rig({
      mount: (socket, session, params) => void calls.push([socket.connected, socket.id, session, params]),
      handleParams: (_, url, params) => void calls.push([url.href, params]),
    })
    rig.session.join('1')
    expect(calls).toEqual([
      [true, 'phx-V', { user: 1 }, { id: '7', q: '1' }],
      ['http://localhost/page/7?q=1', { id: '7', q: '1' }],
    ])
    expect(rig.take()).toEqual([
      '1 ok {"rendered":{"0":"0","s":0,"p":{"0":["<p>","</p>"]}},"liveview_version":"1.2.12"}',
    ])
  })

  it('brings title and events with the tree', () => {
    const rig = new Rig({
      mount: (socket) => {
        socket.pageTitle('Hello')
        socket.pushEvent('hi', { a: 1 })
      },
    })
    rig.session.join('1')
    expect(rig.take().join()).toContain('"e":[["hi",{"a":1}]],"t":"Hello"')
  })

  it('waits for an async mount, and pushes wait for the join', async () => {
    const rig: Rig = new Rig({ mount: () => rig.wait('mount') })
    rig.session.join('1')
    rig.event('2')
    await turn()
    expect(rig.take()).toEqual([])
    await rig.end('mount')
    const sent = rig.take()
    expect(sent[0]).toMatch(/^1 ok/)
    expect(sent[1]).toBe('2 ok {"diff":{"0":"1"}}')
  })

  it.each([
    { name: 'mount', stage: 'mount', callbacks: { mount: () => fail() } },
    { name: 'an async mount', stage: 'mount', callbacks: { mount: () => Promise.reject(new Error('broken')) } },
    { name: 'handleParams', stage: 'params', callbacks: { handleParams: () => fail() } },
    { name: 'render', stage: 'render', callbacks: { render: () => fail() } },
  ])('is refused when $name throws', async ({ stage, callbacks }) => {
    const rig = new Rig(callbacks)
    rig.session.join('1')
    await turn()
    expect(rig.take()).toEqual(['1 error {"reason":"join crashed"}'])
    expect(rig.reported).toEqual([{ message: 'broken', stage }])
    expect(rig.ended).toBe(1)
  })

  it('has the page reload when what was thrown carries a status of the visitor’s doing', () => {
    const rig = new Rig({
      mount: () => {
        throw status(403)
      },
    })
    rig.session.join('1')
    expect(rig.take().join()).toMatch(/^1 error \{"reason":"reload","status":403,"token":"[\w-]+\.[\w-]+"\}$/)
    // As over HTTP, where it is an answer as well.
    expect(rig.reported).toEqual([])
  })

  it('crashes for a status of the server’s doing', () => {
    const rig = new Rig({
      mount: () => {
        throw status(503)
      },
    })
    rig.session.join('1')
    expect(rig.take()).toEqual(['1 error {"reason":"join crashed"}'])
  })

  it('leads elsewhere when mount redirects, without params and render', () => {
    const rig = new Rig({
      mount: (socket) => socket.redirect('/login'),
      handleParams: () => fail(),
      render: () => fail(),
    })
    rig.session.join('1')
    expect(rig.take()).toEqual(['1 error {"redirect":{"to":"/login"},"events":[]}'])
    expect(rig.ended).toBe(1)
    expect(rig.reported).toEqual([])
  })
})

function fail(): never {
  throw new Error('broken')
}

describe('a push', () => {
  it('is answered once, with what it changed', async () => {
    const rig = await joined()
    rig.event('2')
    await turn()
    expect(rig.take()).toEqual(['2 ok {"diff":{"0":"1"}}'])
    rig.event('3', { by: 0 })
    await turn()
    expect(rig.take()).toEqual(['3 ok {}'])
  })

  it('is answered in order, however long handlers take', async () => {
    const rig = await joined()
    rig.event('2', { wait: 'a' })
    rig.event('3')
    rig.event('4', { wait: 'b' })
    rig.event('5')
    await rig.end('b')
    expect(rig.take()).toEqual([])
    await rig.end('a')
    expect(rig.take()).toEqual([
      '2 ok {"diff":{"0":"1"}}',
      '3 ok {"diff":{"0":"2"}}',
      '4 ok {"diff":{"0":"3"}}',
      '5 ok {"diff":{"0":"4"}}',
    ])
  })

  it('brings pushed events and the title in its diff', async () => {
    const rig = await joined({
      handleEvent: (socket) => {
        socket.pushEvent('one')
        socket.pushEvent('two', { n: 2 })
        socket.pageTitle('New')
      },
    })
    rig.event('2')
    expect(rig.take()).toEqual(['2 ok {"diff":{"e":[["one",{}],["two",{"n":2}]],"t":"New"}}'])
    rig.event('3', {})
    // A title that is the same is not sent again.
    expect(rig.take()).toEqual(['3 ok {"diff":{"e":[["one",{}],["two",{"n":2}]]}}'])
  })

  it('gives the handler its type, its values whole, and their fields', async () => {
    const events: unknown[] = []
    const rig = await joined({ handleEvent: (_, event) => void events.push(event) })
    rig.session.receive('2', 'event', { type: 'click', event: 'go', value: { type: 'x', a: '1', values: 2 } })
    rig.session.receive('3', 'event', {
      type: 'form',
      event: 'save',
      value: 'type=text&user[name]=A+b',
      meta: { _target: 'user[name]', z: 'q' },
    })
    rig.session.receive('4', 'event', { type: 'hook', event: 'list', value: [1, 2] })
    rig.session.receive('5', 'event', { type: 'hook', event: 'text', value: 'x' })
    expect(events).toEqual([
      { type: 'go', a: '1', values: { type: 'x', a: '1', values: 2 } },
      {
        type: 'save',
        user: { name: 'A b' },
        _target: ['user', 'name'],
        z: 'q',
        values: expect.objectContaining({ type: 'text', user: { name: 'A b' } }),
      },
      { type: 'list', values: [1, 2] },
      { type: 'text', values: 'x' },
    ])
  })

  it('of the framework’s own never reaches the view', async () => {
    const rig = await joined({ handleEvent: () => fail() })
    rig.event('2', {}, 'lv:unlock')
    rig.event('3', {}, 'lv:clear-flash')
    expect(rig.take()).toEqual(['2 ok {}', '3 ok {}'])
  })

  it.each([
    { name: 'too many fields', value: 'a=&'.repeat(101), reason: 'too_many_fields', limit: 'maxFormFields' },
    { name: 'names nested too deep', value: 'a[b][c][d][e][f]=1', reason: 'too_deep', limit: 'maxFormNesting' },
    { name: 'broken escapes', value: 'a=%', reason: 'bad_encoding' },
  ])('with $name is reported, and answered so that the form is not left locked', async ({ value, reason, limit }) => {
    const rig = await joined({ handleEvent: () => fail() })
    rig.session.receive('2', 'event', { type: 'form', event: 'save', value, meta: {} })
    const said = limit === undefined ? '{}' : `{"diff":{"e":[["liveloom:limit",{"limit":"${limit}"}]]}}`
    expect(rig.take()).toEqual([`2 ok ${said}`])
    const message = expect.stringContaining(`the form of 'save' cannot be read: ${reason}`)
    expect(rig.reported).toEqual([expect.objectContaining({ message, stage: 'event' })])
  })

  it.each([
    { event: 'event', payload: { event: 3 } },
    { event: 'event', payload: { type: 'form', event: 'save', value: {} } },
    { event: 'progress', payload: { ref: 'a', entry_ref: '0', progress: 101 } },
    { event: 'allow_upload', payload: { ref: 1, entries: [] } },
    { event: 'live_patch', payload: { url: 'no url' } },
    { event: 'live_patch', payload: [] },
    { event: 'unheard', payload: {} },
    { event: 'chunk', payload: new Uint8Array(3) },
  ])('without sense is refused: $event', async ({ event, payload }) => {
    const rig = await joined()
    rig.session.receive('2', event, payload)
    expect(rig.take()).toEqual(['2 error {"reason":"unknown message"}'])
    expect(rig.reported).toEqual([])
  })

  it.each([
    { name: 'at once', handleEvent: () => fail() },
    { name: 'later', handleEvent: () => turn().then(fail) },
  ])('whose handler throws $name ends the view alone, without an answer', async ({ handleEvent }) => {
    const rig = await joined({ handleEvent })
    rig.event('2')
    rig.event('3')
    await turn()
    await turn()
    expect(rig.take()).toEqual(['phx_error'])
    expect(rig.reported).toEqual([{ message: 'broken', stage: 'event', event: 'click' }])
    expect(rig.ended).toBe(1)
    rig.event('4')
    await turn()
    expect(rig.take()).toEqual([])
  })

  it('whose render throws ends the view', async () => {
    const rig = await joined({ render: ({ count }) => (count === 0 ? html`<p></p>` : fail()) })
    rig.event('2')
    await turn()
    expect(rig.take()).toEqual(['phx_error'])
    expect(rig.reported).toEqual([{ message: 'broken', stage: 'render', event: 'click' }])
  })

  it('for a view without handler ends it, and says why', async () => {
    const rig = new Rig()
    const without = await joined({ handleEvent: undefined as never })
    without.event('2', {}, 'inc')
    expect(without.take()).toEqual(['phx_error'])
    expect(without.reported[0]!.message).toContain("the page sent the event 'inc', but the view has no handleEvent")
    expect(rig.reported).toEqual([])
  })
})

describe('an answer of the handler', () => {
  it.each<{ name: string; handleEvent: NonNullable<Callbacks['handleEvent']> }>([
    { name: 'returned', handleEvent: () => ({ sum: 3 }) },
    { name: 'returned later', handleEvent: () => Promise.resolve({ sum: 3 }) },
    { name: 'given to reply', handleEvent: (socket) => socket.reply({ sum: 3 }) },
    {
      name: 'returned after another was given to reply',
      handleEvent: (socket) => {
        socket.reply({ sum: 2 })
        return { sum: 3 }
      },
    },
  ])('goes to the hook that pushed: $name', async ({ handleEvent }) => {
    const rig = await joined({ handleEvent })
    rig.session.receive('2', 'event', { type: 'hook', event: 'add', value: {} })
    await turn()
    expect(rig.take()).toEqual(['2 ok {"diff":{"r":{"sum":3}}}'])
  })

  it('goes along with what it changed and pushed', async () => {
    const rig = await joined({
      handleEvent: (socket) => {
        socket.assign({ count: 9 })
        socket.pushEvent('early', {}, { beforePatch: true })
        socket.pushEvent('late')
        return { ok: true }
      },
    })
    rig.session.receive('2', 'event', { type: 'hook', event: 'add', value: {} })
    expect(rig.take()).toEqual(['2 ok {"diff":{"0":"9","e":[["early",{},true],["late",{}]],"r":{"ok":true}}}'])
  })

  it.each([
    { type: 'hook', asked: true },
    // What a script of the page pushes with `liveSocket.js().push(…, { callback })`.
    { type: 'js', asked: true },
    { type: 'click', asked: false },
    { type: 'form', asked: false },
    { type: 'keydown', asked: false },
    { type: null, asked: false },
    { type: undefined, asked: false },
  ])('that is returned is sent to who waits for it alone: $type', async ({ type, asked }) => {
    const warned: string[] = []
    const development = { warn: ({ message }: Error, view: string) => warned.push(`${view} ${message}`) }
    for (const invalid of [false, true]) {
      const rig = await joined(
        {
          handleEvent: (socket, event) => (event.type === 'reply' ? socket.reply({ meant: true }) : { row: 1 }),
          ...(invalid && { events: { reply: z.unknown() }, handleInvalidEvent: () => ({ row: 1 }) }),
        },
        { development: { ...development, joined: () => [''], checkRender() {} } as never },
      )
      const push = (ref: string, event: string) =>
        rig.session.receive(ref, 'event', { type, event, value: type === 'form' ? '' : {} })
      push('2', 'delete')
      push('3', 'reply')
      await turn()
      expect(rig.take()).toEqual([
        asked ? '2 ok {"diff":{"r":{"row":1}}}' : '2 ok {}',
        '3 ok {"diff":{"r":{"meant":true}}}',
      ])
    }
    const mistake =
      "/page/:id the handler of the event 'delete' returned an object, and nobody waits for it: only hooks are answered. It is " +
      'not sent; return nothing, or call socket.reply'
    expect(warned).toEqual(asked ? [] : [mistake, mistake])
  })

  it('that was given with no event to answer is nobody’s', async () => {
    const rig = await joined({ handleInfo: (socket) => socket.reply({ lost: true }), handleEvent: () => {} })
    rig.socket.sendInfo(1)
    rig.event('2')
    await turn()
    expect(rig.take()).toEqual(['2 ok {}'])
  })
})

describe('JS commands', () => {
  it.each([
    { name: 'of js', commands: js.show({ to: '#a' }) },
    { name: 'kept as data', commands: js.show({ to: '#a' }).toJSON() },
  ])('$name are pushed as the page reads them', async ({ commands }) => {
    const rig = await joined({ handleEvent: (socket) => socket.pushJs(commands, { to: '#b' }) })
    rig.event('2')
    const [sent] = rig.take()
    expect(JSON.parse(sent!.slice('2 ok '.length))).toEqual({
      diff: { e: [['liveloom:exec', { id: 'phx-V', to: '#b', commands: '[["show",{"to":"#a"}]]' }]] },
    })
  })

  it.each<{ args: readonly unknown[]; message: string }>([
    { args: [undefined], message: 'expected JS commands, as js.show() makes them, got undefined' },
    { args: [{ show: {} }], message: 'expected JS commands, as js.show() makes them, got a plain object' },
    { args: ['[["show",{}]]'], message: "expected JS commands, as js.show() makes them, got '[[" },
    { args: [js.show(), { to: '' }], message: "to must be a selector like '#menu', got ''" },
    { args: [js.show(), { to: { inner: 'p' } }], message: "to must be a selector like '#menu', got a plain object" },
  ])('are refused where they are pushed: $message', async ({ args, message }) => {
    const rig = await joined()
    expect(() => rig.socket.pushJs(...(args as [never]))).toThrow(message)
  })
})

describe('a form that is reset', () => {
  it('is told ahead of the patch that belongs to it, and behind', async () => {
    const rig = await joined({ handleEvent: (socket) => socket.resetForm('note') })
    rig.event('2')
    const name = 'liveloom:reset-form'
    const [sent] = rig.take()
    expect(JSON.parse(sent!.slice('2 ok '.length))).toEqual({
      diff: {
        e: [
          [name, { id: 'note', ahead: true }, true],
          [name, { id: 'note' }],
        ],
      },
    })
  })

  it.each([[undefined], [''], [7]])('is refused without an id: %j', async (id) => {
    const rig = await joined()
    expect(() => rig.socket.resetForm(id as never)).toThrow('resetForm: expected the id of a form, got')
  })
})

describe('an event with a schema', () => {
  const events = {
    set: z.object({ to: z.coerce.number().int(), tags: z.array(z.string()).default([]) }),
    open: z.object({ id: z.string().refine(async (id) => id !== 'gone', 'gone') }),
  }
  const form = (ref: string, value: string) => ({ ref, payload: { type: 'form', event: 'set', value, meta: {} } })
  const hook = (ref: string, value: unknown, event = 'set') => ({ ref, payload: { type: 'hook', event, value } })

  /** A view and, in it, a component with the same callbacks: both write down what reaches them. */
  async function typed({
    invalid = true,
    mount,
  }: { readonly invalid?: boolean; readonly mount?: (socket: Pick<LiveSocket, 'attachHook'>) => void } = {}) {
    const seen: unknown[] = []
    const callbacks = {
      events,
      ...(mount && { mount }),
      handleEvent: (_: unknown, event: unknown) => void seen.push(event),
      ...(invalid && {
        handleInvalidEvent: (_: unknown, { type, values, issues }: InvalidEvent) => {
          seen.push({ invalid: type, values, issues: issues.map(({ message, path }) => [path.join('.'), message]) })
          return { refused: true }
        },
      }),
    }
    const inner = createLiveComponent({ ...callbacks, render: () => html`<i></i>` })
    const rig = await joined({
      ...callbacks,
      render: ({ count }, { live_component }) => html`<p>${count === 0 && live_component(inner, { id: 'inner' })}</p>`,
    } as Partial<Callbacks>)
    const send = async ({ ref, payload }: { readonly ref: string; readonly payload: object }, cid?: number) => {
      rig.session.receive(ref, 'event', { ...payload, ...(cid !== undefined && { cid }) })
      await turn()
    }
    return { rig, seen, send }
  }

  for (const { part, cid } of [
    { part: 'view', cid: undefined },
    { part: 'component', cid: 1 },
  ]) {
    describe(`of a ${part}`, () => {
      it.each([
        { name: 'a form', push: form('2', 'to=7&tags[1]=b&_unused_to=&tags[0]=a'), tags: ['a', 'b'] },
        { name: 'a hook', push: hook('2', { to: 7, tags: ['x'], more: 1 }), tags: ['x'] },
      ])('gets what the schema made of the values of $name', async ({ push, tags }) => {
        const { rig, seen, send } = await typed()
        await send(push, cid)
        expect(seen).toEqual([{ type: 'set', values: { to: 7, tags }, to: 7, tags }])
        expect(rig.take()).toEqual(['2 ok {}'])
      })

      it('is told what was refused, and may answer', async () => {
        const { rig, seen, send } = await typed()
        await send(hook('2', { to: 1.5, secret: true }), cid)
        expect(seen).toEqual([
          { invalid: 'set', values: { to: 1.5, secret: true }, issues: [['to', expect.stringContaining('int')]] },
        ])
        expect(rig.take()).toEqual(['2 ok {"diff":{"r":{"refused":true}}}'])
        expect(rig.reported).toEqual([])
      })

      it.each([
        { name: 'a text', value: 'x' },
        { name: 'a list', value: [7] },
        { name: 'null', value: null },
        { name: 'nothing', value: undefined },
        { name: 'a control character', value: { to: '\u001b[2J' } },
      ])('without handleInvalidEvent is answered, and the refusal of $name reported', async ({ value }) => {
        const { rig, seen, send } = await typed({ invalid: false })
        await send(hook('2', value), cid)
        expect(seen).toEqual([])
        expect(rig.take()).toEqual(['2 ok {}'])
        expect(rig.reported).toEqual([
          { message: expect.stringMatching(/^the event 'set' was refused: /), stage: 'event', event: 'set' },
        ])
        await send(hook('3', { to: 1 }), cid)
        expect(seen).toHaveLength(1)
      })

      it('waits for a schema that is async, and keeps its place', async () => {
        const { rig, seen, send } = await typed()
        void send(hook('2', { id: 'gone' }, 'open'), cid)
        void send(hook('3', { id: 'a' }, 'open'), cid)
        await send(hook('4', { to: 1 }), cid)
        await turn()
        expect(seen).toMatchObject([{ invalid: 'open' }, { type: 'open', id: 'a' }, { type: 'set', to: 1 }])
        expect(rig.take().map((sent) => sent[0])).toEqual(['2', '3', '4'])
      })

      it('reaches nobody when the view ended while the schema was asked', async () => {
        const { rig, seen, send } = await typed()
        const sent = send(hook('2', { id: 'a' }, 'open'), cid)
        rig.session.end()
        await sent
        await turn()
        expect(seen).toEqual([])
        expect(rig.take()).toEqual([])
        expect(rig.reported).toEqual([])
      })

      const unlisted = ['other', 'toString', 'constructor', '__proto__']
      const notListed = /^it is not listed in `events`/

      it.each(unlisted)('that is not listed is refused: %s', async (type) => {
        const { rig, seen, send } = await typed()
        await send(hook('2', { a: 1 }, type), cid)
        expect(seen).toEqual([{ invalid: type, values: { a: 1 }, issues: [['', expect.stringMatching(notListed)]] }])
        expect(rig.take()).toEqual(['2 ok {"diff":{"r":{"refused":true}}}'])
      })

      it.each(unlisted)('that is not listed is reported, and told how to let it through: %s', async (type) => {
        const { rig, seen, send } = await typed({ invalid: false })
        await send(hook('2', { a: 1 }, type), cid)
        expect(seen).toEqual([])
        expect(rig.take()).toEqual(['2 ok {}'])
        const message = `the event '${type}' was refused: it is not listed in \`events\`; one that takes anything has a schema like z.unknown()`
        expect(rig.reported).toEqual([{ message, stage: 'event', event: type }])
      })

      it('that is not listed is for the hooks all the same', async () => {
        const hooked: unknown[] = []
        const { rig, seen, send } = await typed({
          mount: (socket) => {
            socket.attachHook('ours', 'handleEvent', (_, event) => {
              hooked.push(event)
              if (event.type === 'ours') return { halt: true, reply: { ours: true } }
            })
          },
        })
        await send(hook('2', { a: 1 }, 'ours'), cid)
        expect(hooked).toEqual([{ type: 'ours', values: { a: 1 }, a: 1 }])
        expect(seen).toEqual([])
        expect(rig.take()).toEqual(['2 ok {"diff":{"r":{"ours":true}}}'])
        await send(hook('3', {}, 'other'), cid)
        expect(hooked).toHaveLength(2)
        expect(seen).toMatchObject([{ invalid: 'other' }])
      })
    })
  }
})

describe('a push whose handler takes long', () => {
  it('is answered with nothing after 20 s; what it changes comes as a diff', async () => {
    const rig = await joined()
    rig.event('2', { wait: 'a' })
    rig.time.advance(20 * seconds - 1)
    expect(rig.take()).toEqual([])
    rig.time.advance(1)
    expect(rig.take()).toEqual(['2 ok {}'])
    await rig.end('a')
    expect(rig.take()).toEqual(['diff {"0":"1"}'])
  })

  it.each([
    { name: 'returned', handleEvent: (): object => ({ sum: 3 }), lost: true },
    { name: 'given to reply', handleEvent: (socket: Socket) => socket.reply({ sum: 3 }), lost: true },
    { name: 'none', handleEvent: () => {}, lost: false },
  ])('loses its answer, and that is reported: $name', async ({ handleEvent, lost }) => {
    const rig: Rig = await joined({
      handleEvent: async (socket) => {
        socket.assign({ count: 1 })
        await rig.wait('a')
        return handleEvent(socket) as undefined
      },
    })
    rig.session.receive('2', 'event', { type: 'hook', event: 'add', value: {} })
    rig.time.advance(20 * seconds)
    expect(rig.take()).toEqual(['2 ok {}'])
    expect(rig.reported).toEqual([])
    await rig.end('a')
    expect(rig.take()).toEqual(['diff {"0":"1"}'])
    const message =
      "the answer to the event 'add' came after 20 s, when the page had been answered without it: for work that takes so long " +
      'use startAsync, and pushEvent when it is done'
    expect(rig.reported).toEqual(lost ? [{ message, stage: 'event', event: 'add' }] : [])
  })

  it('is not waited for by those behind it: each is answered after its own 20 s', async () => {
    const rig = await joined()
    rig.event('2', { wait: 'a' })
    rig.time.advance(5 * seconds)
    rig.event('3')
    rig.time.advance(14 * seconds)
    rig.event('4')
    rig.time.advance(1 * seconds)
    expect(rig.take()).toEqual(['2 ok {}'])
    rig.time.advance(5 * seconds)
    expect(rig.take()).toEqual(['3 ok {}'])
    await rig.end('a')
    expect(rig.take()).toEqual(['diff {"0":"1"}', 'diff {"0":"2"}', '4 ok {"diff":{"0":"3"}}'])
  })

  it('leaves the time of the next one alone', async () => {
    const rig = await joined()
    rig.event('2', { wait: 'a' })
    rig.time.advance(19 * seconds)
    await rig.end('a')
    rig.event('3', { wait: 'b' })
    rig.time.advance(19 * seconds)
    expect(rig.take()).toEqual(['2 ok {"diff":{"0":"1"}}'])
    rig.time.advance(1 * seconds)
    expect(rig.take()).toEqual(['3 ok {}'])
    await rig.end('b')
    expect(rig.take()).toEqual(['diff {"0":"2"}'])
  })

  it('leaves a preflight behind it unanswered for 20 s, then refuses it and allows nothing', async () => {
    const rig = await joined({ mount: (socket) => void socket.allowUpload('photos') })
    rig.event('2', { wait: 'a' })
    rig.session.receive('3', 'allow_upload', { ref: 'phx-up', entries: [] })
    rig.time.advance(20 * seconds)
    expect(rig.take()).toEqual(['2 ok {}', '3 ok {"ref":"phx-up","error":[["phx-up","timeout"]]}'])
    await rig.end('a')
    expect(rig.take()).toEqual(['diff {"0":"1"}'])
  })

  it('does not hold for a join: the client waits for it, and would join again', async () => {
    const rig: Rig = new Rig({ mount: () => rig.wait('mount') })
    rig.session.join('1')
    rig.time.advance(60 * seconds)
    expect(rig.take()).toEqual([])
    await rig.end('mount')
    expect(rig.take().join()).toMatch(/^1 ok/)
  })

  it('leaves no timer behind when the view ends', async () => {
    const rig = await joined()
    rig.event('2', { wait: 'a' })
    rig.session.end()
    expect(rig.time.running).toBe(0)
  })
})

describe('what changes outside a callback', () => {
  it('is rendered by itself', async () => {
    const rig = await joined()
    rig.socket.assign({ count: 5 })
    expect(rig.take()).toEqual([])
    await turn()
    expect(rig.take()).toEqual(['diff {"0":"5"}'])
  })

  it('is rendered once for several changes', async () => {
    const rig = await joined()
    rig.socket.assign({ count: 5 })
    rig.socket.assign({ count: 6 })
    rig.socket.pageTitle('T')
    rig.socket.pushEvent('e')
    await turn()
    expect(rig.take()).toEqual(['diff {"0":"6","e":[["e",{}]],"t":"T"}'])
  })

  it('is sent as nothing when it makes no difference', async () => {
    const rig = await joined()
    rig.socket.assign({ count: 0 })
    await turn()
    expect(rig.take()).toEqual([])
  })

  it('waits its turn while a handler runs', async () => {
    const rig = await joined()
    rig.event('2', { wait: 'a' })
    rig.socket.assign({ count: 5 })
    await turn()
    expect(rig.take()).toEqual([])
    await rig.end('a')
    expect(rig.take()).toEqual(['2 ok {"diff":{"0":"6"}}'])
  })

  it.each(Array.from({ length: 12 }, (_, ticks) => ticks))(
    'is never lost, also %i turns after an async handler began',
    async (ticks) => {
      const rig = await joined({
        handleEvent: async (socket) => {
          void (async () => {
            for (let at = 0; at < ticks; at++) await Promise.resolve()
            socket.assign({ count: 9 })
          })()
          await Promise.resolve()
        },
      })
      rig.event('2')
      await turn()
      await turn()
      expect(rig.take().join(' ')).toContain('"0":"9"')
    },
  )

  it.each(Array.from({ length: 12 }, (_, ticks) => ticks))(
    'is never lost, also %i turns after an async mount began',
    async (ticks) => {
      const rig = new Rig({
        mount: async (socket) => {
          void (async () => {
            for (let at = 0; at < ticks; at++) await Promise.resolve()
            socket.assign({ count: 9 })
          })()
          await Promise.resolve()
        },
      })
      rig.session.join('1')
      await turn()
      await turn()
      expect(rig.take().join(' ')).toContain('"0":"9"')
    },
  )

  it('redirects', async () => {
    const rig = await joined()
    rig.socket.redirect('/away')
    await turn()
    expect(rig.take()).toEqual(['redirect {"to":"/away"}', 'phx_close'])
    expect(rig.ended).toBe(1)
  })
})

describe('infos', () => {
  it('come in order behind what waits, and render once for all that waited', async () => {
    const infos: unknown[] = []
    const rig = await joined({
      handleInfo: (socket, info) => {
        infos.push(info)
        socket.assign({ count: info as number })
      },
    })
    rig.event('2', { wait: 'a' })
    rig.socket.sendInfo(7)
    rig.socket.sendInfo(8)
    await rig.end('a')
    expect(rig.take()).toEqual(['2 ok {"diff":{"0":"1"}}', 'diff {"0":"8"}'])
    expect(infos).toEqual([7, 8])
  })

  it('come from topics until the view ends', async () => {
    const infos: unknown[] = []
    const rig = await joined({
      mount: (socket) => socket.subscribe('news'),
      handleInfo: (_, info) => void infos.push(info),
    })
    void rig.pubsub.publish('news', 1)
    rig.socket.publish('news', 2)
    rig.session.end()
    void rig.pubsub.publish('news', 3)
    await turn()
    expect(infos).toEqual([1, 2])
  })

  it('whose handler throws end the view', async () => {
    const rig = await joined({ handleInfo: () => fail() })
    rig.socket.sendInfo(1)
    expect(rig.take()).toEqual(['phx_error'])
    expect(rig.reported).toEqual([{ message: 'broken', stage: 'info' }])
  })

  it('report a publish that fails, and the view goes on', async () => {
    const rig = await joined(
      {},
      {
        pubsub: { subscribe: () => () => {}, publish: () => Promise.reject(new Error('backplane gone')) },
      },
    )
    rig.socket.publish('news', 1)
    await turn()
    expect(rig.reported).toMatchObject([{ message: 'backplane gone' }])
    expect(rig.take()).toEqual([])
  })
})

describe('a redirect', () => {
  it('is the answer of the push, behind pushed events, and the end', async () => {
    const rig = await joined({
      handleEvent: (socket) => {
        socket.assign({ count: 3 })
        socket.pushEvent('bye')
        socket.redirect('/away')
      },
    })
    rig.event('2')
    rig.event('3')
    expect(rig.take()).toEqual(['diff {"e":[["bye",{}]]}', '2 ok {"redirect":{"to":"/away"}}', 'phx_close'])
    expect(rig.ended).toBe(1)
  })

  it.each(['/', '/a?b=c#d', 'https://example.org/x', 'http://localhost:4000'])('goes to %s', async (to) => {
    const target = to.startsWith('/') ? to : { external: to }
    const rig = await joined({ handleEvent: (socket) => socket.redirect(target) })
    rig.event('2')
    expect(rig.take()[0]).toBe(`2 ok ${JSON.stringify({ redirect: { to } })}`)
  })

  it.each([
    '',
    'a',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    'data:,x',
    'https://',
    'https://example.org/x',
    { external: '//evil.example' },
    3,
  ])('does not go to %j', async (to) => {
    const rig = await joined({
      handleEvent: (socket) => {
        expect(() => socket.redirect(to as string)).toThrow(expect.objectContaining({ code: 'ERR_NAVIGATION' }))
      },
    })
    rig.event('2')
    expect(rig.take()).toEqual(['2 ok {}'])
  })
})

describe('a patch of the URL', () => {
  it('of the same view calls handleParams, and renders', async () => {
    const seen: unknown[] = []
    const rig = await joined({
      handleParams: (socket, url, params) => {
        seen.push([url.pathname, params])
        socket.assign({ count: Number(params['id']) })
      },
    })
    rig.session.receive('2', 'live_patch', { url: 'http://localhost/page/9' })
    expect(rig.take()).toEqual(['2 ok {"diff":{"0":"9"}}'])
    expect(seen.at(-1)).toEqual(['/page/9', { id: '9' }])
  })

  it('to another view is answered with a redirect by link', async () => {
    const rig = await joined()
    rig.session.receive('2', 'live_patch', { url: 'http://localhost/other' })
    expect(rig.take()).toEqual(['2 ok {"link_redirect":true}'])
  })
})

it('callbacks are called as the methods they are', async () => {
  const own: unknown[] = []
  const note = function (this: unknown): void {
    own.push((this as { readonly shutdown?: unknown } | undefined)?.shutdown)
  }
  const rig = await joined({ mount: note, handleEvent: note, handleInfo: note, shutdown: note })
  rig.event('2')
  rig.session.sendInfo('x')
  rig.session.leave('3')
  // The rig calls the mount by itself.
  expect(own.slice(1)).toEqual([note, note, note])
})

describe('the end of a view', () => {
  it('by leaving is answered, closed, and shut down once', async () => {
    let shutdowns = 0
    const rig = await joined({ shutdown: () => void shutdowns++ })
    rig.session.leave('9')
    rig.session.end()
    rig.session.leave('10')
    expect(rig.take()).toEqual(['9 ok {}', 'phx_close', '10 ok {}'])
    expect(shutdowns).toBe(1)
    expect(rig.ended).toBe(1)
  })

  it.each([
    { name: 'a throwing handler', end: (rig: Rig) => rig.event('2', {}, 'throw') },
    { name: 'a redirect', end: (rig: Rig) => rig.event('2', {}, 'redirect') },
    { name: 'a lost connection', end: (rig: Rig) => rig.session.end() },
    { name: 'a leave', end: (rig: Rig) => rig.session.leave('2') },
  ])('by $name shuts down once, and aborts the signal', async ({ end }) => {
    let shutdowns = 0
    const rig = await joined({
      shutdown: () => void shutdowns++,
      handleEvent: (socket, { type }) => (type === 'throw' ? fail() : socket.redirect('/')),
    })
    const { signal } = rig.socket
    expect(signal.aborted).toBe(false)
    end(rig)
    await turn()
    rig.session.end()
    expect(signal.aborted).toBe(true)
    expect(rig.socket.signal.aborted).toBe(true)
    expect(shutdowns).toBe(1)
    expect(rig.ended).toBe(1)
  })

  it('does not shut down what never mounted', async () => {
    let shutdowns = 0
    const rig = new Rig({ mount: () => fail(), shutdown: () => void shutdowns++ })
    rig.session.join('1')
    await turn()
    expect(shutdowns).toBe(0)
  })

  it('shuts down what mounted and then could not be shown', async () => {
    let shutdowns = 0
    const rig = new Rig({ handleParams: () => fail(), shutdown: () => void shutdowns++ })
    rig.session.join('1')
    await turn()
    expect(shutdowns).toBe(1)
  })

  it('is waited for when shutdown is async, and what it throws is reported', async () => {
    const rig = await joined({ shutdown: () => turn().then(fail) })
    rig.session.end()
    expect(rig.background).toHaveLength(1)
    await rig.background[0]
    expect(rig.reported).toEqual([{ message: 'broken', stage: 'shutdown' }])
    const other = await joined({ shutdown: () => fail() })
    other.session.end()
    expect(other.reported).toEqual([{ message: 'broken', stage: 'shutdown' }])
  })

  it('drops what its handler still does', async () => {
    const infos: unknown[] = []
    const rig = await joined({
      handleInfo: (_, info) => void infos.push(info),
      handleEvent: async (socket) => {
        await rig.wait('a')
        expect(socket.signal.aborted).toBe(true)
        socket.assign({ count: 5 })
        socket.pushEvent('late')
        socket.pageTitle('late')
        socket.sendInfo('late')
        void socket.subscribe('news')
        socket.redirect('/late')
        void socket.allowUpload('late')
        throw new Error('late')
      },
    })
    rig.event('2')
    rig.session.end()
    await rig.end('a')
    void rig.pubsub.publish('news', 'late')
    await turn()
    expect(rig.take()).toEqual([])
    expect(infos).toEqual([])
    expect(rig.reported).toEqual([])
  })

  it('drops the answer of a mount that was under way', async () => {
    const rig: Rig = new Rig({ mount: () => rig.wait('mount'), handleParams: () => fail(), render: () => fail() })
    rig.session.join('1')
    rig.session.end()
    await rig.end('mount')
    expect(rig.take()).toEqual([])
    expect(rig.reported).toEqual([])
  })
})

describe('a full mailbox', () => {
  it('ends the view', async () => {
    const rig = await joined()
    rig.event('r', { wait: 'a' })
    for (let at = 0; at < 10; at++) rig.session.sendInfo(at)
    expect(rig.take()).toEqual([])
    rig.session.sendInfo('one too many')
    expect(rig.take()).toEqual(['phx_error'])
    expect(rig.reported).toMatchObject([{ message: expect.stringContaining('limits.maxMailbox') }])
  })

  it('is not filled by what the page sends: that is held back by its bytes', async () => {
    const held: number[] = []
    const connection = { hold: (bytes: number) => held.push(bytes), release: (bytes: number) => held.push(-bytes) }
    const rig = await joined({}, {}, {}, connection)
    const send = (ref: string, value: object) =>
      rig.session.receive(ref, 'event', { type: 'click', event: 'go', value }, 100)
    send('r', { wait: 'a' })
    for (let at = 0; at < 20; at++) send(String(at), {})
    expect(held).toEqual(Array.from({ length: 21 }, () => 100))
    await rig.end('a')
    expect(rig.take()).toHaveLength(21)
    expect(held.slice(21)).toEqual(Array.from({ length: 21 }, () => -100))
  })

  it('holds what a handler was given until that has settled, also when the view has ended', async () => {
    const held: number[] = []
    const connection = { hold: (bytes: number) => held.push(bytes), release: (bytes: number) => held.push(-bytes) }
    const rig = await joined({}, {}, {}, connection)
    for (const [ref, wait] of [
      ['1', 'a'],
      ['2', 'b'],
    ] as const) {
      rig.session.receive(ref, 'event', { type: 'click', event: 'go', value: { wait } }, Number(ref))
    }
    rig.session.end()
    expect(held).toEqual([1, 2, -2])
    await rig.end('a')
    expect(held).toEqual([1, 2, -2, -1])
  })

  it('holds nothing for ever: a handler that never settles is counted for a minute behind the end of its view', async () => {
    const held: number[] = []
    const connection = { hold: (bytes: number) => held.push(bytes), release: (bytes: number) => held.push(-bytes) }
    const rig = await joined({}, {}, {}, connection)
    rig.session.receive('1', 'event', { type: 'click', event: 'go', value: { wait: 'a' } }, 7)
    rig.session.end()
    rig.time.advance(59_999)
    expect(held).toEqual([7])
    rig.time.advance(1)
    expect(held).toEqual([7, -7])
    await rig.end('a')
    expect(held).toEqual([7, -7])
  })

  it('is not filled by progress', async () => {
    const { rig, progress } = await uploading(['0', '1', '2'])
    rig.event('r', { wait: 'a' })
    for (let at = 0; at < 100; at++) {
      for (const entry of ['0', '1', '2']) {
        progress(`u${at}`, entry, at)
        progress(`d${at}`, entry, 100)
        progress(`e${at}`, entry, { error: 'x' })
      }
    }
    for (let at = 0; at < 10; at++) rig.event(String(at))
    expect(rig.take()).toHaveLength(900 - 9)
    await rig.end('a')
    expect(rig.take()).toHaveLength(1 + 9 + 10)
    expect(rig.reported).toEqual([])
  })
})

/** A view that allows an upload, with files chosen and allowed to send. */
async function uploading(files: readonly string[], callbacks: Partial<Callbacks> = {}) {
  const seen: string[] = []
  let config!: UploadConfig
  const rig = await joined({
    mount: (socket) =>
      void socket.allowUpload('photos', {
        maxEntries: 3,
        chunkSize: 4,
        progress: (_, entry) => void seen.push(`${entry.ref} ${entry.progress} ${entry.done}`),
      }),
    render: ({ count }, { uploads }) => {
      config = uploads['photos']!
      return html`<p>${count}: ${config.entries.map((entry) => `${entry.ref} ${entry.progress} ${entry.errors.length}`)}</p>`
    },
    ...callbacks,
  })
  const entries = files.map((ref) => ({ ref, name: `${ref}.png`, size: 8, type: 'image/png' }))
  rig.session.receive('choose', 'event', {
    type: 'form',
    event: 'validate',
    value: '',
    meta: {},
    uploads: { [config.ref]: entries },
  })
  await turn()
  rig.session.receive('preflight', 'allow_upload', { ref: config.ref, entries })
  const preflight = rig.take().at(-1)!
  const progress = (ref: string, entryRef: string, value: unknown, configRef: string | null = config.ref) =>
    rig.session.receive(ref, 'progress', { event: null, ref: configRef, entry_ref: entryRef, progress: value })
  const send = async (entryRef: string, ...sizes: readonly number[]) => {
    const entry = config.entries.find((candidate) => candidate.ref === entryRef)!
    const outlet = {
      reply() {},
      close: () => void rig.sent.push('upload close'),
      error: () => void rig.sent.push('upload error'),
    }
    const channel = rig.session.joinUpload(config.ref, entry.uuid, outlet) as UploadChannel
    channel.open('j')
    await turn()
    for (const size of sizes) {
      channel.chunk('c', new Uint8Array(size))
      await turn()
    }
  }
  return { rig, seen, preflight, progress, send, config: () => config }
}

describe('a preflight', () => {
  it('is answered in the words of the wire, with the diff', async () => {
    const { preflight, config } = await uploading(['0'])
    const { diff, ...answer } = JSON.parse(preflight.replace('preflight ok ', '')) as Record<string, unknown>
    expect(diff).toBeUndefined()
    expect(answer).toEqual({
      ref: config().ref,
      config: { max_file_size: 10 * 1024 * 1024, max_entries: 3, chunk_size: 4, chunk_timeout: 60_000 },
      entries: { 0: expect.stringMatching(/^[\w-]+\.[\w-]+$/) },
      errors: {},
    })
    expect(config().entries[0]!.preflighted).toBe(true)
  })

  it('for an input that is unknown allows nothing', async () => {
    const { rig } = await uploading([])
    rig.session.receive('2', 'allow_upload', { ref: 'phx-other', entries: [] })
    expect(rig.take()).toEqual(['2 ok {"ref":"phx-other","error":[["phx-other","disallowed"]]}'])
  })

  it('of a view without uploads allows nothing', async () => {
    const rig = await joined()
    rig.session.receive('2', 'allow_upload', { ref: 'x', entries: [] })
    expect(rig.take()).toEqual(['2 ok {"ref":"x","error":[["x","disallowed"]]}'])
  })
})

describe('files that were lost with the view before', () => {
  const lostFiles = [
    { upload: 'photos', files: [{ clientName: 'a.png', clientSize: 7 }] },
    { upload: 'photos', component: '7', files: [{ clientName: 'b.png', clientSize: 8 }] },
  ]
  const names = (config: UploadConfig | undefined) => config?.lost.map(({ clientName }) => clientName).join()

  it('are told to the upload and the component that they were of', async () => {
    const album = (id: number) =>
      createLiveComponent({
        mount: (socket) => void socket.allowUpload('photos'),
        render: (_, { uploads }) => html`<p>${id}: ${names(uploads['photos'])}</p>`,
      })
    const rig = new Rig(
      {
        mount: (socket) => {
          void socket.allowUpload('photos')
          void socket.allowUpload('papers')
        },
        render: (_, { uploads, live_component }) =>
          html`<i>${names(uploads['photos'])}|${names(uploads['papers'])}</i>${[6, 7].map((id) => live_component(album(id), { id }))}`,
      },
      {},
      { lostFiles },
    )
    rig.session.join('1')
    await turn()
    const [answer] = rig.take()
    expect(answer).toContain('{"0":"a.png","1":""')
    expect(answer).toContain('{"0":"6","1":""')
    expect(answer).toContain('{"0":"7","1":"b.png"')
  })

  it('go when files are chosen, when they are dismissed, and with a reset', async () => {
    const choose = (rig: Rig, ref: string) =>
      rig.session.receive('2', 'event', {
        type: 'form',
        event: 'validate',
        value: '',
        uploads: { [ref]: [{ ref: '0', name: '0.png', size: 8, type: 'image/png' }] },
      })
    const ways = [
      choose,
      (rig: Rig) => rig.socket.dismissLost('photos'),
      (rig: Rig, ref: string) => rig.event('2', { ref }, 'lv:files-reset'),
    ]
    for (const way of ways) {
      let config!: UploadConfig
      const rig = new Rig(
        {
          mount: (socket) => void socket.allowUpload('photos'),
          render: (_, { uploads }) => html`${names((config = uploads['photos']!))}`,
        },
        {},
        { lostFiles },
      )
      rig.session.join('1')
      await turn()
      expect(names(config)).toBe('a.png')
      // What was allowed anew is the same to the user.
      void rig.socket.allowUpload('photos', { maxEntries: 3 })
      await turn()
      expect(names(config)).toBe('a.png')
      way(rig, config.ref)
      await turn()
      expect(names(config)).toBe('')
    }
  })

  it('of an unknown upload cannot be dismissed', async () => {
    const rig = await joined()
    expect(() => rig.socket.dismissLost('photos')).toThrow(/no upload is allowed/)
  })
})

describe('progress', () => {
  it('calls back with what is written, and is answered with what it shows', async () => {
    const { rig, seen, progress, send } = await uploading(['0'])
    await send('0', 4)
    progress('2', '0', 50)
    expect(seen).toEqual(['0 50 false'])
    expect(rig.take()).toEqual(['2 ok {"diff":{"1":{"k":{"0":{"0":"0 50 0"},"kc":1}}}}'])
  })

  it('is not believed: 100 without bytes is nothing', async () => {
    const { rig, seen, progress, config } = await uploading(['0'])
    progress('2', '0', 100)
    expect(seen).toEqual(['0 0 false'])
    expect(config().entries[0]).toMatchObject({ progress: 0, done: false })
    expect(rig.take()).toEqual(['2 ok {}'])
  })

  it('is found by the entry when the client lost the input', async () => {
    const { seen, progress } = await uploading(['0'])
    progress('2', '0', 10, null)
    expect(seen).toEqual(['0 0 false'])
  })

  it.each([
    { name: 'entry', entryRef: '9', configRef: null },
    { name: 'input', entryRef: '0', configRef: 'phx-other' },
  ])('of an unknown $name is answered', async ({ entryRef, configRef }) => {
    const { rig, seen, progress } = await uploading(['0'])
    progress('2', entryRef, 10, configRef)
    progress('3', entryRef, { error: 'x' }, configRef)
    expect(seen).toEqual([])
    expect(rig.take()).toEqual(['2 ok {}', '3 ok {}'])
  })

  it('that waits gives way to a newer one of its entry, and is answered at once', async () => {
    const { rig, seen, progress } = await uploading(['0', '1'])
    rig.event('2', { wait: 'a' })
    progress('3', '0', 10)
    progress('4', '1', 10)
    progress('5', '0', 20)
    progress('6', '0', 30)
    expect(rig.take()).toEqual(['3 ok {}', '5 ok {}'])
    await rig.end('a')
    expect(rig.take()).toEqual(['2 ok {"diff":{"0":"2"}}', '4 ok {}', '6 ok {}'])
    expect(seen).toEqual(['1 0 false', '0 0 false'])
  })

  it('of 100, and errors, give way to nothing', async () => {
    const { rig, seen, progress, config } = await uploading(['0'])
    rig.event('2', { wait: 'a' })
    progress('3', '0', 100)
    progress('4', '0', { error: 'gone' })
    progress('5', '0', 99)
    expect(rig.take()).toEqual([])
    await rig.end('a')
    expect(rig.take().map((sent) => sent.slice(0, 4))).toEqual(['2 ok', '3 ok', '4 ok', '5 ok'])
    expect(seen).toHaveLength(2)
    expect(config().entries[0]!.errors).toMatchObject([{ code: 'upload_failed', data: { reason: 'gone' } }])
  })

  it('of 100, and errors, that wait already are answered at once', async () => {
    const { rig, progress } = await uploading(['0'])
    rig.event('2', { wait: 'a' })
    progress('3', '0', 100)
    progress('4', '0', { error: 'gone' })
    progress('5', '0', 100)
    progress('6', '0', { error: 'again' })
    expect(rig.take()).toEqual(['5 ok {}', '6 ok {}'])
    await rig.end('a')
  })

  it('keeps its place in the order of messages', async () => {
    const { rig, seen, progress } = await uploading(['0'])
    rig.event('2', { wait: 'a' })
    rig.event('3')
    progress('4', '0', 100)
    rig.event('5')
    await rig.end('a')
    expect(rig.take().map((sent) => sent.slice(0, 4))).toEqual(['2 ok', '3 ok', '4 ok', '5 ok'])
    expect(seen).toHaveLength(1)
  })

  it.each([
    { error: 'failed', reason: 'failed' },
    { error: { code: 3 }, reason: '{"code":3}' },
  ])('of an error fails the entry, and has the page free its form: $error', async ({ error, reason }) => {
    const { rig, progress, send, config } = await uploading(['0'])
    await send('0', 4)
    progress('2', '0', { error })
    const sent = rig.take()
    expect(sent[0]).toBe('upload error')
    expect(sent[1]).toContain('"e":[["liveloom:unlock",{"id":"phx-V"}]]')
    expect(config().entries[0]).toMatchObject({ failed: true, errors: [{ code: 'upload_failed', data: { reason } }] })
    await Promise.all(rig.background)
    expect(rig.writers[0]!.calls).toEqual(['write', 'close error', 'dispose dropped'])
  })

  it('whose callback throws ends the view', async () => {
    const { rig, progress } = await uploading(['0'], {
      mount: (socket) => void socket.allowUpload('photos', { progress: () => fail() }),
    })
    progress('2', '0', 10)
    expect(rig.take()).toEqual(['phx_error'])
    expect(rig.reported).toEqual([{ message: 'broken', stage: 'progress' }])
  })

  describe('that never comes', () => {
    const moment = 2 * silence

    it('is posted by the server: done is told once, and the page shows it', async () => {
      const { rig, seen, progress, send } = await uploading(['0'])
      await send('0', 4, 4)
      expect(seen).toEqual([])
      rig.time.advance(moment)
      await turn()
      expect(seen).toEqual(['0 100 true'])
      expect(rig.take()).toEqual(['diff {"1":{"k":{"0":{"0":"0 100 0"},"kc":1}}}'])
      progress('2', '0', 100)
      expect(seen).toHaveLength(1)
      expect(rig.take()).toEqual(['2 ok {}'])
      rig.time.advance(10 * moment)
      await turn()
      expect(seen).toHaveLength(1)
    })

    it('of a file on its way is posted as well', async () => {
      const { rig, seen, send } = await uploading(['0'])
      await send('0', 4)
      rig.time.advance(moment)
      await turn()
      expect(seen).toEqual(['0 50 false'])
      expect(rig.take()).toEqual(['diff {"1":{"k":{"0":{"0":"0 50 0"},"kc":1}}}'])
    })

    it('is not posted beside one that came', async () => {
      const { rig, seen, progress, send } = await uploading(['0'])
      await send('0', 4, 4)
      progress('2', '0', 100)
      rig.time.advance(10 * moment)
      await turn()
      expect(seen).toEqual(['0 100 true'])
    })

    it('is posted when the browser spoke of the way there only', async () => {
      const { rig, seen, progress, send } = await uploading(['0'])
      await send('0', 4, 4)
      progress('2', '0', 50)
      expect(seen).toEqual(['0 100 true'])
      rig.time.advance(moment)
      await turn()
      expect(seen).toHaveLength(1)
    })

    it('waits for a slow handler as one message, and not beside one of the browser', async () => {
      const { rig, seen, progress, send } = await uploading(['0'])
      await send('0', 4)
      rig.event('2', { wait: 'a' })
      rig.time.advance(moment)
      progress('3', '0', 50)
      await rig.end('a')
      expect(seen).toEqual(['0 50 false', '0 50 false'])
    })

    it.each([
      { what: 'was cancelled', leave: (rig: Rig) => void rig.socket.cancelUpload('photos', '0') },
      { what: 'belongs to a view that has ended', leave: (rig: Rig) => rig.session.end() },
    ])('is not posted for a file that $what', async ({ leave }) => {
      const { rig, seen, send } = await uploading(['0'])
      await send('0', 4, 4)
      leave(rig)
      await turn()
      rig.take()
      rig.time.advance(10 * moment)
      await turn()
      expect(seen).toEqual([])
      expect(rig.take()).toEqual([])
      expect(rig.reported).toEqual([])
    })

    it('is posted to the component whose file it is', async () => {
      const seen: string[] = []
      let config!: UploadConfig
      const album = createLiveComponent({
        mount: (socket) =>
          void socket.allowUpload('photos', {
            progress: ({ id }, entry) => void seen.push(`${String(id)} ${entry.progress}`),
          }),
        handleEvent: () => {},
        render: (_, { uploads }) => {
          config = uploads['photos']!
          return html`<p>${config.entries.map(({ progress }) => progress)}</p>`
        },
      })
      const rig = await joined({ render: (_, { live_component }) => html`${live_component(album, { id: 'a' })}` })
      const entries = [{ ref: '0', name: '0.png', size: 8, type: 'image/png' }]
      rig.session.receive('2', 'event', {
        type: 'form',
        event: 'v',
        value: '',
        cid: 1,
        uploads: { [config.ref]: entries },
      })
      rig.session.receive('3', 'allow_upload', { ref: config.ref, entries, cid: 1 })
      const outlet = { reply() {}, close() {}, error() {} }
      const channel = rig.session.joinUpload(config.ref, config.entries[0]!.uuid, outlet) as UploadChannel
      channel.open('j')
      await turn()
      channel.chunk('c', new Uint8Array(8))
      await turn()
      rig.take()
      rig.time.advance(moment)
      await turn()
      expect(seen).toEqual(['a 100'])
      expect(rig.take()).toEqual([expect.stringMatching(/^diff \{"c":\{"1":.*"100"/)])
    })

    it('is not posted for a file that was consumed', async () => {
      const { rig, seen, send } = await uploading(['0'])
      await send('0', 4, 4)
      await rig.socket.consumeUploadedEntries('photos', () => 0)
      rig.time.advance(10 * moment)
      await turn()
      expect(seen).toEqual([])
    })
  })
})

describe('uploads beside the mailbox', () => {
  it('do not wait for a slow handler', async () => {
    const { rig, send, config } = await uploading(['0'])
    rig.event('2', { wait: 'a' })
    await send('0', 4, 4)
    expect(rig.writers[0]!.calls).toEqual(['write', 'write', 'close done'])
    await rig.end('a')
    expect(config().entries[0]).toMatchObject({ progress: 100, done: true })
  })

  it('that fail are shown by a diff of their own, which frees the form', async () => {
    const { rig, send } = await uploading(['0'])
    await send('0', 5)
    expect(rig.take()).toEqual(['diff {"1":{"k":{"0":{"0":"0 0 1"},"kc":1}},"e":[["liveloom:unlock",{"id":"phx-V"}]]}'])
  })

  it('are cancelled in the same render, without awaiting', async () => {
    const { rig, send } = await uploading(['0', '1'], {
      handleEvent: (socket, { type }) => {
        if (type === 'cancel') void socket.cancelUpload('photos', '0')
      },
    })
    await send('0', 4)
    rig.event('2', {}, 'cancel')
    expect(rig.take()).toEqual(['upload close', '2 ok {"diff":{"1":{"k":{"0":{"0":"1 0 0"},"kc":1}}}}'])
    await Promise.all(rig.background)
    expect(rig.writers[0]!.calls).toEqual(['write', 'close cancel', 'dispose dropped'])
  })

  it('are not cancelled by a wrong ref, which is reported, and the view goes on', async () => {
    const { rig } = await uploading(['0'], {
      handleEvent: (socket, { type }) => {
        if (type === 'cancel') void socket.cancelUpload('photos', 'wrong')
      },
    })
    rig.event('2', {}, 'cancel')
    await turn()
    expect(rig.take()).toEqual(['2 ok {}'])
    expect(rig.reported).toMatchObject([{ stage: 'upload' }])
    expect(rig.reported[0]!.message).toContain("cancelUpload('photos', 'wrong')")
  })

  it('end with the view', async () => {
    const { rig, send, config } = await uploading(['0', '1'])
    await send('0', 4, 4)
    await send('1', 4)
    rig.session.end()
    await Promise.all(rig.background)
    for (const writer of rig.writers) expect(writer.calls.at(-1)).toBe('dispose dropped')
    expect(
      rig.session.joinUpload(config().ref, config().entries[0]!.uuid, { reply() {}, close() {}, error() {} }),
    ).toBe('disallowed')
    expect(rig.time.running).toBe(0)
  })
})
