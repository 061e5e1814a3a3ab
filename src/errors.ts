/** The stable codes of {@link LiveError}. A code never changes its meaning; messages may. */
export type LiveErrorCode =
  | 'ERR_VIEW'
  | 'ERR_VIEW_ENDED'
  | 'ERR_NO_HANDLER'
  | 'ERR_MAILBOX_FULL'
  | 'ERR_ADOPT'
  | 'ERR_BUSY'
  | 'ERR_LIMIT'
  | 'ERR_JOIN_PARAMS'
  | 'ERR_JOINS'
  | 'ERR_FORM'
  | 'ERR_SERVER_OPTIONS'
  | 'ERR_HOST'
  | 'ERR_SECRET'
  | 'ERR_COOKIE'
  | 'ERR_POST'
  | 'ERR_PORT'
  | 'ERR_WORKER'
  | 'ERR_PAGE'
  | 'ERR_TEMPLATE'
  | 'ERR_TEMPLATE_VALUE'
  | 'ERR_TEMPLATE_KEY'
  | 'ERR_STASH'
  | 'ERR_STREAM'
  | 'ERR_COMPONENT'
  | 'ERR_NAVIGATION'
  | 'ERR_PARAMS'
  | 'ERR_HOOK'
  | 'ERR_EVENT'
  | 'ERR_PAYLOAD'
  | 'ERR_ASYNC'
  | 'ERR_DOWNLOAD'
  | 'ERR_UPLOAD_OPTIONS'
  | 'ERR_UPLOAD_NAME'
  | 'ERR_UPLOAD_ACTIVE'
  | 'ERR_UPLOAD_ENTRY'
  | 'ERR_UPLOAD_IN_PROGRESS'
  | 'ERR_UPLOAD_CLAIMED'
  | 'ERR_UPLOAD_FILE'
  | 'ERR_UPLOAD_WRITER'
  | 'ERR_UPLOAD_CHECK'
  | 'ERR_UPLOAD_SNIFF'
  | 'ERR_UPLOAD_EXTERNAL'
  | 'ERR_S3'
  | 'ERR_UPLOAD_FOLDER'
  | 'ERR_UPLOAD_UNFINISHED'
  | 'ERR_CLOSE_TIMEOUT'
  | 'ERR_JS'
  | 'ERR_TELEMETRY'
  | 'ERR_TOPIC'
  | 'ERR_PRESENCE'
  | 'ERR_PUBSUB_OPTIONS'
  | 'ERR_PUBSUB_MESSAGE'
  | 'ERR_PUBSUB_AWAY'
  | 'ERR_PUBSUB_REFUSED'
  | 'ERR_PUBSUB_FULL'
  | 'ERR_PUBSUB_FOREIGN'
  | 'ERR_PUBSUB_CLOSED'

/**
 * What Liveloom throws when the program is wrong: a bad option, a value that cannot be rendered, consuming a running upload.
 * The message says where, what was expected and what came.
 */
export class LiveError extends Error {
  readonly code: LiveErrorCode

  constructor(code: LiveErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'LiveError'
    this.code = code
  }
}

/** Names a value in an error message: its kind, and a short form of it where that helps. Never throws. */
export function describe(value: unknown): string {
  try {
    return kindOf(value)
  } catch {
    return 'a value that cannot be printed'
  }
}

/** What something that was thrown says; anything may be thrown. Never throws. */
export function messageOf(thrown: unknown): string {
  try {
    if (!(thrown instanceof Error)) return typeof thrown === 'string' ? thrown : describe(thrown)
    const message: unknown = thrown.message
    return typeof message === 'string' ? message : describe(message)
  } catch {
    return describe(thrown)
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'string') {
    // A slice keeps the whole text, and errors are kept: joined and cut again it has a text of its own.
    return value.length > 40 ? ` '${value.slice(0, 40)}…'`.slice(1) : `'${value}'`
  }
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return 'an array'
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name
  if (typeof name !== 'string' || name === 'Object') return 'a plain object'
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`
}

/**
 * Names a value that the browser gave. Messages go to logs and terminals: there it writes no line of its own and gives no command.
 */
export function describeClaim(value: unknown): string {
  return describe(value).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => {
    return `\\u{${char.codePointAt(0)!.toString(16)}}`
  })
}
