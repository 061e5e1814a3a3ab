import { describe, expect, it } from 'vitest'
import { manualHost, plainSession } from '../../test/support/manual-host.ts'
import { ManualTime } from '../../test/support/manual-time.ts'
import { html } from '../template/html.ts'
import { Effects } from './effects.ts'
import { FlashState } from './flash.ts'
import { noRoute, ViewInstance } from './instance.ts'
import { createLiveView } from './view.ts'

const unused = (): never => {
  throw new Error('no upload is sent here')
}

const host = manualHost(new ManualTime())

function createInstance(): ViewInstance {
  const view = createLiveView({ render: () => html`<p></p>` })
  const facts = {
    view,
    id: 'phx-test',
    url: 'http://localhost/',
    params: {},
    nonce: '',
    route: noRoute,
    lang: 'en',
    onMount: [],
    connectParams: {},
  }
  return new ViewInstance(
    { ...facts, ...plainSession, params: {} },
    {
      host,
      connected: true,
      lang: 'en',
      place: { view: '/', id: 'phx-V' },
      effects: new Effects(new FlashState({})),
      call: unused,
      sendUpdate: unused,
      startTimer: unused,
      unsubscribe: unused,
      changed: () => {},
      sendInfo: unused,
      subscribe: unused,
      uploadToken: unused,
      sending: () => 0,
      uploadFailed: unused,
      tooManyFiles: unused,
      storageFull: unused,
      lostFiles: () => [],
      report: unused,
      csrfToken: unused,
    },
  )
}

describe('the uuid of an entry', () => {
  it('is fit to be a file name: no two alike, no dash in front, no difference in case alone', async () => {
    const instance = createInstance()
    await instance.allowUpload('files', { maxEntries: 1000 })
    const claim = { name: 'a', relativePath: '', size: 1, type: '', lastModified: 0, meta: undefined }
    const files = Array.from({ length: 1000 }, (_, index) => ({ ...claim, ref: String(index) }))
    instance.uploads!.select(instance.uploads!.configs['files']!.ref, files)
    const uuids = instance.uploads!.configs['files']!.entries.map((entry) => entry.uuid)
    expect(uuids.filter((uuid) => !/^[\da-f][\da-f-]{35}$/.test(uuid))).toEqual([])
    expect(new Set(uuids).size).toBe(1000)
  })
})
