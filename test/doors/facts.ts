/** What the suite has to know of each door: what it cannot do, and what its runtime does in a way of its own. */

export interface DoorFacts {
  /**
   * Bytes of one upload that the process holds at most while its writer takes none. A third is with the writer, a third is read ahead, and a
   * third stands in the runtime: of each, a little more than is read at once.
   */
  readonly holds: number
  /** The requests of sockets go through the application. @default true */
  readonly guardsSockets?: boolean
  /** It sends what comes piece by piece without its length. */
  readonly dropsLength?: boolean
  /** It ends requests that are silent, and has `/api/silent` for one. */
  readonly endsSilent?: boolean
}

const kibibyte = 1024
const mebibyte = 1024 * kibibyte

/** Pieces of 64 KiB. The writer is given 128 KiB and a piece at most, and so much is read ahead. */
export const onNode: DoorFacts = { holds: 3 * 192 * kibibyte }

/** The same pieces, of what its HTTP server has read ahead: 400 KiB. */
export const onDeno: DoorFacts = { holds: 2 * 192 * kibibyte + 408 * kibibyte }

/** Bun stops to read when it has 1 MiB, and may have read 512 KiB at once. All that it has is one piece. */
export const onBun: DoorFacts = { holds: 3 * (mebibyte + 512 * kibibyte) }

/** Bun sends each stream in pieces. */
export const bunServe: DoorFacts = { ...onBun, dropsLength: true, endsSilent: true }
