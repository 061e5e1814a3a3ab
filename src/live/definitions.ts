/** What views and components are to those who only pass them on, and the shapes that their callbacks share. */
import type { FormValues } from '../forms/decode.ts'
import type { Container } from './container.ts'

/** A page whose state lives on the server. Made by `createLiveView`. */
export interface LiveView {
  /** Its callbacks; typed where they are called. */
  readonly callbacks: object
  /** What its element is like, as its `container` says. */
  readonly container: Container
  /** The name under which it may be sticky. */
  readonly sticky: string | undefined
  /** How long it is kept without its page, in ms; `undefined` leaves it to where it stands. */
  readonly resumeWindow: number | undefined
  /** Whether the first page's view goes on when that connects; `undefined` leaves it to where it stands. */
  readonly adopt: boolean | undefined
  /** What of it outlives its process; `undefined` leaves it to where it stands. */
  readonly stash: StashPlan | undefined
}

/** A part of a view with a state and events of its own. Made by `createLiveComponent`. */
export interface LiveComponent<Props> {
  /** Its callbacks; typed where they are called. */
  readonly component: object
  /** Never there at run time: it only carries the type of the props. */
  readonly props?: (props: Props) => void
}

/** What a `phx-*` event brings. `type` is its name; `values` what came with it, whole; its other keys are spread beside. */
export interface LiveEvent {
  readonly type: string
}

/** What answers an event: the hook that pushed it gets the object. To a click or a form it is not sent. */
export type EventReply = Readonly<Record<string, unknown>> | void

/** The data of the HTTP session, as your server's `session` option gives it. */
export type SessionData = Readonly<Record<string, unknown>>

/** Query and path parameters; path parameters win. From the browser. */
export type Params = Readonly<FormValues>

/** What has become of a view inside another. */
export type ChildChange =
  | {
      readonly type: 'mounted'
      /** The DOM id that the child was placed with. */
      readonly id: string
    }
  | {
      readonly type: 'ended'
      readonly id: string
      /** A callback of its threw, or its `mount`: the client may join it again. */
      readonly failed: boolean
    }

type Values = Readonly<Record<string, unknown>>

/** Which keys of a view's context outlive its process, and how. */
export interface StashPlan {
  readonly keys: readonly string[]
  readonly version: number
  readonly migrate: ((old: Values, version: number) => Promise<Values | undefined> | Values | undefined) | undefined
  readonly keyOf: ((params: Params) => string) | undefined
}
