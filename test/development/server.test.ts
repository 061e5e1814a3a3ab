import { describe, expect, it } from 'vitest'
import { createLiveView } from '../../src/live/view.ts'
import { html } from '../../src/template/html.ts'
import { World } from './world.ts'

const hostile = '<script>alert("1")</script>'
const broken = createLiveView({
  mount: () => {
    throw new Error(hostile, { cause: new Error('the cause') })
  },
  render: () => html`<p></p>`,
})
const crashing = createLiveView({
  handleEvent: () => {
    throw new TypeError(hostile)
  },
  render: () => html`<p></p>`,
})
const refusing = createLiveView({
  mount: ({ connected }) => {
    if (connected) throw new Error('not here')
  },
  render: () => html`<p></p>`,
})

describe('an error page in development', () => {
  it('tells the error and its cause, and escapes them', async () => {
    const { status, body } = await World.of(broken).get()
    expect(status).toBe(500)
    expect(body).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;')
    expect(body).toContain('caused by Error: the cause')
    expect(body).not.toContain(hostile)
  })

  it('is given what is known to a page of your own', async () => {
    const world = World.of(broken, { errorPage: ({ details }) => html`<p>${details?.name} at ${details?.view}</p>` })
    expect((await world.get()).body).toContain('<p>Error at /</p>')
  })
})

it('an error page in production says nothing of the error', async () => {
  const world = new World(
    { routes: { '/': broken }, errorPage: ({ nonce, ...page }) => html`${JSON.stringify(page)} ${nonce.length}` },
    false,
  )
  expect((await world.get()).body).toBe(
    '{&quot;status&quot;:500,&quot;title&quot;:&quot;Something went wrong&quot;,&quot;lang&quot;:&quot;en&quot;,&quot;dir&quot;:&quot;ltr&quot;} 24',
  )
})

describe('the script of development', () => {
  it('stands in the head of each page, before the client, with the nonce', async () => {
    const { body } = await World.of(crashing, { contentSecurityPolicy: (nonce) => `script-src 'nonce-${nonce}'` }).get()
    const own = /<script [^>]*src="\/live\/development\.js"[^>]*>/.exec(body)!
    expect(own[0]).toMatch(/nonce="[\w=-]+"/)
    expect(own.index).toBeLessThan(body.indexOf('src="/live/client'))
  })

  it('is served, and says which run of the server it is', async () => {
    const world = World.of(crashing)
    const { body } = await world.get()
    expect(await world.get('/live/development.js')).toMatchObject({ status: 200, body: 'development' })
    expect(await world.get('/live/development')).toMatchObject({
      status: 200,
      body: /data-liveloom-boot="([^"]+)"/.exec(body)![1],
    })
  })

  it('is not there in production', async () => {
    const world = new World({ routes: { '/': crashing } }, false)
    expect((await world.get()).body).not.toContain('development')
    for (const path of ['/live/development.js', '/live/development']) expect((await world.get(path)).status).toBe(404)
  })
})

describe('a view that crashes', () => {
  it('sends what happened before its end, escaped', async () => {
    const world = World.of(crashing)
    await world.join()
    await world.event('save')
    const [shown, end] = world.sent.slice(-2)
    expect(shown).toContain('liveloom:error')
    expect(shown).toContain('&lt;script&gt;')
    expect(shown).not.toContain('<script>')
    expect(end).toContain('phx_error')
  })

  it('sends it with the refusal when it never began', async () => {
    const world = World.of(refusing)
    await world.join()
    expect(world.sent).toHaveLength(1)
    expect(JSON.parse(world.sent[0]!)).toMatchObject([
      '1',
      '1',
      expect.any(String),
      'phx_reply',
      { status: 'error', response: { reason: 'join crashed', events: [['liveloom:error', { joining: true }, true]] } },
    ])
  })

  it.each([crashing, refusing])('sends nothing of it in production', async (view) => {
    const world = new World({ routes: { '/': view } }, false)
    await world.join()
    await world.event('save')
    expect(world.messages).toHaveLength(1)
    expect(world.sent.join('\n')).not.toContain('liveloom:')
    expect(world.sent.join('\n')).not.toContain(world.messages[0])
  })
})

describe('what nobody expects to be thrown', () => {
  const thrown = Object.create(null) as unknown
  const later = createLiveView({
    handleEvent: async () => {
      await Promise.resolve()
      throw thrown
    },
    render: () => html`<p></p>`,
  })

  it('ends its view, and is shown', async () => {
    const world = new World({ routes: { '/': later }, onError: () => {} })
    await world.join()
    await world.event('x')
    expect(world.sent.join('\n')).toContain('a plain object')
    expect(world.sent.at(-1)).toContain('phx_error')
  })

  it.each([true, false])('is nothing more when nobody can be told either (development: %s)', async (development) => {
    const fail = (): never => {
      throw new Error('not even that')
    }
    const world = new World({ routes: { '/': later }, onError: fail }, development)
    await world.join()
    Object.assign(world.reported, { push: fail })
    await world.event('x')
    expect(world.sent.at(-1)).toContain('phx_error')
  })
})
