import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as node from 'liveloom/node'
import * as main from 'liveloom'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { root } from './root.ts'

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
}

const doors = Object.entries(manifest.exports).filter(([door]) => door !== './package.json')
const typesOf = (door: string): string => join(root, (manifest.exports[door] as { readonly types: string }).types)

/** All doors in one: the library's types are read once. */
const program = ts.createProgram(
  doors.map(([door]) => typesOf(door)),
  {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
    noEmit: true,
  },
)

/** The names that a built door exports: values, then types. */
function namesOf(door: string): { readonly values: string[]; readonly types: string[] } {
  const checker = program.getTypeChecker()
  const file = program.getSourceFile(typesOf(door))!
  const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(file)!).map((symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const typeOnly = symbol.declarations?.some(ts.isTypeOnlyImportOrExportDeclaration) === true
    return { name: symbol.name, isValue: !typeOnly && (target.flags & ts.SymbolFlags.Value) !== 0 }
  })
  const named = (isValue: boolean) =>
    symbols
      .filter((symbol) => symbol.isValue === isValue)
      .map(({ name }) => name)
      .toSorted()
  return { values: named(true), types: named(false) }
}

describe('the doors', () => {
  it('are these', () => {
    expect(Object.keys(manifest.exports)).toEqual([
      '.',
      './node',
      './express',
      './fastify',
      './koa',
      './hono',
      './bun',
      './deno',
      './client',
      './js',
      './telemetry',
      './metrics',
      './forms',
      './uploads',
      './presence',
      './uploads-s3',
      './pubsub-redis',
      './quotas-redis',
      './pubsub-nats',
      './pubsub-postgres',
      './package.json',
    ])
  })

  it.each(['express', 'fastify', 'koa', 'hono', 'bun', 'deno'])('"./%s" exports one value', (name) => {
    expect(namesOf(`./${name}`).values).toEqual(['liveloom'])
  })

  it('"./telemetry" exports these names', () => {
    const { values, types } = namesOf('./telemetry')
    expect(values).toMatchInlineSnapshot(`
      [
        "channelName",
        "observe",
        "telemetryNames",
        "traceWith",
      ]
    `)
    expect(types).toMatchInlineSnapshot(`
      [
        "ObserveOptions",
        "OfPart",
        "OfView",
        "PubSubStep",
        "SpanLike",
        "TelemetryEvents",
        "TelemetryName",
        "Timed",
        "TimedName",
        "TracerLike",
        "UploadStep",
      ]
    `)
  })

  it('"./metrics" exports these names', () => {
    const { values, types } = namesOf('./metrics')
    expect(values).toMatchInlineSnapshot(`
      [
        "createDashboard",
        "createMetrics",
        "metricsContentType",
      ]
    `)
    expect(types).toMatchInlineSnapshot(`
      [
        "DashboardLabels",
        "DashboardOptions",
        "Metrics",
        "MetricsOptions",
        "MetricsSnapshot",
        "MetricsSource",
        "ProcessStats",
        "PubSubSnapshot",
        "ViewSnapshot",
      ]
    `)
  })

  it('"./uploads" exports these names', () => {
    const { values, types } = namesOf('./uploads')
    expect(values).toMatchInlineSnapshot(`
      [
        "hash",
        "tee",
        "toWritable",
        "transform",
      ]
    `)
    expect(types).toMatchInlineSnapshot(`
      [
        "DigestAlgorithm",
        "HashMeta",
        "NodeTransformLike",
        "NodeWritableLike",
        "ToWritableOptions",
        "WebTransformLike",
      ]
    `)
  })

  it('"./presence" exports these names', () => {
    const { values, types } = namesOf('./presence')
    expect(values).toMatchInlineSnapshot(`
      [
        "createPresence",
      ]
    `)
    expect(types).toMatchInlineSnapshot(`
      [
        "Changes",
        "Presence",
        "PresenceInfo",
        "PresenceOptions",
        "Present",
        "StreamingSocket",
        "ToldSocket",
        "TrackedSocket",
      ]
    `)
  })

  it('"./uploads-s3" exports these names', () => {
    const { values, types } = namesOf('./uploads-s3')
    expect(values).toMatchInlineSnapshot(`
      [
        "S3Error",
        "s3External",
        "s3Writer",
      ]
    `)
    expect(types).toMatchInlineSnapshot(`
      [
        "S3ClientLike",
        "S3Credentials",
        "S3ExternalFactory",
        "S3ExternalFile",
        "S3ExternalOptions",
        "S3Meta",
        "S3Options",
        "S3WriterFactory",
        "S3WriterOptions",
      ]
    `)
  })

  it('"./pubsub-redis" exports these names', () => {
    const { values, types } = namesOf('./pubsub-redis')
    expect(values).toMatchInlineSnapshot(`
      [
        "createRedisPubSub",
      ]
    `)
    expect(types).toMatchInlineSnapshot(`
      [
        "EngineOptions",
        "EnginePubSub",
        "IoRedisClient",
        "NodeRedisClient",
        "RedisClient",
        "RedisPubSubOptions",
      ]
    `)
  })

  it('"./pubsub-nats" exports these names', () => {
    const { values, types } = namesOf('./pubsub-nats')
    expect(values).toMatchInlineSnapshot(`
      [
        "createNatsPubSub",
      ]
    `)
    expect(types).toMatchInlineSnapshot(`
      [
        "EngineOptions",
        "EnginePubSub",
        "NatsConnection",
        "NatsPubSubOptions",
      ]
    `)
  })

  it('"./pubsub-postgres" exports these names', () => {
    const { values, types } = namesOf('./pubsub-postgres')
    expect(values).toMatchInlineSnapshot(`
      [
        "createPostgresPubSub",
      ]
    `)
    expect(types).toMatchInlineSnapshot(`
      [
        "EngineOptions",
        "EnginePubSub",
        "PgPool",
        "PgPoolClient",
        "PostgresClient",
        "PostgresPubSubOptions",
        "PostgresSql",
      ]
    `)
  })

  it('"./forms" exports these names', () => {
    const { values, types } = namesOf('./forms')
    expect(values).toMatchInlineSnapshot(`
      [
        "form",
      ]
    `)
    expect(types).toMatchInlineSnapshot(`
      [
        "ErrorsFor",
        "EventSchemas",
        "EventsOf",
        "Field",
        "FieldAttributes",
        "Form",
        "FormError",
        "FormList",
        "FormOptions",
        "FormRow",
        "FormScope",
        "HiddenAttributes",
        "InferInput",
        "InferOutput",
        "InitialValues",
        "OpenForm",
        "ParamsOf",
        "RowButtonAttributes",
        "RowNames",
        "SchemaIssue",
        "SchemaResult",
        "StandardSchema",
        "Submission",
      ]
    `)
  })

  it('"./js" exports these names', () => {
    const { values, types } = namesOf('./js')
    expect(values).toMatchInlineSnapshot(`
      [
        "js",
      ]
    `)
    expect(types).toMatchInlineSnapshot(`
      [
        "JsClassOptions",
        "JsClasses",
        "JsCommands",
        "JsDispatchOptions",
        "JsEventTarget",
        "JsHideOptions",
        "JsNavigateOptions",
        "JsPushOptions",
        "JsShowOptions",
        "JsTarget",
        "JsTargetOptions",
        "JsTimeOptions",
        "JsToggleOptions",
        "JsTransition",
        "JsonObject",
        "JsonValue",
        "WireJsCommand",
      ]
    `)
  })

  it('"." exports these names', () => {
    const { values, types } = namesOf('.')
    expect(values).toMatchInlineSnapshot(`
      [
        "AsyncResult",
        "LiveError",
        "async_result",
        "attrs",
        "createLiveComponent",
        "createLiveServer",
        "createLiveView",
        "csrf_field",
        "css",
        "directionOf",
        "each",
        "fileKind",
        "focus_wrap",
        "formatLimit",
        "formatSize",
        "hook",
        "html",
        "live_file_icon",
        "live_file_input",
        "live_file_preview",
        "live_file_resume",
        "live_form_fields",
        "live_head",
        "live_img_preview",
        "live_navigate",
        "live_offline",
        "live_patch",
        "live_title",
        "localPath",
        "options_for_select",
        "portal",
        "postpone",
        "raw",
        "renderToString",
        "strictContentSecurityPolicy",
        "topic",
        "unchanged",
      ]
    `)
    expect(types).toMatchInlineSnapshot(`
      [
        "AnyTopic",
        "AsyncFunction",
        "AsyncNames",
        "AsyncOptions",
        "AsyncOutcome",
        "AsyncValues",
        "Attrs",
        "BrowserOptions",
        "CheckOptions",
        "ChildChange",
        "ClassValue",
        "ClientHook",
        "ComponentHooks",
        "ComponentMeta",
        "ComponentSlot",
        "ConsumeFunction",
        "ConsumeTools",
        "ConsumeUploadedEntriesMeta",
        "ContainerOptions",
        "CookieOptions",
        "DayBytes",
        "DownloadBytes",
        "DownloadEnd",
        "DownloadFile",
        "DownloadLink",
        "DownloadOptions",
        "DownloadOutcome",
        "DownloadSource",
        "Each",
        "EachStream",
        "ErrorContext",
        "ErrorDetails",
        "ErrorFrame",
        "ErrorPage",
        "ErrorTrace",
        "EventHookResult",
        "EventReply",
        "ExternalFactory",
        "ExternalFile",
        "ExternalMeta",
        "ExternalTarget",
        "ExternalTools",
        "FileKind",
        "Flash",
        "FlashKind",
        "FocusWrapOptions",
        "GrantedFile",
        "HeadLink",
        "HeadMeta",
        "HeadOptions",
        "HeadScript",
        "HeaderOptions",
        "HookResult",
        "Hooks",
        "ImageFacts",
        "ImageOptions",
        "InvalidEvent",
        "InvalidParams",
        "JoinCounts",
        "JoinOptions",
        "Joined",
        "KeptFile",
        "KeptRecord",
        "KeptWriter",
        "Key",
        "LabelledOption",
        "Layout",
        "LayoutPage",
        "LedgerFull",
        "LedgerShelf",
        "LineTexts",
        "LinkOptions",
        "LiveComponent",
        "LiveComponentCallbacks",
        "LiveComponentSocket",
        "LiveErrorCode",
        "LiveEvent",
        "LiveFormOptions",
        "LiveHeadOptions",
        "LiveRequest",
        "LiveRouteOptions",
        "LiveRoutes",
        "LiveServer",
        "LiveServerOptions",
        "LiveSessionOptions",
        "LiveSessionParts",
        "LiveSocket",
        "LiveView",
        "LiveViewCallbacks",
        "LiveViewSocket",
        "LostFile",
        "MetaOf",
        "Myself",
        "NavigateOptions",
        "NestedView",
        "NestedViewOptions",
        "OnMount",
        "OnResume",
        "OptionGroup",
        "OverlayTexts",
        "OwnPage",
        "OwnPageContent",
        "OwnPageOptions",
        "OwnPageParts",
        "PageOptions",
        "PageStatus",
        "PageTexts",
        "Params",
        "ParentView",
        "Plurals",
        "PolicyDirectives",
        "PortalOptions",
        "Post",
        "PostAnswer",
        "PostHandler",
        "PostOptions",
        "PostRequest",
        "Postponed",
        "PubSub",
        "Raw",
        "ReceivedBytes",
        "RedirectOptions",
        "RenderMeta",
        "RenderOptions",
        "RenderToStringOptions",
        "Rendered",
        "RenderedView",
        "ResizeOptions",
        "ResumeInfo",
        "Say",
        "ScanFunction",
        "ScanTools",
        "ScopedStyle",
        "SelectOption",
        "SelectValue",
        "Selected",
        "ServerLimits",
        "SessionData",
        "Shell",
        "ShellMeta",
        "SourceExcerpt",
        "Stage",
        "StashOptions",
        "StashParts",
        "StashStore",
        "Stream",
        "StreamAsyncOptions",
        "StreamInsertOptions",
        "StreamItem",
        "StreamNames",
        "StreamOptions",
        "StyleValue",
        "Subscription",
        "TempFileMeta",
        "TemplateValue",
        "Text",
        "Texts",
        "TextsOptions",
        "TitleOptions",
        "Topic",
        "Unchanged",
        "Untyped",
        "UploadConfig",
        "UploadConfigOptions",
        "UploadEntry",
        "UploadEntryState",
        "UploadError",
        "UploadErrorCode",
        "UploadErrorData",
        "UploadFileSystem",
        "UploadLedger",
        "UploadOptions",
        "UploadTexts",
        "UploadWriter",
        "UploadWriterFactory",
        "ValidateFunction",
        "Verdict",
        "WaitingEntry",
        "WriterTools",
      ]
    `)
    expect(Object.keys(main).toSorted()).toEqual(values)
  })

  it('"./node" exports these names', () => {
    const { values, types } = namesOf('./node')
    expect(values).toMatchInlineSnapshot(`
      [
        "createHandler",
        "sendUpload",
        "serve",
      ]
    `)
    expect(types).toMatchInlineSnapshot(`
      [
        "CloseOptions",
        "DrainOptions",
        "HandlerOptions",
        "LiveHandler",
        "Middleware",
        "NodeServer",
        "SendUploadOptions",
        "ServeOptions",
        "ServerStats",
        "StatsOptions",
        "ViewStats",
      ]
    `)
    expect(Object.keys(node).toSorted()).toEqual(values)
  })

  it('"./client" exports these names', () => {
    const { values, types } = namesOf('./client')
    expect(values).toMatchInlineSnapshot(`
      [
        "allowTrustedTypes",
        "connect",
        "followDownloads",
      ]
    `)
    expect(types).toMatchInlineSnapshot(`
      [
        "ConnectOptions",
        "FileTransform",
        "FileTransforms",
        "Hook",
        "HookCallbacks",
        "HookContext",
        "HookListener",
        "HookTarget",
      ]
    `)
  })
})

describe('what was built', () => {
  it('prints a template', () => {
    const rendered = main.html`<p>${'<'}</p>`
    expect(rendered.template.statics).toEqual(['<p>', '</p>'])
  })

  it('serves a view', async () => {
    const hello = main.createLiveView({ render: () => main.html`<h1>${'Hello & welcome'}</h1>` })
    const live = main.createLiveServer({ routes: { '/': hello }, secret: 's'.repeat(32) })
    const server = await node.serve(live, { port: 0, host: '127.0.0.1', signals: false })
    try {
      const response = await fetch(server.url)
      expect(response.status).toBe(200)
      expect(await response.text()).toContain('<h1>Hello &amp; welcome</h1>')
    } finally {
      await server.close()
    }
  })
})
