/**
 * What a page sent and nobody could use. It is answered by the protocol's rules, which the client tells its console at most; in
 * development the developer is told as well, since it is their script that sent it.
 */
import { describe, describeClaim, LiveError } from '../errors.ts'
import { channelEvents, viewEvents } from '../protocol/message.ts'

/** What each push of a page needs, in the order in which it is looked for. */
const expected: Readonly<Record<string, string>> = {
  [channelEvents.join]:
    'a view is joined with the tokens of its element, which has them in data-phx-session and data-phx-static',
  [viewEvents.event]:
    'an event needs a name that is text, as pushEvent and js().push are given it; a form needs its fields as text',
  [viewEvents.allowUpload]: 'files need the ref of their input, and must be a list',
  [viewEvents.progress]: 'progress needs the ref of its entry, and a number from 0 to 100 or an error',
  [viewEvents.livePatch]: 'a patch needs an http(s) address of at most 16 KiB',
  [viewEvents.cidsWillDestroy]: 'the numbers of components must be a list of integers',
  [viewEvents.cidsDestroyed]: 'the numbers of components must be a list of integers',
}

/** A push that was refused, since it is none of the protocol's. */
export function unreadPush(event: string, payload: unknown): LiveError {
  const need = expected[event] ?? `the pushes of a page are ${Object.keys(expected).join(', ')}`
  return new LiveError(
    'ERR_PAYLOAD',
    `the page sent ${describeClaim(event)}, which was refused: ${need}; got ${shapeOf(payload)}`,
  )
}

/** A frame that is none of the protocol's: its connection is closed. */
export function malformedFrame(): LiveError {
  return new LiveError(
    'ERR_PAYLOAD',
    'a page sent a frame that is none of the protocol, and its connection was closed (1007): frames are lists of join ref, ref, topic, event ' +
      'and payload, of which the first four have 255 characters at most. Does a script send on the socket itself, or is another client, or ' +
      'another version of it, on the page?',
  )
}

/** A topic that is joined on the page's socket, and is not for a view or an upload. */
export function unknownTopic(topic: string): LiveError {
  return new LiveError(
    'ERR_PAYLOAD',
    `the page joined the topic ${describeClaim(topic)}, which was refused: the socket has views (lv:) and uploads (lvu:) alone`,
  )
}

/** Of a push that was taken, something was not. */
export function leftOut(event: string, what: string): LiveError {
  return new LiveError(
    'ERR_PAYLOAD',
    `of ${describeClaim(event)}, which the page sent, ${what} could not be read and was left out`,
  )
}

/** Files were chosen for an input that is none of those of the part that its form's events go to. */
export function strayFiles(): LiveError {
  return new LiveError(
    'ERR_PAYLOAD',
    'files were chosen for an input whose upload the receiver of the event does not have: they are listed nowhere, and are not sent. Does ' +
      "the form of a component's live_file_input lack phx-target=${myself}, or was the upload allowed anew meanwhile?",
  )
}

/** A name that the framework keeps for itself. */
export function reservedEvent(event: string): LiveError {
  return new LiveError(
    'ERR_PAYLOAD',
    `the event ${describeClaim(event)} reaches no handler: names that begin with 'lv:' belong to the framework`,
  )
}

/** Its keys with what they hold, some of them. */
function shapeOf(payload: unknown): string {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload) || payload instanceof Uint8Array) {
    return describe(payload)
  }
  const entries = Object.entries(payload)
  const shown = entries.slice(0, 6).map(([key, value]) => `${describeClaim(key)}: ${describeClaim(value)}`)
  return `{ ${[...shown, ...(entries.length > 6 ? ['…'] : [])].join(', ')} }`
}
