import {
  type ConsumeUploadedEntriesMeta,
  createLiveComponent,
  createLiveView,
  each,
  type ExternalFactory,
  type ExternalFile,
  html,
  live_file_input,
  type LiveView,
  type LiveViewSocket,
  type LostFile,
  type MetaOf,
  type Rendered,
  type TempFileMeta,
  type UploadConfig,
  type UploadConfigOptions,
  type UploadEntry,
  type UploadError,
  type UploadErrorCode,
  type UploadEntryState,
} from 'liveloom'
import { describe, expectTypeOf, it } from 'vitest'

type Context = { readonly saved: readonly string[] }
type Events =
  | { readonly type: 'validate' }
  | { readonly type: 'cancel'; readonly config_name: 'photos'; readonly ref: string }

describe('a view', () => {
  it('knows its context and its events', () => {
    const view = createLiveView<Context, Events>({
      mount: (socket, session, params) => {
        expectTypeOf(socket).toEqualTypeOf<LiveViewSocket<Context>>()
        expectTypeOf(socket.context.saved).toEqualTypeOf<readonly string[]>()
        expectTypeOf(session).toEqualTypeOf<Readonly<Record<string, unknown>>>()
        expectTypeOf(params['id']).not.toBeAny()
        expectTypeOf(socket.assign).parameter(0).toEqualTypeOf<Partial<Context>>()
        // @ts-expect-error The context has no such field.
        socket.assign({ other: 1 })
      },
      handleEvent: (_, event) => {
        expectTypeOf(event).not.toBeAny()
        expectTypeOf(event.type).toEqualTypeOf<'validate' | 'cancel'>()
        expectTypeOf(event.values).toBeUnknown()
        // @ts-expect-error Only one of the events has a ref.
        void event.ref
        if (event.type === 'cancel') {
          expectTypeOf(event.ref).toEqualTypeOf<string>()
          expectTypeOf(event.config_name).toEqualTypeOf<'photos'>()
        }
        switch (event.type) {
          case 'validate':
            break
          case 'cancel':
            expectTypeOf(event.ref).toBeString()
            break
          default:
            expectTypeOf(event).toBeNever()
        }
      },
      render: (context, meta) => {
        expectTypeOf(context).toEqualTypeOf<Readonly<Context>>()
        expectTypeOf(meta.csrfToken).toBeString()
        expectTypeOf(meta.url).toEqualTypeOf<URL>()
        expectTypeOf(meta.connected).toBeBoolean()
        return html`<p></p>`
      },
    })
    expectTypeOf(view).toEqualTypeOf<LiveView>()
  })

  it('knows its infos', () => {
    createLiveView<Context, Events, string, { readonly photo: string }>({
      handleInfo: (_, info) => void expectTypeOf(info).toEqualTypeOf<{ readonly photo: string }>(),
      render: () => html`<p></p>`,
    })
  })

  it('without parameters has open, but no careless, types', () => {
    createLiveView({
      mount: (socket) => void expectTypeOf(socket.context['anything']).toBeUnknown(),
      handleEvent: (_, event) => {
        expectTypeOf(event.type).toBeString()
        expectTypeOf(event['anything']).toBeUnknown()
      },
      handleInfo: (_, info) => void expectTypeOf(info).toBeUnknown(),
      render: () => html`<p></p>`,
    })
  })

  it('renders a template, and at once', () => {
    // @ts-expect-error A string is no template.
    createLiveView({ render: () => '<p></p>' })
    // @ts-expect-error A render cannot wait.
    createLiveView({ render: async () => html`<p></p>` })
    // @ts-expect-error A view has to render.
    createLiveView({})
  })
})

describe('upload names', () => {
  it('are exact with the third type parameter', () => {
    createLiveView<Context, Events, 'photos' | 'cv'>({
      mount: (socket) => {
        expectTypeOf(socket.allowUpload).parameter(0).toEqualTypeOf<'photos' | 'cv'>()
        expectTypeOf(socket.cancelUpload).toBeCallableWith('cv', '0')
        expectTypeOf(socket.uploadedEntries).parameter(0).toEqualTypeOf<'photos' | 'cv'>()
        // @ts-expect-error There is no such upload.
        void socket.allowUpload('videos')
        // @ts-expect-error There is no such upload.
        void socket.consumeUploadedEntries('videos', () => 1)
      },
      render: (_, { uploads }) => {
        expectTypeOf(uploads.photos).toEqualTypeOf<UploadConfig>()
        expectTypeOf<keyof typeof uploads>().toEqualTypeOf<'photos' | 'cv'>()
        // @ts-expect-error There is no such upload.
        return html`${live_file_input(uploads.videos)}`
      },
    })
  })

  it('are any without it, and the tags take what may be missing', () => {
    createLiveView<Context, Events>({
      mount: (socket) => void socket.allowUpload('whatever'),
      render: (_, { uploads }) => {
        expectTypeOf(uploads.photos).toEqualTypeOf<UploadConfig | undefined>()
        expectTypeOf(live_file_input(uploads.photos)).toEqualTypeOf<Rendered>()
        return html`${live_file_input(uploads.photos)}`
      },
    })
  })
})

describe('the cancel snippet of the upload page', () => {
  it('compiles without type parameters, in a view and in a component', () => {
    createLiveView({
      handleEvent: (socket, event) => {
        switch (event.type) {
          case 'cancel':
            const { config_name, ref } = event
            // remove the uploaded entry from the upload config
            void socket.cancelUpload(config_name, ref)
            break
          default:
        }
      },
      render: () => html`<p></p>`,
    })
    createLiveComponent({
      handleEvent: async (socket, { type, config_name, ref }) => {
        if (type === 'cancel') await socket.cancelUpload(config_name, ref)
      },
      render: () => html`<p></p>`,
    })
  })

  it('compiles in its other forms', () => {
    createLiveView({
      handleEvent(socket, event) {
        void socket.cancelUpload('photos', event['ref'])
        void socket.cancelUpload('photos', event.ref)
        void socket.cancelUpload(event.config_name, event.ref)
        void socket.cancelUpload(String(event.config_name), String(event.ref))
        expectTypeOf(socket.cancelUpload(event.config_name, event.ref)).toEqualTypeOf<Promise<void>>()
      },
      render: () => html`<p></p>`,
    })
    createLiveView<Context, Events, 'photos'>({
      handleEvent: (socket, event) => {
        if (event.type === 'cancel') void socket.cancelUpload(event.config_name, event.ref)
        if (event.type === 'cancel') void socket.pauseUpload(event.config_name, event.ref)
      },
      render: () => html`<p></p>`,
    })
  })

  it('is held to the types where there are some', () => {
    const socket = {} as LiveViewSocket<Context, 'photos'>
    const event = {} as { readonly ref?: string; readonly at: number; readonly any: unknown }
    void socket.cancelUpload('photos', event.any)
    // @ts-expect-error There is no such upload.
    void socket.cancelUpload('videos', '0')
    // @ts-expect-error A ref is a text.
    void socket.cancelUpload('photos', event.at)
    // @ts-expect-error It may be missing.
    void socket.cancelUpload('photos', event.ref)
    // @ts-expect-error Both are needed.
    void socket.cancelUpload('photos')
  })
})

describe('the socket', () => {
  const socket = {} as LiveViewSocket<Context, 'photos'>

  it('allows uploads by options that are all optional, and may be undefined', () => {
    expectTypeOf(socket.allowUpload).returns.toEqualTypeOf<Promise<void>>()
    expectTypeOf({}).toExtend<UploadConfigOptions>()
    const options: UploadConfigOptions = { accept: undefined, maxEntries: undefined, progress: undefined }
    expectTypeOf(options.accept).toEqualTypeOf<readonly string[] | undefined>()
    expectTypeOf(options.maxEntriesMode).toEqualTypeOf<'selected' | 'total' | undefined>()
    expectTypeOf(options.maxFileSize).toEqualTypeOf<number | undefined>()
  })

  it('gives the progress callback itself', () => {
    void socket.allowUpload('photos', {
      progress: (given, entry) => {
        expectTypeOf(given).toEqualTypeOf<LiveViewSocket<Context, 'photos'>>()
        expectTypeOf(entry).toEqualTypeOf<UploadEntry>()
      },
    })
    // @ts-expect-error There is no such option.
    void socket.allowUpload('photos', { maxfiles: 3 })
  })

  it('consumes to what the function gives', () => {
    const consumed = socket.consumeUploadedEntries('photos', async (meta, entry) => {
      expectTypeOf(meta).toEqualTypeOf<ConsumeUploadedEntriesMeta>()
      expectTypeOf(meta.path).toBeString()
      expectTypeOf(meta.fileSystem.createOrAppendFile).returns.toEqualTypeOf<Promise<void>>()
      expectTypeOf(entry).toEqualTypeOf<UploadEntry>()
      return entry.clientSize
    })
    expectTypeOf(consumed).toEqualTypeOf<Promise<number[]>>()
    expectTypeOf(socket.consumeUploadedEntries('photos', () => {})).toEqualTypeOf<Promise<void[]>>()
    expectTypeOf(socket.consumeUploadedEntry({} as UploadEntry, () => 'x')).toEqualTypeOf<Promise<string>>()
  })

  it('looks at files with what it is given', () => {
    void socket.allowUpload('photos', {
      validate: (entry, view) => {
        expectTypeOf(entry).toEqualTypeOf<UploadEntry>()
        expectTypeOf(view).toEqualTypeOf(socket)
        return entry.clientName === '' ? 'It has no name' : undefined
      },
      scan: async (entry, meta, { signal, socket: view }) => {
        expectTypeOf(entry).toEqualTypeOf<UploadEntry>()
        expectTypeOf(meta).toEqualTypeOf<TempFileMeta>()
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
        expectTypeOf(view).toEqualTypeOf(socket)
      },
    })
    // What a writer of one's own hands over.
    void socket.allowUpload('photos', { scan: (_, { key }: { readonly key: string }) => key.length > 0 })
    // @ts-expect-error A verdict is no object.
    void socket.allowUpload('photos', { scan: () => ({ infected: true }) })
  })

  it('tells finished from running entries', () => {
    expectTypeOf(socket.uploadedEntries('photos')).resolves.toEqualTypeOf<{
      completed: UploadEntry[]
      inProgress: UploadEntry[]
    }>()
  })
})

describe('what a render sees', () => {
  it('of an entry is read-only, and typed to the last field', () => {
    expectTypeOf<UploadEntry>().toEqualTypeOf<Readonly<UploadEntry>>()
    expectTypeOf<UploadConfig>().toEqualTypeOf<Readonly<UploadConfig>>()
    expectTypeOf<UploadEntry['clientMeta']>().toBeUnknown()
    expectTypeOf<UploadEntry['errors']>().toEqualTypeOf<readonly UploadError[]>()
    expectTypeOf<keyof UploadEntry>().toEqualTypeOf<
      | 'ref'
      | 'uuid'
      | 'clientName'
      | 'clientType'
      | 'clientSize'
      | 'clientRelativePath'
      | 'clientLastModified'
      | 'clientMeta'
      | 'state'
      | 'progress'
      | 'processed'
      | 'rate'
      | 'place'
      | 'remaining'
      | 'retries'
      | 'preflighted'
      | 'done'
      | 'failed'
      | 'sha256'
      | 'image'
      | 'cancelled'
      | 'valid'
      | 'errors'
    >()
  })

  it('of an entry says in one word where it stands', () => {
    expectTypeOf<UploadEntry['state']>().toEqualTypeOf<UploadEntryState>()
    expectTypeOf<UploadEntryState>().toEqualTypeOf<
      | 'refused'
      | 'waiting'
      | 'queued'
      | 'sending'
      | 'paused'
      | 'stalled'
      | 'scanning'
      | 'done'
      | 'processing'
      | 'failed'
    >()
    expectTypeOf<UploadEntry['remaining']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<UploadConfig['progress']>().toBeNumber()
    // @ts-expect-error Undefined while it is not known.
    void ((entry: UploadEntry) => entry.remaining.toFixed())
  })

  it('of an upload tells what was lost, and takes it back by its name', () => {
    createLiveView<Context, Events, 'photos'>({
      mount: (socket) => {
        socket.dismissLost('photos')
        // @ts-expect-error There is no such upload.
        socket.dismissLost('videos')
      },
      render: (_, { uploads }) => {
        expectTypeOf(uploads.photos.lost).toEqualTypeOf<readonly LostFile[]>()
        expectTypeOf(uploads.photos.component).toEqualTypeOf<string | number | undefined>()
        return html`<p></p>`
      },
    })
  })

  it('of an error has codes for what only the browser knows', () => {
    type Told =
      | 'empty_file'
      | 'too_small'
      | 'is_folder'
      | 'file_missing'
      | 'file_changed'
      | 'file_unreadable'
      | 'transform_failure'
    expectTypeOf<Told>().toExtend<UploadErrorCode>()
  })

  it('of an error is told apart by its code', () => {
    const error = {} as UploadError
    if (error.code === 'too_large') expectTypeOf(error.data.maxFileSize).toBeNumber()
    if (error.code === 'not_accepted') expectTypeOf(error.data.accept).toEqualTypeOf<readonly string[]>()
    expectTypeOf(error.message).toBeString()
    // @ts-expect-error Only some errors have a reason.
    void error.data.reason
  })

  it('of a list is what the list holds', () => {
    each(
      [{ id: 1, name: 'a' }],
      (item) => {
        expectTypeOf(item).toEqualTypeOf<{ id: number; name: string }>()
        return item.id
      },
      (item) => html`${item.name}`,
    )
    each(
      new Map([['a', 1]]),
      ([key]) => key,
      ([, value]) => {
        expectTypeOf(value).toBeNumber()
        return html`${value}`
      },
    )
    const items = [{ id: {} }]
    // @ts-expect-error A key is a text or a number.
    each(items, (item) => item.id, String)
  })
})

describe('a file that the browser sends elsewhere', () => {
  const bare = (): { uploader: string; key: string } => ({ uploader: 'S3', key: 'a' })
  const file = async () => ({ meta: { uploader: 'S3', key: 'a' }, dispose: () => {} })
  const confirmed = async () => ({ meta: { uploader: 'S3' }, confirm: async () => ({ size: 1 }) })
  const declared = (): ExternalFile<{ readonly etag: string }> => ({ meta: { uploader: 'S3' } })

  it('is handed to the consume as what confirm says, else as its metadata', () => {
    expectTypeOf<MetaOf<typeof bare>>().toEqualTypeOf<{ uploader: string; key: string }>()
    expectTypeOf<MetaOf<typeof file>>().toEqualTypeOf<{ uploader: string; key: string }>()
    expectTypeOf<MetaOf<typeof confirmed>>().toEqualTypeOf<{ size: number }>()
    expectTypeOf<MetaOf<typeof declared>>().toEqualTypeOf<{ readonly etag: string }>()
    for (const external of [bare, file, confirmed, declared]) expectTypeOf(external).toExtend<ExternalFactory>()
  })
})
