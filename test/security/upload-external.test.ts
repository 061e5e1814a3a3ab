/** Files that the browser sends elsewhere: what it says of them is its word alone, and the application is asked only what fits. */
import type { ExternalFile } from 'liveloom'
import { describe, expect, it, vi } from 'vitest'
import { type RawView, RawUpload } from '../support/raw-client.ts'
import { entriesOf, withTarget } from './target.ts'

const claim = { ref: '0', name: 'a.png', size: 10, type: 'image/png' }
const gone = { status: 'ok', response: { error: 'gone' } }

/** The application's side, and what was asked of it. */
function createExternal(more: Partial<ExternalFile> = {}) {
  const calls: string[] = []
  let count = 0
  const external = (): ExternalFile => {
    const number = count++
    return {
      meta: { uploader: 'Theirs', number },
      confirm: () => {
        calls.push(`confirm ${number}`)
        throw new Error('nothing came')
      },
      dispose: (outcome) => void calls.push(`${outcome} ${number}`),
      ...more,
    }
  }
  return { external, calls }
}

async function allowed(view: RawView, ...claims: readonly (typeof claim)[]): Promise<string> {
  const ref = view.inputRef('photos')
  await view.choose({ [ref]: claims })
  const { entries } = await view.preflight(ref, claims)
  expect(Object.keys(entries)).toHaveLength(claims.length)
  return ref
}

const ask = (view: RawView, ref: string | null, entryRef: unknown, question: unknown) =>
  view.request('liveloom:external', { ref, entry_ref: entryRef, question })

describe('a file that was never sent', () => {
  it('is not done by the browser saying so, however often', () => {
    const { external, calls } = createExternal()
    return withTarget({ upload: { external } }, async ({ visit, reports }) => {
      const { view } = await visit()
      const ref = await allowed(view, claim)
      const answers = await Promise.all(Array.from({ length: 50 }, () => view.progress(ref, '0', 100)))
      expect(answers.some(({ status }) => status === 'error')).toBe(true)
      expect(await entriesOf(view)).toMatchObject([{ done: false, failed: true, errors: ['external_client_failure'] }])
      expect(calls).toEqual(['confirm 0', 'dropped 0'])
      expect(reports.map(({ error }) => (error as Error).message)).toEqual(['nothing came'])
      await view.progress(ref, '0', 100)
      expect(await entriesOf(view)).toMatchObject([{ done: false }])
    })
  })

  it('is not done before it has leave to be sent, and has no channel after', () => {
    const { external, calls } = createExternal()
    return withTarget({ upload: { external } }, async ({ visit }) => {
      const { view, client } = await visit()
      const ref = view.inputRef('photos')
      await view.choose({ [ref]: [claim] })
      await view.progress(ref, '0', 100)
      expect(await entriesOf(view)).toMatchObject([{ done: false, progress: 0 }])
      expect(calls).toEqual([])
      await view.preflight(ref, [claim])
      await expect(RawUpload.join(client, '0', 'Theirs')).rejects.toThrow('refused')
    })
  })
})

describe('progress', () => {
  it.for([-1, 100.5, 1e308, '50', null, [50]])('of %o is none', (percent) => {
    const { external } = createExternal()
    return withTarget({ upload: { external } }, async ({ visit }) => {
      const { view } = await visit()
      const ref = await allowed(view, claim)
      expect((await view.progress(ref, '0', percent)).status).toBe('error')
      expect(await entriesOf(view)).toMatchObject([{ progress: 0, done: false }])
    })
  })

  it('after done changes nothing, nor does a failure', () => {
    const { external, calls } = createExternal({ confirm: () => ({ size: 10 }) })
    return withTarget({ upload: { external } }, async ({ visit }) => {
      const { view } = await visit()
      const ref = await allowed(view, claim)
      expect((await view.progress(ref, '0', 100)).status).toBe('ok')
      for (const said of [3, { error: 'no' }, 100]) await view.progress(ref, '0', said)
      expect(await entriesOf(view)).toMatchObject([{ progress: 100, done: true, failed: false }])
      expect(calls).toEqual([])
    })
  })

  it("of another visitor's file is none", () => {
    const { external, calls } = createExternal()
    return withTarget({ upload: { external } }, async ({ visit }) => {
      const [mine, theirs] = [(await visit()).view, (await visit()).view]
      const ref = await allowed(theirs, claim)
      await mine.progress(ref, '0', 100)
      await mine.progress(null, '0', { error: 'no' })
      expect(await ask(mine, ref, '0', 1)).toEqual(gone)
      expect(await ask(mine, null, '0', 1)).toEqual(gone)
      expect(await entriesOf(theirs)).toMatchObject([{ failed: false, done: false }])
      expect(calls).toEqual([])
    })
  })
})

describe('questions', () => {
  it('that nobody answers are no matter', () => {
    const { external } = createExternal()
    return withTarget({ upload: { external } }, async ({ visit, reports }) => {
      const { view } = await visit()
      const ref = await allowed(view, claim)
      expect(await ask(view, ref, '0', { sign: [1] })).toEqual(gone)
      expect(await ask(view, ref, 'other', { sign: [1] })).toEqual(gone)
      expect((await ask(view, ref, 7, 1)).status).toBe('error')
      expect(reports).toEqual([])
    })
  })

  it('that flood are eight of a file at once, and the view goes on', () => {
    let letGo = (): void => {}
    const held = new Promise<void>((resolve) => (letGo = resolve))
    let asked = 0
    const { external } = createExternal({ answer: () => (asked++, held) })
    return withTarget({ upload: { external } }, async ({ visit }) => {
      const { view } = await visit()
      const ref = await allowed(view, claim)
      const replies = Array.from({ length: 200 }, (_, at) => ask(view, ref, '0', at))
      expect(await entriesOf(view)).toHaveLength(1)
      expect(asked).toBe(8)
      letGo()
      const answered = await Promise.all(replies)
      expect(answered.filter(({ response }) => (response as { error?: string }).error === 'busy')).toHaveLength(192)
    })
  })

  it('of any shape reach the application as they are, and what it throws ends nothing', () => {
    const asked: unknown[] = []
    const { external } = createExternal({
      answer: (question) => {
        asked.push(question)
        throw new Error('a strange question')
      },
    })
    return withTarget({ upload: { external } }, async ({ visit }) => {
      const { view } = await visit()
      const ref = await allowed(view, claim)
      const questions = [null, 'x'.repeat(100_000), { __proto__: null, constructor: 1 }, [[[[]]]], 1e308]
      for (const question of questions)
        expect(await ask(view, ref, '0', question)).toEqual({ status: 'ok', response: { error: 'failed' } })
      expect(asked).toHaveLength(questions.length)
      expect(await entriesOf(view)).toMatchObject([{ failed: false }])
    })
  })
})

it('a page that leaves has each of its files let go of once', () => {
  const { external, calls } = createExternal({ confirm: () => 1 })
  return withTarget({ upload: { external, maxEntries: 3 } }, async ({ visit }) => {
    const { view, client } = await visit()
    const ref = await allowed(view, claim, { ...claim, ref: '1' }, { ...claim, ref: '2' })
    await view.progress(ref, '0', 100)
    await view.progress(ref, '1', { error: 'no' })
    await client.leave()
    await vi.waitFor(() => expect(calls.toSorted()).toEqual(['dropped 0', 'dropped 1', 'dropped 2']))
  })
})
