/** How a view ends when one of its callbacks threw: whose it was, who is told, and what the page is answered. */
import type { ErrorContext, Stage } from '../live/host.ts'
import type { WireEvent } from '../protocol/keys.ts'
import { viewEvents } from '../protocol/message.ts'
import { givenUpReply, reloadReply } from '../protocol/replies.ts'
import type { Delivered } from './delivery.ts'
import type { Mailbox } from './mailbox.ts'
import type { Message } from './message.ts'

/** Tells whoever is to know, and the page. `guard` runs what must not keep the rest from running. */
export function failWith(
  error: unknown,
  message: Message,
  stage: Stage,
  { options, lifeline, page }: Delivered,
  mailbox: Mailbox<Message>,
  guard: (run: () => void) => void,
): void {
  const { host, name, params } = options
  const component = componentOf(message, stage, page, mailbox.running)
  const context: ErrorContext = { stage, view: name, event: eventOf(message), component }
  const joining = message.kind === 'join'
  // What is the visitor's doing is answered with the page for it, as over HTTP.
  const isAnswer = joining && statusOf(error) !== undefined
  if (!isAnswer) host.report(error, context)
  // A nested view is joined again by the client itself.
  const waits = joining && params !== undefined
  let shown: WireEvent | undefined
  guard(() => (shown = host.development?.crashed(error, context, waits)))
  if (joining) return refuseJoin(message, error, shown, options, lifeline)
  if (shown !== undefined) lifeline.push(viewEvents.diff, JSON.stringify({ e: [shown] }))
  lifeline.error()
}

/** The id of the component whose callback threw. */
function componentOf(
  message: Message,
  stage: Stage,
  { components }: Delivered['page'],
  running: Message | undefined,
): string | number | undefined {
  if (stage === 'render' || stage === 'params') return undefined
  // One that found no room in the mailbox is not what runs.
  if (stage === 'component') return message === running ? components.working?.id : undefined
  if (message.kind === 'call') return message.of?.componentId
  if (message.kind !== 'event' && message.kind !== 'progress' && message.kind !== 'confirmed') return undefined
  const { cid } = message.payload
  return cid === undefined ? undefined : components.get(cid)?.componentId
}

/** `shown`: the event that shows the error, in development. */
function refuseJoin(
  message: Message,
  error: unknown,
  shown: WireEvent | undefined,
  { id, lastTry, host }: Delivered['options'],
  lifeline: Delivered['lifeline'],
): void {
  const status = statusOf(error)
  if (lastTry && status === undefined) {
    lifeline.answer(message, givenUpReply(id, shown))
    return lifeline.close()
  }
  const response =
    status === undefined
      ? { reason: 'join crashed', events: shown && [shown] }
      : reloadReply(status, host.signer.sign('reload', status))
  lifeline.refuse(message.ref, response)
}

export function eventOf(message: Message): string | undefined {
  return message.kind === 'event' ? message.payload.event : undefined
}

/** The 4xx status that an error carries, as errors of HTTP libraries do. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  try {
    const { status } = error as { readonly status?: unknown }
    return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined
  } catch {
    // It is an object that breaks whoever looks at it.
    return undefined
  }
}
