/** Only the token that the server signed for an entry opens its channel, and it opens one at a time. */
import { describe, expect, it } from 'vitest'
import { fetchPage, type RawClient, RawUpload } from '../support/raw-client.ts'
import { entriesOf, type Target, withTarget } from './target.ts'

const file = { ref: '0', name: 'a.png', size: 1000 }
const half = new Uint8Array(500)
const day = 24 * 60 * 60 * 1000

const joinWith = (client: RawClient, token: unknown, topic = 'lvu:0') => client.join(topic, { token }).reply
const refused = (reason: string) => ({ status: 'error', response: { reason } })

describe('a token that the server did not sign for this', () => {
  const grant = ['an-instance', 'phx-ref', 'an-uuid']
  const tokens: readonly (readonly [string, (target: Target, good: string) => unknown])[] = [
    ['missing', () => undefined],
    ['null', () => null],
    ['a number', () => 7],
    ['an object', () => ({ toString: 'x' })],
    ['empty', () => ''],
    ['of one dot', () => '.'],
    ['of no dot', () => 'abcdef'],
    ['not ASCII', () => 'é.ü\u0000'],
    ['1 MB long', () => 'x'.repeat(1_000_000)],
    ['unsigned', () => `${Buffer.from(JSON.stringify([1, Date.now(), grant])).toString('base64url')}.`],
    ['with another body', (_, good) => `x${good}`],
    ['with another signature', (_, good) => `${good.slice(0, -2)}AA`],
    ['cut short', (_, good) => good.slice(0, -1)],
    ['of another purpose', ({ signer }) => signer().sign('view', grant)],
    ['expired', ({ signer }, good) => signer(Date.now() - 15 * day).sign('upload', grantOf(good))],
    ['of another version', ({ signer }, good) => resign(signer(), good)],
  ]
  it.for(tokens)('%s', ([, make]) =>
    withTarget({}, async (target) => {
      const { client, view } = await target.visit()
      const { token } = await view.prepare('photos', file)
      expect(await joinWith(client, make(target, token))).toEqual(refused('invalid_token'))
      expect(await entriesOf(view)).toMatchObject([{ done: false, failed: false, progress: 0 }])
      // The entry is none the worse for it.
      const upload = await RawUpload.join(client, '0', token)
      expect(await upload.chunk(half)).toEqual({ status: 'ok', response: {} })
    }),
  )
})

describe('a token of somebody or something else', () => {
  it('of a view on another connection', () =>
    withTarget({}, async ({ visit }) => {
      const [owner, thief] = [await visit(), await visit()]
      const { token } = await owner.view.prepare('photos', file)
      await thief.view.prepare('photos', file)
      expect(await joinWith(thief.client, token)).toEqual(refused('disallowed'))
      await RawUpload.join(owner.client, '0', token)
    }))

  it('of a view that is left', () =>
    withTarget({}, async ({ visit }) => {
      const { client, view } = await visit()
      const { token } = await view.prepare('photos', file)
      await client.request(view.topic, 'phx_leave', {}, view.joinRef)
      expect(await joinWith(client, token)).toEqual(refused('disallowed'))
    }))

  it('of the instance before the view was joined anew', () =>
    withTarget({}, async ({ visit }) => {
      const { page, client, view } = await visit()
      const { token } = await view.prepare('photos', file)
      const again = await client.joinView(page)
      await again.prepare('photos', file)
      expect(await joinWith(client, token)).toEqual(refused('disallowed'))
    }))

  it('of another view of the connection: fills the entry that it was signed for, whatever topic it comes on', () =>
    withTarget({}, async ({ url, open }) => {
      const first = await fetchPage(url)
      const second = await fetchPage(url, first.cookie)
      const client = await open(first)
      const [own, other] = [await client.joinView(first), await client.joinView({ ...second, csrfToken: '' })]
      await own.prepare('photos', file)
      const { token } = await other.prepare('photos', file)
      const upload = await RawUpload.join(client, '0', token)
      await upload.chunk(new Uint8Array(1000))
      expect(await entriesOf(own)).toMatchObject([{ done: false, progress: 0 }])
      expect(await entriesOf(other)).toMatchObject([{ done: true, progress: 100 }])
    }))

  it('of an entry that was cancelled', () =>
    withTarget({}, async ({ visit }) => {
      const { client, view } = await visit()
      const { token } = await view.prepare('photos', file)
      await view.event('cancel', { ref: '0' })
      // It may have been on its way: an error would make the browser clear its whole input. The channel is closed at once.
      const closed = client.next(({ topic, event }) => topic === 'lvu:0' && event === 'phx_close')
      expect(await joinWith(client, token)).toEqual({ status: 'ok', response: {} })
      await closed
      expect(await joinWith(client, token, 'lvu:1')).toEqual({ status: 'ok', response: {} })
    }))

  it('of an entry that was saved', () =>
    withTarget({}, async ({ visit }) => {
      const { client, view } = await visit()
      const { token } = await view.prepare('photos', file)
      const upload = await RawUpload.join(client, '0', token)
      await upload.chunk(new Uint8Array(1000))
      await view.submit('save')
      expect(await joinWith(client, token)).toEqual(refused('disallowed'))
    }))
})

describe('a token that is used twice', () => {
  it.for([['on the same topic', 'lvu:0'] as const, ['on another topic', 'lvu:1'] as const])('%s', ([, topic]) =>
    withTarget({}, async ({ visit }) => {
      const { client, view } = await visit()
      const { token } = await view.prepare('photos', file)
      const upload = await RawUpload.join(client, '0', token)
      expect(await joinWith(client, token, topic)).toEqual(refused('already_registered'))
      // The first channel goes on.
      expect((await upload.chunk(half)).status).toBe('ok')
      expect(await joinWith(client, token, topic)).toEqual(refused('already_registered'))
    }),
  )

  it('before the first join is answered', () =>
    withTarget({}, async ({ visit }) => {
      const { client, view } = await visit()
      const { token } = await view.prepare('photos', file)
      const joins = Array.from({ length: 50 }, (_, at) => joinWith(client, token, `lvu:${at}`))
      const statuses = (await Promise.all(joins)).map(({ status }) => status)
      expect(statuses).toEqual(['ok', ...Array.from({ length: 49 }, () => 'error')])
    }))

  it('after the file is complete', () =>
    withTarget({}, async ({ visit }) => {
      const { client, view } = await visit()
      const { token } = await view.prepare('photos', file)
      const upload = await RawUpload.join(client, '0', token)
      await upload.chunk(new Uint8Array(1000))
      expect(await joinWith(client, token, 'lvu:1')).toEqual(refused('already_registered'))
      await upload.leave()
      expect(await joinWith(client, token)).toEqual(refused('already_registered'))
      expect(await entriesOf(view)).toMatchObject([{ done: true, failed: false }])
    }))

  it('after the first byte and a leave', () =>
    withTarget({}, async ({ visit, temporaryFiles }) => {
      const { client, view } = await visit()
      const { token } = await view.prepare('photos', file)
      const upload = await RawUpload.join(client, '0', token)
      await upload.chunk(half)
      expect(await upload.leave()).toEqual({ status: 'ok', response: {} })
      expect(await joinWith(client, token)).toEqual(refused('disallowed'))
      expect(await entriesOf(view)).toMatchObject([{ failed: true, errors: ['upload_failed'] }])
      await expect.poll(temporaryFiles).toEqual([])
    }))

  it('after a leave before the first byte, which is allowed', () =>
    withTarget({}, async ({ visit, saved }) => {
      const { client, view } = await visit()
      const { token } = await view.prepare('photos', file)
      const first = await RawUpload.join(client, '0', token)
      await first.leave()
      expect(await entriesOf(view)).toMatchObject([{ failed: false, done: false }])
      const second = await RawUpload.join(client, '0', token)
      await second.chunk(new Uint8Array(1000))
      await view.submit('save')
      expect(await saved()).toHaveLength(1)
    }))
})

it('joining and leaving over and over keeps no more than a few files open', () =>
  withTarget({}, async ({ visit, temporaryFiles }) => {
    const { client, view } = await visit()
    const { token } = await view.prepare('photos', file)
    let most = 0
    const watching = setInterval(() => {
      void temporaryFiles().then((files) => (most = Math.max(most, files.length)))
    }, 1)
    try {
      const leaves = Array.from({ length: 2000 }, () => {
        const { joinRef } = client.join('lvu:0', { token })
        return client.request('lvu:0', 'phx_leave', {}, joinRef)
      })
      await Promise.all(leaves)
      await expect.poll(temporaryFiles).toEqual([])
    } finally {
      clearInterval(watching)
    }
    expect(most).toBeLessThan(10)
    const upload = await RawUpload.join(client, '0', token)
    expect((await upload.chunk(half)).status).toBe('ok')
  }))

/** What a good token was signed over. */
function grantOf(token: string): unknown {
  return (bodyOf(token) as [number, number, unknown])[2]
}

function bodyOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.', 1)[0]!, 'base64url').toString())
}

/** The same token, truly signed, of a version that is not ours. */
function resign(signer: ReturnType<Target['signer']>, token: string): string {
  const body = Buffer.from(JSON.stringify([0, Date.now(), grantOf(token)])).toString('base64url')
  return `${body}.${signer.digest('upload', body)}`
}
