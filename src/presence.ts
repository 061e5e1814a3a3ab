/** Who is where: on a page, in a room, typing; over one process or many. */
export {
  createPresence,
  type Presence,
  type PresenceInfo,
  type StreamingSocket,
  type ToldSocket,
  type TrackedSocket,
} from './presence/presence.ts'
export type { Changes, Present } from './presence/roster.ts'
export type { PresenceOptions } from './presence/options.ts'
