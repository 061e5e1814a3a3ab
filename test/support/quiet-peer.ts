import type { Peer } from '../../src/server/connection.ts'

/** A transport that takes all, and does only what is given. */
export function quietPeer(does: Partial<Peer>): Peer {
  return {
    send() {},
    close() {},
    terminate() {},
    pause() {},
    resume() {},
    probe() {},
    ask() {},
    endsSilently: false,
    unsentBytes: 0,
    flushMark: 0,
    ...does,
  }
}
