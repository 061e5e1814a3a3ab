/** The browser's side, for pages with a bundler of their own. */
export { connect, type ConnectOptions } from './client/connect.ts'
export { followDownloads } from './client/downloads.ts'
export type { Hook, HookCallbacks, HookContext, HookListener, HookTarget } from './client/hook.ts'
export type { FileTransform, FileTransforms } from './client/prepare-file.ts'
export { allowTrustedTypes } from './client/trusted-types.ts'
