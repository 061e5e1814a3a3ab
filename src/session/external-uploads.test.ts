import { describe, expect, it } from 'vitest'
import { joined, type Rig } from '../../test/support/session-rig.ts'
import { turn } from '../../test/support/manual-time.ts'
import { createLiveComponent } from '../live/component.ts'
import { html } from '../template/html.ts'
import type { UploadConfig } from '../upload/entry.ts'
import type { ExternalFile } from '../upload/external.ts'

/** A view whose one file goes elsewhere. */
async function sending(
  made: ExternalFile,
  saved: unknown[] = [],
): Promise<{ rig: Rig; ref: string; errorsOf(): readonly string[] }> {
  let uploads: Readonly<Record<string, UploadConfig>> = {}
  const rig = await joined({
    render: ({ count }, meta) => {
      uploads = meta.uploads
      return html`<p>${count}</p>`
    },
    mount: (socket) => socket.allowUpload('photos', { external: () => made }),
    handleEvent: async (socket, { type }) => {
      if (type === 'save') saved.push(...(await socket.consumeUploadedEntries('photos', (meta) => meta)))
      socket.assign({ count: socket.context.count + 1 })
    },
  })
  const { ref } = uploads['photos']!
  const entry = { ref: '0', name: 'a.png', type: 'image/png', size: 1000 }
  rig.session.receive('2', 'allow_upload', { ref, entries: [entry] })
  await turn()
  expect(rig.take().join()).toMatch(/^2 ok .*"entries":\{"0":\{"uploader":"Ours"\}\}/)
  const errorsOf = () => uploads['photos']!.entries.flatMap(({ errors }) => errors.map(({ code }) => code))
  return { rig, ref, errorsOf }
}

const progress = (rig: Rig, push: string, ref: string, percent: unknown): Promise<void> => {
  rig.session.receive(push, 'progress', { ref, entry_ref: '0', progress: percent })
  return turn()
}

const meta = { uploader: 'Ours' }

describe('a file that the browser sends elsewhere', () => {
  it('is confirmed before its progress is answered, and the view goes on meanwhile', async () => {
    let confirm: (given: object) => void = () => {}
    const saved: unknown[] = []
    const confirmed = new Promise<object>((resolve) => (confirm = resolve))
    const { rig, ref } = await sending({ meta, confirm: () => confirmed }, saved)
    await progress(rig, '3', ref, 50)
    expect(rig.take()).toEqual(['3 ok {}'])
    await progress(rig, '4', ref, 100)
    rig.event('5', {}, 'look')
    await turn()
    expect(rig.take()).toEqual(['5 ok {"diff":{"0":"1"}}'])
    confirm({ size: 1000 })
    await turn()
    expect(rig.take()).toEqual(['4 ok {}'])
    rig.event('6', {}, 'save')
    await turn()
    expect(saved).toMatchObject([{ size: 1000 }])
  })

  it('is refused to the browser when its confirm rejects: it must not submit the form without it', async () => {
    const { rig, ref, errorsOf } = await sending({ meta, confirm: () => Promise.reject(new Error('nothing there')) })
    await progress(rig, '3', ref, 100)
    const sent = rig.take()
    expect(sent).toContain('3 error {"reason":"failed"}')
    expect(sent.filter((said) => said.startsWith('3 '))).toHaveLength(1)
    expect(rig.reported).toEqual([{ message: 'nothing there', stage: 'upload' }])
    expect(errorsOf()).toEqual(['external_client_failure'])
    expect(rig.ended).toBe(0)
  })

  it('is asked about over the view, which goes on meanwhile', async () => {
    let answer: (given: unknown) => void = () => {}
    const asked: unknown[] = []
    const file = {
      meta,
      answer: (question: unknown) => {
        asked.push(question)
        return new Promise((resolve) => (answer = resolve))
      },
    }
    const { rig, ref } = await sending(file)
    rig.session.receive('3', 'liveloom:external', { ref, entry_ref: '0', question: { sign: [1] } })
    rig.event('4', {}, 'look')
    await turn()
    expect(rig.take()).toEqual(['4 ok {"diff":{"0":"1"}}'])
    answer({ urls: [] })
    await turn()
    expect(rig.take()).toEqual(['3 ok {"answer":{"urls":[]}}'])
    expect(asked).toEqual([{ sign: [1] }])
  })

  it.for([
    ['of a file that is not there', { ref: null, entry_ref: 'no', question: 1 }, '3 ok {"error":"gone"}'],
    ['of another input', { ref: 'no', entry_ref: '0', question: 1 }, '3 ok {"error":"gone"}'],
    ['without a question', { ref: null, entry_ref: '0' }, '3 ok {"error":"gone"}'],
    ['without an entry', { ref: null, question: 1 }, '3 error {"reason":"unknown message"}'],
    ['of a component that is none', { ref: null, entry_ref: '0', cid: 'x' }, '3 error {"reason":"unknown message"}'],
    ['of nothing', null, '3 error {"reason":"unknown message"}'],
  ] as const)('is not asked about %s', async ([, payload, says]) => {
    const { rig } = await sending({ meta, answer: () => 1 })
    rig.session.receive('3', 'liveloom:external', payload)
    await turn()
    expect(rig.take()).toEqual([says])
    expect(rig.reported).toEqual([])
  })

  it('is let go of with its view, also while it is asked about', async () => {
    const said: string[] = []
    let answer = (): void => {}
    const { rig, ref } = await sending({
      meta,
      answer: () => new Promise<void>((resolve) => void (answer = resolve)),
      dispose: (outcome) => void said.push(outcome),
    })
    rig.session.receive('3', 'liveloom:external', { ref, entry_ref: '0', question: 1 })
    await turn()
    rig.session.end()
    await turn()
    expect(said).toEqual([])
    answer()
    await turn()
    expect(said).toEqual(['dropped'])
  })

  it('of a component is heard of by its ref alone', async () => {
    let config!: UploadConfig
    const ended: string[] = []
    const file: ExternalFile = {
      meta,
      answer: (question) => question,
      confirm: () => ({}),
      dispose: (outcome) => void ended.push(outcome),
    }
    const album = createLiveComponent({
      mount: (socket) => void socket.allowUpload('photos', { external: () => file }),
      render: (_, { uploads }) => {
        config = uploads['photos']!
        return html`<p>${config.entries.map(({ state }) => state)}</p>`
      },
    })
    const rig = await joined({
      render: (_, { live_component }) => html`<div>${live_component(album, { id: 1 })}</div>`,
    })
    const entry = { ref: '0', name: 'a.png', type: 'image/png', size: 1000 }
    rig.session.receive('2', 'allow_upload', { ref: config.ref, cid: 1, entries: [entry] })
    await turn()
    rig.session.receive('3', 'liveloom:external', { ref: null, entry_ref: '0', question: 7 })
    rig.session.receive('4', 'progress', { event: null, ref: null, entry_ref: '0', progress: 100 })
    await turn()
    const sent = rig.take()
    expect(sent).toContain('3 ok {"answer":7}')
    expect(sent.find((said) => said.startsWith('4 '))).toMatch(/^4 ok .*done/)
    // It goes with its component, too.
    rig.session.end()
    await turn()
    expect(ended).toEqual(['dropped'])
  })
})
