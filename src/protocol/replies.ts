/** What the server answers on a view's channel, in the wire's spelling. */
import type { ExternalGrant } from './external-uploads.ts'
import type { HttpGrant } from './http-uploads.ts'
import type { WireEvent, WireMessage } from './keys.ts'
import { clientVersion, pageEvents } from './message.ts'

/** What the browser may send of the files it asked for, or why it may send nothing. */
export type PreflightAnswer =
  | { readonly ref: string; readonly error: readonly (readonly [ref: string, code: string])[] }
  | {
      readonly ref: string
      /** Bytes and ms. */
      readonly config: {
        readonly maxFileSize: number
        readonly maxEntries: number
        readonly chunkSize: number
        readonly chunkTimeout: number
      }
      /** The token that admits each entry's channel, or where it goes over HTTP, or what its own uploader is given. */
      readonly entries: Readonly<Record<string, string | HttpGrant | ExternalGrant>>
      readonly errors: Readonly<Record<string, readonly string[]>>
    }

/**
 * Refuses a preflight as a whole. Each entry is named as well: with automatic upload the client gives up only those that are, and
 * would never ask for the others again.
 */
export function refusedPreflight(
  { ref, entries }: { readonly ref: string; readonly entries: readonly { readonly ref: string }[] },
  code: string,
): PreflightAnswer {
  return { ref, error: [{ ref }, ...entries].map((refused) => [refused.ref, code] as const) }
}

export interface WirePatch {
  readonly to: string
  readonly kind: 'push' | 'replace'
}

/** `patch`: the view changed its URL while it was mounted. `container`: what the element of the view before is to become. */
export function joinReply(
  rendered: WireMessage,
  patch: WirePatch | undefined,
  container?: { readonly tag: string; readonly attributes: Readonly<Record<string, string>> },
): object {
  return {
    rendered,
    liveview_version: clientVersion,
    ...(patch !== undefined && { live_patch: patch }),
    ...(container !== undefined && { container: [container.tag, container.attributes] }),
  }
}

/** The client gives up a view inside another when it could not join it so often. */
export const mostChildJoins = 3

/**
 * A view inside another that cannot be joined, at the client's last try: it shows nothing. After an error the page would wait for it
 * for ever, and show no change of its own. To the client it has joined, so the page is told that it does not live. `event`: shows why.
 */
export function givenUpReply(id: string, event?: WireEvent): object {
  const dead: WireEvent = [pageEvents.dead, { id }]
  return joinReply({ s: [deadMark], e: event === undefined ? [dead] : [dead, event] }, undefined)
}

/** May stand in any element, a row of a table too. A page without our client module tells by it that the view is not there. */
const deadMark = '<template data-liveloom-dead></template>'

export function patchOf(to: string, replace: boolean): WirePatch {
  return { to, kind: replace ? 'replace' : 'push' }
}

/** Where the page goes: `kind` of a live navigation, and the messages that come along. */
export interface LeaveTarget {
  readonly to: string
  readonly kind?: 'push' | 'replace'
  readonly flash?: string | undefined
}

/** The answer that sends the page elsewhere. */
export type LeaveAnswer = { readonly redirect: LeaveTarget } | { readonly live_redirect: LeaveTarget }

export function leaveReply(event: 'redirect' | 'live_redirect', target: LeaveTarget): LeaveAnswer {
  return event === 'redirect' ? { redirect: target } : { live_redirect: target }
}

/** The components that the server has forgotten as well. */
export function forgottenReply(cids: readonly number[]): object {
  return { cids }
}

/** A join that failed with an HTTP status: the page loads anew and is shown the error page of that status. */
export function reloadReply(status: number, token: string): object {
  return { reason: 'reload', status, token }
}

export function diffReply(diff: WireMessage | undefined): object {
  return diff === undefined ? {} : { diff }
}

/** The URL belongs to another view: the client navigates there. */
export function otherViewReply(): object {
  return { link_redirect: true }
}

export function preflightReply(answer: PreflightAnswer, diff: WireMessage | undefined): object {
  if ('error' in answer) return { ...diffReply(diff), ...answer }
  const { maxFileSize, maxEntries, chunkSize, chunkTimeout } = answer.config
  return {
    ...diffReply(diff),
    ref: answer.ref,
    config: { max_file_size: maxFileSize, max_entries: maxEntries, chunk_size: chunkSize, chunk_timeout: chunkTimeout },
    entries: answer.entries,
    errors: answer.errors,
  }
}
