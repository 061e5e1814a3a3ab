/** Liveloom: live views, templates and uploads. Runs on any runtime; `liveloom/node` serves it on Node. */
export { LiveError, type LiveErrorCode } from './errors.ts'
export type {
  ChildChange,
  EventReply,
  LiveComponent,
  LiveEvent,
  LiveView,
  Params,
  SessionData,
} from './live/definitions.ts'

export { createLiveView, type InvalidEvent, type InvalidParams, type LiveViewCallbacks } from './live/view.ts'
export type { RenderMeta } from './live/render-meta.ts'
export type { ResumeInfo } from './live/resume.ts'
export type { OnResume } from './session/resumption.ts'
export { type ComponentMeta, createLiveComponent, type LiveComponentCallbacks } from './live/component.ts'
export type { ComponentSlot } from './live/component-slot.ts'
export type { ContainerOptions } from './live/container.ts'
export type { NestedView, NestedViewOptions } from './live/nested.ts'
export type {
  ComponentHooks,
  EventHookResult,
  HookResult,
  Hooks,
  LiveComponentSocket,
  LiveSocket,
  LiveViewSocket,
  Myself,
  OnMount,
  ParentView,
  StreamAsyncOptions,
  Untyped,
} from './live/socket.ts'
export type { Flash, FlashKind } from './live/flash.ts'
export type { HeadLink, HeadMeta, HeadOptions, HeadScript } from './live/head.ts'
export type { Shell, ShellMeta } from './live/shell.ts'
export type { ExternalTarget, NavigateOptions, RedirectOptions } from './live/navigation.ts'
export type {
  DownloadBytes,
  DownloadEnd,
  DownloadFile,
  DownloadLink,
  DownloadOptions,
  DownloadOutcome,
  DownloadSource,
} from './live/download.ts'
export type { StreamInsertOptions, StreamItem, StreamNames, StreamOptions } from './live/streams.ts'
export {
  async_result,
  type AsyncFunction,
  type AsyncNames,
  type AsyncOptions,
  type AsyncOutcome,
  AsyncResult,
  type AsyncValues,
} from './live/async.ts'
export type { ErrorContext, Stage } from './live/host.ts'
export { css, type ScopedStyle } from './template/css.ts'
export { type ClientHook, hook } from './template/hook.ts'
export { html } from './template/html.ts'
export type { ClassValue, StyleValue } from './template/class-style.ts'
export type { TemplateValue } from './template/printable.ts'
export { renderToString, type RenderToStringOptions } from './template/to-html.ts'
export { type Each, each, type EachStream, type Key } from './template/list.ts'
export type { Rendered } from './template/rendered.ts'
export type { StashParts, StashStore } from './live/stash.ts'
export type { StashOptions } from './server/stash-options.ts'
export type { JoinCounts, Joined } from './server/join-counts.ts'
export type { JoinOptions } from './server/join-quota.ts'
export type { UploadOptions } from './server/upload-options.ts'
export type { Stream } from './template/stream.ts'
export { type Attrs, attrs, type Raw, raw, unchanged, type Unchanged } from './template/values.ts'
export { live_file_input, live_file_preview, live_file_resume, live_img_preview } from './upload/tags.ts'
export { live_file_icon } from './upload/file-icon.ts'
export { type FileKind, fileKind } from './upload/file-kind.ts'
export type { LostFile } from './protocol/lost-files.ts'
export type { UploadConfig, UploadEntry, UploadEntryState, WaitingEntry } from './upload/entry.ts'
export type {
  Full as LedgerFull,
  GrantedFile,
  KeptFile,
  KeptRecord,
  KeptWriter,
  Shelf as LedgerShelf,
  UploadLedger,
} from './upload/ledger.ts'
export type { DayBytes, Received as ReceivedBytes } from './upload/day-bytes.ts'
export type { UploadError, UploadErrorCode, UploadErrorData } from './upload/errors.ts'
export type { BrowserOptions, ResizeOptions } from './upload/browser-options.ts'
export type { CheckOptions } from './upload/check-options.ts'
export type { ScanFunction, ScanTools, ValidateFunction, Verdict } from './upload/checks.ts'
export type { ImageFacts } from './upload/image-header.ts'
export type { ImageOptions } from './upload/image-limits.ts'
export type { UploadConfigOptions } from './upload/options.ts'
export type { ExternalFactory, ExternalFile, ExternalMeta, ExternalTools } from './upload/external.ts'
export type { MetaOf, TempFileMeta, UploadWriter, UploadWriterFactory, WriterTools } from './upload/writer.ts'
export { directionOf } from './texts/lang.ts'
export type { Plurals, Say } from './texts/say.ts'
export { formatLimit, formatSize } from './texts/size.ts'
export type { Texts, TextsOptions } from './texts/texts.ts'
export type { LineTexts, OverlayTexts, PageStatus, PageTexts, Text, UploadTexts } from './texts/words.ts'
export {
  type ConsumeFunction,
  type ConsumeTools,
  type ConsumeUploadedEntriesMeta,
  type Postponed,
  postpone,
  type UploadFileSystem,
} from './upload/consume.ts'
export { localPath } from './protocol/addresses.ts'
export type { Post, PostAnswer, PostHandler, PostOptions, PostRequest } from './server/post.ts'
export { createLiveServer, type LiveServer } from './server/live-server.ts'
export type { CookieOptions } from './server/cookie-options.ts'
export type { ServerLimits } from './server/limits.ts'
export type { LiveServerOptions } from './server/options.ts'
export type {
  LiveRouteOptions,
  LiveRoutes,
  LiveSessionOptions,
  LiveSessionParts,
  PageOptions,
} from './server/live-sessions.ts'
export {
  type Layout,
  type LayoutPage,
  live_head,
  type LiveHeadOptions,
  live_offline,
  live_title,
  type TitleOptions,
} from './server/layout.ts'
export {
  type LabelledOption,
  type OptionGroup,
  options_for_select,
  type Selected,
  type SelectOption,
  type SelectValue,
} from './live/select-options.ts'
export { live_form_fields, type LiveFormOptions } from './live/form-fields.ts'
export {
  csrf_field,
  focus_wrap,
  type FocusWrapOptions,
  type LinkOptions,
  live_navigate,
  live_patch,
  portal,
  type PortalOptions,
} from './live/tags.ts'
export type { ErrorDetails, ErrorFrame, ErrorTrace, SourceExcerpt } from './server/error-details.ts'
export type { ErrorPage } from './server/error-page.ts'
export type { LiveRequest } from './server/http.ts'
export type { OwnPage, OwnPageContent, OwnPageOptions, OwnPageParts } from './server/own-page.ts'
export type { RenderedView, RenderOptions } from './server/placed-views.ts'
export { type HeaderOptions, type PolicyDirectives, strictContentSecurityPolicy } from './server/security-headers.ts'
export type { PubSub, Subscription } from './pubsub/pubsub.ts'
export { type AnyTopic, type Topic, topic } from './pubsub/topic.ts'
