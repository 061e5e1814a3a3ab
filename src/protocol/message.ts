/** One frame of Phoenix Channels V2, text or binary. `payload` is whatever JSON came, or the bytes of a binary push. */
export interface Frame {
  readonly joinRef: string | null
  readonly ref: string | null
  readonly topic: string
  readonly event: string
  readonly payload: unknown
}

export type ReplyStatus = 'ok' | 'error'

/** Events that belong to the channel layer itself. */
export const channelEvents = {
  join: 'phx_join',
  leave: 'phx_leave',
  reply: 'phx_reply',
  close: 'phx_close',
  error: 'phx_error',
  heartbeat: 'heartbeat',
} as const

/** Events between a view and its page. */
export const viewEvents = {
  event: 'event',
  diff: 'diff',
  livePatch: 'live_patch',
  liveRedirect: 'live_redirect',
  redirect: 'redirect',
  cidsWillDestroy: 'cids_will_destroy',
  cidsDestroyed: 'cids_destroyed',
  allowUpload: 'allow_upload',
  progress: 'progress',
} as const

/** The one event of an upload channel. */
export const chunkEvent = 'chunk'

export const heartbeatTopic = 'phoenix'
export const viewTopicPrefix = 'lv:'
export const uploadTopicPrefix = 'lvu:'

/** Only this serializer version is spoken; the client sends it as `vsn`. */
export const serializerVersion = '2.0.0'

/** The client whose wire this is; it warns in the console when the join reply names another. */
export const clientVersion = '1.2.12'

/** The page's close button for a flash message sends it: `key` names one message, without it all are meant. */
export const clearFlashEvent = 'lv:clear-flash'

/** Events that the server pushes to the client module that it serves. */
export const pageEvents = {
  exec: 'liveloom:exec',
  resetForm: 'liveloom:reset-form',
  dead: 'liveloom:dead',
  limit: 'liveloom:limit',
  note: 'liveloom:note',
  head: 'liveloom:head',
  stash: 'liveloom:stash',
  download: 'liveloom:download',
} as const

/** The client that is served tells with it that it has held back what was too large to be sent. */
export const heldBackEvent = 'lv:held-back'

/** What a development server tells its pages: what ended a view, and which run of the server a view has joined. */
export const developmentEvents = { error: 'liveloom:error', joined: 'liveloom:joined' } as const

/** Events of this prefix belong to the framework, not to views. */
export const reservedEventPrefix = 'lv:'

/** Asks the client that is served for a sign of life, where the server's sockets have no pings. Any frame answers. */
export const aliveQuestion = 'liveloom:alive'

/**
 * After a file failed, the official client leaves its form locked until a push is answered. The server says so with the first
 * event, and the client that it serves answers with the second.
 */
export const unlockEvents = { ask: 'liveloom:unlock', push: 'lv:unlock' } as const
