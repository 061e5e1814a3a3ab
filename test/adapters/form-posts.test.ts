/** Forms of views that are sent over HTTP: from browsers without JavaScript. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createLiveComponent,
  createLiveServer,
  createLiveView,
  html,
  live_file_input,
  live_form_fields,
  type LiveServerOptions,
  type LiveView,
  type UploadConfig,
  type UploadConfigOptions,
} from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FormClient } from '../support/form-client.ts'

let folder: string
let server: NodeServer | undefined
let reports: string[] = []
/** What the views were told, in order. */
let told: unknown[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'form-posts-'))
  reports = []
  told = []
})
afterEach(async () => {
  await server?.close()
  server = undefined
  await rm(folder, { recursive: true, force: true })
})

interface Album {
  title: string
  note: string
}
type AlbumEvent = { type: string; title?: string; values: unknown }

const entriesOf = ({ entries, errors }: UploadConfig) => html`<ul>
    ${entries.map((entry) => html`<li>${entry.clientName} ${entry.progress}% ${entry.errors.map(({ code }) => code)}</li>`)}
  </ul>
  <b>${errors.map(({ code }) => code)}</b>`

/** What a view with one form does, with whatever a test wants otherwise. */
function album(
  upload: UploadConfigOptions = {},
  onSave: (
    socket: { redirect(to: string): void; pushPatch(to: string): void; assign(change: Partial<Album>): void },
    event: AlbumEvent,
  ) => void = () => {},
  more: object = {},
): LiveView {
  return createLiveView<Album, AlbumEvent, 'photos'>({
    mount(socket) {
      socket.assign({ title: '', note: '' })
      void socket.allowUpload('photos', {
        maxEntries: 2,
        progress: (_socket, entry) => void told.push([entry.clientName, entry.progress]),
        ...upload,
      })
    },
    handleParams: (_socket, url) => void told.push(url.search),
    async handleEvent(socket, event) {
      told.push([event.type, event.values])
      if (event.type === 'validate') return socket.assign({ title: event.title ?? '' })
      const names = await socket.consumeUploadedEntries('photos', async ({ path, fileSystem }, entry) => {
        await fileSystem.createOrAppendFile(join(folder, entry.clientName), path)
        return entry.clientName
      })
      socket.putFlash('info', `Saved ${names.join(' and ')}`)
      onSave(socket, event)
    },
    render: (
      { title, note },
      meta,
    ) => html`<form id="album" method="post" enctype="multipart/form-data" phx-change="validate" phx-submit="save">
        ${live_form_fields(meta, { submit: 'save', change: 'validate' })}
        <input name="title" value="${title}" />${live_file_input(meta.uploads.photos)}
      </form>
      ${entriesOf(meta.uploads.photos)}<i>${meta.flash['info']}</i><em>${note}</em>`,
    ...more,
  })
}

async function start(view: LiveView, options: Partial<LiveServerOptions> = {}): Promise<string> {
  const live = createLiveServer({
    secret: 'a secret of the tests, long enough',
    routes: { '/': view, '/done': createLiveView({ render: (_, { flash }) => html`<i>${flash['info']}</i>` }) },
    onError: (error) => void reports.push(error instanceof Error ? error.message : String(error)),
    ...options,
  })
  server = await serve(live, { port: 0, signals: false, development: false })
  return server.url
}

const file = (bytes: Uint8Array | string, name: string, type = 'image/png') =>
  [new Blob([bytes as Uint8Array<ArrayBuffer>], { type }), name] as const

describe('a form without JavaScript', () => {
  it('brings its fields and files to handleEvent, and its page is the answer', async () => {
    const client = await FormClient.open(`${await start(album())}/?a=1`)
    const [one, two] = [randomBytes(300_000), randomBytes(70_000)]
    told.length = 0
    const form = client.form()
    form.append('title', 'Summer & Söhne')
    form.append('photos', ...file(one, 'one.png'))
    form.append('photos', ...file(two, 'two.png'))
    form.append('tags[]', 'sea')
    const response = await client.send(form)
    expect(response.status).toBe(200)
    expect(client.html).toContain('<i>Saved one.png and two.png</i>')
    expect(client.html).toContain('value="Summer &amp; Söhne"')
    expect(one.equals(await readFile(join(folder, 'one.png')))).toBe(true)
    expect(two.equals(await readFile(join(folder, 'two.png')))).toBe(true)
    const values = { title: 'Summer & Söhne', tags: ['sea'] }
    const progress = told.filter((what) => String((what as string[])[0]).endsWith('.png'))
    expect(progress.at(-1)).toEqual(['two.png', 100])
    expect(progress.filter((what) => (what as unknown[])[1] === 100)).toHaveLength(2)
    expect(told.filter((what) => !progress.includes(what))).toEqual(['?a=1', ['validate', values], ['save', values]])
    expect(reports).toEqual([])
  })

  it('is read as well when it is not of several parts', async () => {
    const client = await FormClient.open(await start(album()))
    const form = new URLSearchParams({ _live_form: client.token(), 'user[name]': 'Ada L' })
    const response = await client.send(form)
    expect(response.status).toBe(200)
    expect(told.at(-1)).toEqual(['save', { user: { name: 'Ada L' } }])
  })

  it('is none without a cookie of ours: it is handed on to whoever stands behind', async () => {
    const url = await start(album())
    const response = await fetch(url, { method: 'POST', body: new URLSearchParams({ SAMLResponse: 'x' }) })
    expect(response.status).toBe(404)
    expect(told).toEqual([])
  })

  it('an input in which nothing was chosen brings nothing', async () => {
    const client = await FormClient.open(await start(album()))
    const form = client.form()
    form.append('photos', ...file('', ''))
    expect((await client.send(form)).status).toBe(200)
    expect(client.html).toContain('<i>Saved </i>')
  })

  it.each([
    ['too large', 'too_large', { maxFileSize: 1000 }, [file(randomBytes(1001), 'a.png')]],
    ['empty', 'empty_file', {}, [file('', 'a.png')]],
    ['of another kind', 'not_accepted', { accept: ['.jpg'] }, [file('x', 'a.png')]],
    ['one too many', 'too_many_files', { maxEntries: 1 }, [file('x', 'a.png'), file('y', 'b.png')]],
    ['what validate says no to', 'rejected', { validate: async () => 'no' }, [file('x', 'a.png')]],
    [
      'too much together',
      'total_too_large',
      { maxTotalSize: 10 },
      [file('12345678', 'a.png'), file('12345678', 'b.png')],
    ],
    ['good beside a bad one', 'too_large', { maxFileSize: 10 }, [file('x', 'a.png'), file(randomBytes(20), 'b.png')]],
  ] as const)(
    'a file that is %s is refused: nothing is saved, and what was typed stays',
    async (_, code, upload, files) => {
      const opened: string[] = []
      const client = await FormClient.open(
        await start(
          album({ ...upload, writer: (_socket, entry, { tempFile }) => (opened.push(entry.clientName), tempFile()) }),
        ),
      )
      const form = client.form()
      for (const one of files) form.append('photos', ...one)
      form.append('title', 'Kept')
      const response = await client.send(form)
      expect(response.status).toBe(422)
      expect(client.html).toContain(code)
      expect(client.html).toContain('value="Kept"')
      expect(told.map((what) => (what as unknown[])[0])).not.toContain('save')
      expect(opened).toEqual([])
      expect(await readdir(folder)).toEqual([])
    },
  )

  it.each([
    ['more than a visitor may send a day', { maxReceived: { visitor: 1000 } }, 'quota_exceeded'],
    ['more than the disk has room for', { minFree: 2 ** 52 }, 'storage_full'],
  ] as const)('a file that is %s is refused, as by a page', async (_, uploads, code) => {
    const client = await FormClient.open(await start(album(), { uploads }))
    const form = client.form()
    form.append('photos', ...file(randomBytes(5000), 'a.png'))
    expect((await client.send(form)).status).toBe(422)
    expect(client.html).toContain(code)
    expect(told.map((what) => (what as unknown[])[0])).not.toContain('save')
    expect(await readdir(folder)).toEqual([])
  })

  it('a file that the scan finds something in is not saved', async () => {
    const client = await FormClient.open(await start(album({ scan: () => 'a worm' })))
    const form = client.form()
    form.append('photos', ...file('x', 'a.png'))
    expect((await client.send(form)).status).toBe(422)
    expect(client.html).toContain('rejected')
    expect(told.map((what) => (what as unknown[])[0])).not.toContain('save')
  })

  it('a file that the browser alone could send elsewhere is told, and nobody is asked where it goes', async () => {
    const external = () => {
      throw new Error('asked')
    }
    const client = await FormClient.open(await start(album({ external })))
    const form = client.form()
    form.append('photos', ...file(randomBytes(50_000), 'a.png'))
    expect((await client.send(form)).status).toBe(422)
    expect(client.html).toContain('external_client_failure')
    expect(reports).toEqual([])
  })

  it('a file that the change takes away is left out, and the others are saved', async () => {
    const view = album({}, undefined, {
      async handleEvent(
        socket: {
          consumeUploadedEntries(
            name: string,
            fn: (meta: object, entry: { clientName: string }) => unknown,
          ): Promise<unknown>
          cancelUpload(name: string, ref: string): Promise<void>
        },
        { type }: AlbumEvent,
      ) {
        if (type === 'validate') return socket.cancelUpload('photos', 'http-0')
        told.push(await socket.consumeUploadedEntries('photos', (_meta, { clientName }) => clientName))
      },
    })
    const client = await FormClient.open(await start(view))
    const form = client.form()
    form.append('photos', ...file('x', 'a.png'))
    form.append('photos', ...file('y', 'b.png'))
    expect((await client.send(form)).status).toBe(200)
    expect(told.at(-1)).toEqual(['b.png'])
    expect(reports).toEqual([])
  })

  it('with autoUpload a bad file stands for itself', async () => {
    const client = await FormClient.open(await start(album({ autoUpload: true, maxFileSize: 10 })))
    const form = client.form()
    form.append('photos', ...file(randomBytes(20), 'bad.png'))
    form.append('photos', ...file('x', 'good.png'))
    expect((await client.send(form)).status).toBe(200)
    expect(await readdir(folder)).toEqual(['good.png'])
  })

  it('redirects with its flash where the view leads on', async () => {
    const client = await FormClient.open(await start(album({}, (socket) => socket.redirect('/done'))))
    const response = await client.send(client.form())
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/done')
    const next = await client.jar.load(`${server!.url}/done`)
    expect(await next.text()).toContain('<i>Saved </i>')
  })

  it('redirects after a patch, so that a reload sends nothing', async () => {
    const client = await FormClient.open(await start(album({}, (socket) => socket.pushPatch('/?saved=1'))))
    const response = await client.send(client.form())
    expect([response.status, response.headers.get('location')]).toEqual([303, '/?saved=1'])
  })

  it('is not taken in by a mount that leads elsewhere', async () => {
    let closed = false
    const view = album({}, undefined, {
      onMount: [(socket: { redirect(to: string): void }) => (closed ? (socket.redirect('/done'), 'halt') : 'continue')],
    })
    const client = await FormClient.open(await start(view))
    closed = true
    const form = client.form()
    form.append('photos', ...file(randomBytes(200_000), 'a.png'))
    const response = await client.send(form)
    expect([response.status, response.headers.get('location')]).toEqual([303, '/done'])
    expect(told.filter((what) => Array.isArray(what))).toEqual([])
  })

  it('a writer that fails shows on the page, and the submit does not go', async () => {
    const client = await FormClient.open(
      await start(
        album({
          writer: () => ({
            write: () => Promise.reject(new Error('no room')),
            close() {},
            dispose() {},
            meta: () => ({}),
          }),
        }),
      ),
    )
    const form = client.form()
    form.append('photos', ...file('x', 'a.png'))
    const response = await client.send(form)
    expect(response.status).toBe(500)
    expect(client.html).toContain('a.png 0% writer_failure')
    expect(told.map((what) => (what as unknown[])[0])).not.toContain('save')
    expect(reports).toEqual(['no room'])
  })

  it('a handler that throws is the page for 500, and is reported with its event', async () => {
    const client = await FormClient.open(
      await start(
        album({}, () => {
          throw new Error('broken')
        }),
      ),
    )
    expect((await client.send(client.form())).status).toBe(500)
    expect(reports).toEqual(['broken'])
  })

  it('what a schema refuses does not reach the handler', async () => {
    const view = album({}, undefined, {
      events: { validate: z.unknown(), save: z.object({ title: z.string().min(2) }) },
    })
    const client = await FormClient.open(await start(view))
    const form = client.form()
    form.append('title', 'x')
    expect((await client.send(form)).status).toBe(422)
    expect(told.map((what) => (what as unknown[])[0])).not.toContain('save')
  })

  it('leaves no file behind that the view did not take', async () => {
    const paths: string[] = []
    const view = album({}, undefined, {
      async handleEvent(
        socket: {
          consumeUploadedEntries(name: string, fn: (meta: { path: string }) => unknown): Promise<unknown>
          cancelUpload(name: string, ref: string): unknown
          uploadedEntries(name: string): Promise<{ completed: { ref: string }[] }>
        },
        { type }: AlbumEvent,
      ) {
        if (type !== 'save') return
        const { completed } = await socket.uploadedEntries('photos')
        expect(completed).toHaveLength(2)
        await socket.cancelUpload('photos', completed[0]!.ref)
      },
    })
    const client = await FormClient.open(
      await start(
        album(
          {
            writer: async (_socket, _entry, { tempFile }) => {
              const writer = await tempFile()
              paths.push(writer.meta().path)
              return writer
            },
          },
          undefined,
          { handleEvent: (view.callbacks as { handleEvent: unknown }).handleEvent },
        ),
      ),
    )
    const form = client.form()
    form.append('photos', ...file('x', 'a.png'))
    form.append('photos', ...file('y', 'b.png'))
    expect((await client.send(form)).status).toBe(200)
    expect(paths).toHaveLength(2)
    await server!.close()
    for (const path of paths) await expect(readFile(path)).rejects.toThrow('ENOENT')
  })
})

describe('the form of a component', () => {
  const box = createLiveComponent<{ saved: string }, AlbumEvent, { label: string }, 'pictures'>({
    mount(socket) {
      socket.assign({ saved: '' })
      void socket.allowUpload('pictures')
    },
    async handleEvent(socket, event) {
      told.push([socket.id, event.type, event.values])
      await socket.consumeUploadedEntries('pictures', ({ path, fileSystem }, entry) =>
        fileSystem.createOrAppendFile(join(folder, entry.clientName), path),
      )
      socket.assign({ saved: `saved in ${socket.id}` })
      socket.sendInfo({ from: socket.id })
    },
    render: (
      { saved },
      meta,
    ) => html`<form id="box-${meta.myself}" method="post" enctype="multipart/form-data" phx-submit="keep" phx-change="choose" phx-target=${meta.myself}>
      ${live_form_fields(meta, { submit: 'keep' })}${live_file_input(meta.uploads.pictures)}<u>${saved}</u>
    </form>`,
  })
  const boxes = createLiveView<{ heard: string }>({
    mount: (socket) => socket.assign({ heard: '' }),
    handleInfo: (socket, info) => socket.assign({ heard: JSON.stringify(info) }),
    render: ({ heard }, { live_component }) => html`<p>${heard}</p>
      ${['left', 'right'].map((id) => live_component(box, { id, label: id }))}`,
  })

  it('is handled by it alone, and what it tells its view shows', async () => {
    const client = await FormClient.open(await start(boxes))
    const form = client.form('box-2')
    form.append('pictures', ...file('right!', 'r.png'))
    form.append('word', 'hello')
    expect((await client.send(form)).status).toBe(200)
    expect(told).toEqual([['right', 'keep', { word: 'hello' }]])
    expect(client.html).toContain('<u>saved in right</u>')
    expect(client.html).not.toContain('saved in left')
    expect(client.html).toContain('<p>{&quot;from&quot;:&quot;right&quot;}</p>')
    expect(await readFile(join(folder, 'r.png'), 'utf8')).toBe('right!')
  })

  it('that the view does not show any more is answered 409', async () => {
    let shown = ['left', 'right']
    const view = createLiveView({
      render: (_, { live_component }) => html`<p>${shown.map((id) => live_component(box, { id, label: id }))}</p>`,
    })
    const client = await FormClient.open(await start(view))
    const form = client.form('box-2')
    shown = ['left']
    expect((await client.send(form)).status).toBe(409)
    expect(told).toEqual([])
    expect(reports.join()).toContain("belongs to the component 'right'")
  })
})

describe('whose view is adopted', () => {
  it('goes on with what the form has come to when its page connects', async () => {
    const view = album({}, (socket) => socket.assign({ note: 'kept in the view' }), { adopt: true })
    const client = await FormClient.open(await start(view))
    expect((await client.send(client.form())).status).toBe(200)
    expect(client.html).toContain('<em>kept in the view</em>')
  })
})
