/** The part of `node:async_hooks` that this room uses; Node, Bun and Deno all have it. */
declare module 'node:async_hooks' {
  // oxlint-disable-next-line typescript/no-extraneous-class -- It is one.
  export class AsyncLocalStorage {
    /** Takes along what is active now: the returned function runs others with it. */
    static snapshot(): <T>(work: () => T) => T
  }
}
