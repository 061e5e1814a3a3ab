/** The part of `node:diagnostics_channel` that this room uses; Node, Bun and Deno all have it. */
declare module 'node:diagnostics_channel' {
  interface Channel {
    readonly hasSubscribers: boolean
    publish(message: unknown): void
  }
  export function channel(name: string): Channel
  export function subscribe(name: string, receive: (message: unknown) => void): void
  export function unsubscribe(name: string, receive: (message: unknown) => void): boolean
}
