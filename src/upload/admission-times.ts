/** How long turns and places last when nobody uses them. */

/** Whoever has its turn brings so many bytes within {@link idleFor}, or gives it to who waits. */
export const leastBytes: number = 16 * 1024
/** In ms. */
export const idleFor = 10_000
/** The same once what brought them has broken off. */
export const brokenFor = 3000
/** How long a place is kept for whoever is not there, in ms: a client that was refused comes again before that. */
export const awayFor = 30_000
/** How long a request waits for its turn before it is told to come again, in ms: no proxy gives it up by then. */
export const holdFor = 10_000
