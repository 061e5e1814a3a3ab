/** What the browser says of its files is a claim: wrong shapes are left out, names are text, numbers have limits. */
import { readdir } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { type RawView, RawUpload } from '../support/raw-client.ts'
import { entriesOf, withTarget } from './target.ts'

const good = { ref: '0', name: 'a.png', size: 10, type: 'image/png' }
const ten = new Uint8Array(10)
const files = (count: number) => Array.from({ length: count }, (_, at) => ({ ...good, ref: `r${at}` }))

/** Chooses the files of the input and sends what the server allows. */
async function sendAll(view: RawView, claims: readonly unknown[]): Promise<void> {
  const ref = view.inputRef('photos')
  await view.choose({ [ref]: claims })
  const { entries } = await view.preflight(ref, claims)
  for (const [entryRef, token] of Object.entries(entries)) {
    const upload = await RawUpload.join(view.client, entryRef, token)
    await upload.chunk(ten)
  }
}

describe('more files than are allowed', () => {
  it.for([
    ['one more', 3, 4, 4],
    ['as many again, and at least twenty', 3, 30, 23],
    ['far more', 3, 15_000, 23],
    ['far more where many are allowed', 50, 10_000, 100],
    ['far more than one', 1, 10_000, 21],
  ] as const)('%s', ([, maxEntries, count, recorded]) =>
    withTarget({ upload: { maxEntries } }, async ({ visit }) => {
      const { client, view } = await visit()
      const ref = view.inputRef('photos')
      const claims = files(count)
      await view.choose({ [ref]: claims })
      expect(await entriesOf(view)).toHaveLength(recorded)
      const { entries, error } = await view.preflight(ref, claims)
      expect(entries).toEqual({})
      expect(error).toEqual([[ref, 'too_many_files']])
      // Neither do they come in by ones.
      for (const claim of files(5)) await view.choose({ [ref]: [{ ...claim, ref: `more-${claim.ref}` }, claim] })
      expect((await entriesOf(view)).length).toBeLessThanOrEqual(maxEntries + Math.max(maxEntries, 20))
      await client.heartbeat()
    }),
  )

  it('with autoUpload only as many as are allowed may be sent', () =>
    withTarget({ upload: { maxEntries: 3, autoUpload: true } }, async ({ visit }) => {
      const { view } = await visit()
      const ref = view.inputRef('photos')
      const claims = files(1000)
      const { entries } = await view.preflight(ref, claims)
      expect(Object.keys(entries)).toEqual(['r0', 'r1', 'r2'])
      expect((await view.preflight(ref, claims.toReversed())).entries).toEqual({})
    }))
})

describe('a size that is none is an error of its file', () => {
  it.for([
    ['negative', { size: -1 }],
    ['fractional', { size: 1.5 }],
    ['past all integers', { size: 2 ** 53 }],
    ['near infinity', { size: 1e308 }],
    ['text', { size: '10' }],
    ['missing', { size: undefined }],
  ] as const)('%s', ([, change]) =>
    withTarget({ upload: { autoUpload: true, maxEntries: 2 } }, async ({ visit, saved }) => {
      const { view } = await visit()
      const claims = [
        { ...good, ...change },
        { ...good, ref: 'fine' },
      ]
      await view.choose({ [view.inputRef('photos')]: claims })
      expect(Object.keys((await view.preflight(view.inputRef('photos'), claims)).entries)).toEqual(['fine'])
      expect(await entriesOf(view)).toMatchObject([
        { ref: '0', valid: false, errors: ['upload_failed'] },
        { ref: 'fine', valid: true },
      ])
      expect(await saved()).toEqual([])
    }),
  )
})

describe('a name that is none is made up', () => {
  it.for([
    ['a number', { name: 7 }],
    ['a list', { name: ['a.png'] }],
    ['missing', { name: undefined }],
    ['empty', { name: '' }],
  ] as const)('%s', ([, change]) =>
    withTarget({}, async ({ visit, saved }) => {
      const { view } = await visit()
      await sendAll(view, [{ ...good, ...change }])
      expect(await entriesOf(view)).toMatchObject([{ ref: '0', name: 'blob.png', done: true }])
      await view.submit('save')
      expect(await saved()).toHaveLength(1)
    }),
  )
})

describe('claims of a wrong shape get no place on the page', () => {
  it.for([
    ['a ref with a comma', { ref: '0,1' }],
    ['a ref with a space', { ref: '0 1' }],
    ['a ref with a line break', { ref: '0\n' }],
    ['an empty ref', { ref: '' }],
    ['a ref of 10 kB', { ref: 'x'.repeat(10_000) }],
    ['a ref that is a number', { ref: 0 }],
  ] as const)('%s', ([, change]) =>
    withTarget({}, async ({ visit, saved }) => {
      const { view } = await visit()
      await sendAll(view, [
        { ...good, ...change },
        { ...good, ref: 'fine' },
      ])
      expect(await entriesOf(view)).toMatchObject([{ ref: 'fine', done: true }])
      await view.submit('save')
      expect(await saved()).toHaveLength(1)
    }),
  )

  it.for([
    ['null', null],
    ['a number', 5],
    ['text', 'file'],
    ['a list', []],
    ['an empty object', {}],
  ] as const)('%s in the list of files', ([, claim]) =>
    withTarget({}, async ({ visit }) => {
      const { view } = await visit()
      await sendAll(view, [claim, good])
      expect(await entriesOf(view)).toMatchObject([{ ref: '0', done: true }])
    }),
  )

  it.for([
    ['a number', 7],
    ['text', 'uploads'],
    ['a list', [[good]]],
    ['of an unknown input', { 'phx-unknown': [good] }],
    ['of an input that is a prototype', JSON.parse('{"__proto__":[{"ref":"0"}],"constructor":[{}]}') as unknown],
    ['whose files are no list', { 'phx-unknown': { 0: good } }],
  ] as const)('uploads that are %s', ([, uploads]) =>
    withTarget({}, async ({ visit }) => {
      const { view } = await visit()
      const answer = await view.request('event', { type: 'form', event: 'validate', value: '', uploads })
      expect(answer.status).toBe('ok')
      expect(await entriesOf(view)).toEqual([])
    }),
  )

  it.for([
    ['of an unknown input', { ref: 'phx-unknown', entries: [good] }, 'ok'],
    ['of no input', { entries: [good] }, 'error'],
    ['of an input that is a number', { ref: 7, entries: [good] }, 'error'],
    ['of entries that are no list', { ref: 'phx-unknown', entries: { 0: good } }, 'error'],
    ['of nothing', {}, 'error'],
    ['that is a list', [], 'error'],
  ] as const)('a preflight %s', ([, payload, status]) =>
    withTarget({}, async ({ visit }) => {
      const { view } = await visit()
      const { status: answered, response } = await view.request('allow_upload', payload)
      expect(answered).toBe(status)
      expect(response).not.toHaveProperty('entries')
    }),
  )

  it('a ref that is named like a prototype takes nothing else with it', () =>
    withTarget({}, async ({ visit }) => {
      const { view } = await visit()
      await sendAll(view, [good, { ...good, ref: '__proto__' }, { ...good, ref: 'constructor' }])
      const [first, ...others] = await entriesOf(view)
      expect(first).toMatchObject({ ref: '0', done: true })
      expect(others.every(({ failed }) => !failed)).toBe(true)
    }))
})

describe('names are never paths', () => {
  it.for([
    ['that climbs', '../../x.png'],
    ['that climbs as Windows does', '..\\..\\x.png'],
    ['that is absolute', '/etc/passwd'],
    ['of a drive', 'C:\\x.png'],
    ['with NUL', 'x\u0000.png'],
    ['with a line break', 'x\r\n.png'],
    ['of 10 kB', `${'x'.repeat(10_000)}.png`],
    ['that is empty', ''],
    ['of dots', '..'],
    ['with half a character', '\ud800.png'],
    ['that turns around', '\u202egnp.exe'],
    ['with markup', '"><script>alert(1)</script>'],
    ['of percent signs', '%2e%2e%2fx'],
  ] as const)('a name %s', ([, name]) =>
    withTarget({}, async ({ visit, saved, savedFolder, temporaryFiles }) => {
      const { view } = await visit()
      await sendAll(view, [{ ...good, name, relative_path: `../../${name}` }])
      const [entry] = await entriesOf(view)
      expect(entry).toMatchObject({ done: true })
      expect(entry!.name.length).toBeLessThanOrEqual(1024)
      for (const path of await temporaryFiles()) expect(path).toMatch(/\/liveloom-[\w-]{6}\/[0-9a-f]{24}$/)
      await view.submit('save')
      expect(await saved()).toEqual([expect.stringMatching(/^[\w-]+$/)])
      expect(await readdir(savedFolder, { recursive: true })).toHaveLength(1)
    }),
  )

  it('a name cannot write into the log: no line of its own, no command to the terminal', () =>
    withTarget({}, async ({ visit, reports }) => {
      const { client, view } = await visit()
      const name = 'a\r\n2026-01-01 all is well\u001b[2J\u009b2J\u202e\u2028.png'
      await view.prepare('photos', { ...good, name })
      view.push('event', { type: 'form', event: 'save', value: '' })
      await client.next(({ event }) => event === 'phx_error')
      const { message } = reports[0]!.error as Error
      expect(message).toContain('still in progress')
      expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    }))

  it('what else a claim says is cut to a length', () =>
    withTarget({ upload: { accept: ['.png'] } }, async ({ visit }) => {
      const { view } = await visit()
      const long = 'x'.repeat(400_000)
      await view.choose({ [view.inputRef('photos')]: [{ ...good, name: long, type: long, relative_path: '' }] })
      const [entry] = await entriesOf(view)
      expect(entry).toMatchObject({ valid: false, errors: ['not_accepted'] })
      expect(entry!.kept).toBeLessThan(10_000)
    }))
})

describe('what our client module notes of a file', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 'x' : { liveloom: deep(levels - 1) })

  it.for([
    ['empty', { empty: true }, ['empty_file']],
    ['a folder', { folder: true }, ['is_folder']],
    ['both', { empty: true, folder: true }, ['is_folder']],
    ['of another kind', { empty: 1, folder: 'yes', size: -1 }, []],
    ['nothing', {}, []],
    ['no object', 7, []],
    ['a list', [true], []],
    ['null', null, []],
    ['with a heavy meta', { meta: 'x'.repeat(100_000) }, []],
    ['in itself', deep(50), []],
  ] as const)('%s', ([, note, errors]) =>
    withTarget({}, async ({ visit }) => {
      const { view } = await visit()
      await view.choose({ [view.inputRef('photos')]: [{ ...good, meta: { liveloom: note } }] })
      const [entry] = await entriesOf(view)
      expect(entry).toMatchObject({ valid: errors.length === 0, errors })
      expect(entry!.kept).toBeLessThan(10_000)
    }),
  )
})

describe('what our client module says of a file on its way', () => {
  const strange = [null, 7, 'x', [], {}, { ref: 0 }, { ref: '0' }, { ref: '0', code: 'done' }, { ref: ['0'] }]

  it.for(['lv:file-failed', 'lv:files-reset'])('%s of another shape does nothing', (event) =>
    withTarget({}, async ({ visit, handled }) => {
      const { view } = await visit()
      await sendAll(view, [good])
      for (const value of strange) expect((await view.event(event, value)).status).toBe('ok')
      expect(await entriesOf(view)).toMatchObject([{ ref: '0', done: true }])
      expect(handled.filter(({ type }) => type === event)).toEqual([])
    }),
  )

  it('a file that is there does not fail', () =>
    withTarget({}, async ({ visit, saved }) => {
      const { view } = await visit()
      await sendAll(view, [good])
      await view.event('lv:file-failed', { ref: '0', code: 'file_changed' })
      await view.event('lv:file-failed', { ref: '1', code: 'file_changed' })
      expect(await entriesOf(view)).toMatchObject([{ ref: '0', done: true, failed: false }])
      await view.submit('save')
      expect(await saved()).toHaveLength(1)
    }))

  it.for(['file_missing', 'file_changed', 'file_unreadable'])('one that waits fails once: %s', (code) =>
    withTarget({}, async ({ visit }) => {
      const { view } = await visit()
      await view.choose({ [view.inputRef('photos')]: [good] })
      for (let at = 0; at < 3; at++) await view.event('lv:file-failed', { ref: '0', code })
      expect(await entriesOf(view)).toMatchObject([{ ref: '0', failed: true, errors: [code] }])
    }),
  )

  it('one that says that a transform has failed for it is refused', () =>
    withTarget({}, async ({ visit }) => {
      const { view } = await visit()
      const ref = view.inputRef('photos')
      const spoiled = (value: unknown) => ({ meta: { liveloom: { spoiled: value } } })
      const claims = [
        { ...good, ...spoiled('x'.repeat(100_000)) },
        { ...good, ref: '1', ...spoiled({}) },
      ]
      await view.choose({ [ref]: claims })
      const [first, second] = await entriesOf(view)
      expect(first).toMatchObject({ valid: false, errors: ['transform_failure'] })
      expect(second).toMatchObject({ valid: true, errors: [] })
      expect(Object.keys((await view.preflight(ref, claims)).entries)).not.toContain('0')
    }))

  it('a reset takes the files of its input away, and of no other', () =>
    withTarget({}, async ({ visit, temporaryFiles }) => {
      const { view } = await visit()
      await sendAll(view, [good])
      await view.event('lv:files-reset', { ref: view.inputRef('papers') })
      expect(await entriesOf(view)).toHaveLength(1)
      await view.event('lv:files-reset', { ref: view.inputRef('photos') })
      expect(await entriesOf(view)).toEqual([])
      await vi.waitFor(async () => expect(await temporaryFiles()).toEqual([]))
    }))
})

it('whatever is claimed, only what arrived is saved', () => {
  const junk = fc.oneof(fc.jsonValue(), fc.constantFrom('__proto__', -1, 1.5, 2 ** 60, '', '../x', '\u0000'))
  const claim = fc.oneof(
    junk,
    fc.record(
      { ref: junk, name: junk, size: junk, type: junk, relative_path: junk, last_modified: junk, meta: junk },
      { requiredKeys: [] },
    ),
  )
  return withTarget({}, async ({ visit, saved }) => {
    const { client, view } = await visit()
    await fc.assert(
      fc.asyncProperty(fc.array(claim, { maxLength: 5 }), async (claims) => {
        const ref = view.inputRef('photos')
        expect((await view.choose({ [ref]: claims })).status).toBe('ok')
        await view.preflight(ref, claims)
        expect((await client.heartbeat()).status).toBe('ok')
      }),
    )
    expect(await saved()).toEqual([])
  })
})
