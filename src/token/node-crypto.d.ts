/** The part of `node:crypto` that this room uses; Node, Bun and Deno all have it. */
declare module 'node:crypto' {
  interface Hmac {
    update(data: string): Hmac
    digest(): Uint8Array
    digest(encoding: 'base64url'): string
  }
  export function createHmac(algorithm: 'sha256', key: string | Uint8Array): Hmac
  export function randomBytes(size: number): Uint8Array<ArrayBuffer>
  export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean
}
