/** Liveloom: live views, templates and uploads. Runs on any runtime; `liveloom/node` serves it on Node. */
export { LiveError, type LiveErrorCode } from './errors.ts'
export {
  type LiveEvent,
  type LiveView,
  type LiveViewCallbacks,
  createLiveView,
  type Params,
  type RenderMeta,
  type SessionData,
} from './live/view.ts'
export type { LiveViewSocket, RedirectOptions } from './live/socket.ts'
export type { ErrorContext, Stage } from './live/host.ts'
export { html } from './template/html.ts'
export { type Each, each, type Key } from './template/list.ts'
export type { Rendered } from './template/rendered.ts'
export { type Attrs, attrs, type Raw, raw } from './template/values.ts'
export { live_file_input, live_img_preview } from './upload/tags.ts'
export type { UploadConfig, UploadEntry } from './upload/entry.ts'
export type { UploadError, UploadErrorCode, UploadErrorData } from './upload/errors.ts'
export type { UploadConfigOptions } from './upload/options.ts'
export { type ConsumeUploadedEntriesMeta, type Postponed, postpone, type UploadFileSystem } from './upload/consume.ts'
export { createLiveServer, type LiveServer } from './server/live-server.ts'
export type { LiveServerOptions, PageOptions, ServerLimits } from './server/options.ts'
export type { LayoutPage } from './server/layout.ts'
export type { ErrorPage } from './server/error-page.ts'
export type { LiveRequest } from './server/http.ts'
export type { PubSub } from './pubsub/pubsub.ts'
