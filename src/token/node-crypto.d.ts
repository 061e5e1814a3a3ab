/** The part of `node:crypto` that this room uses; Node, Bun and Deno all have it. */
declare module 'node:crypto' {
  interface Hmac {
    update(data: string | Uint8Array): Hmac
    digest(): Uint8Array
    digest(encoding: 'base64url'): string
  }
  export function createHmac(algorithm: 'sha256', key: string | Uint8Array): Hmac
  interface Hash {
    update(data: Uint8Array): Hash
    digest(): Uint8Array
    digest(encoding: 'hex'): string
  }
  export function createHash(algorithm: 'sha256' | 'sha1'): Hash
  interface Cipher {
    setAAD(bytes: Uint8Array): void
    update(bytes: Uint8Array): Uint8Array
    final(): Uint8Array
    getAuthTag(): Uint8Array
  }
  interface Decipher {
    setAAD(bytes: Uint8Array): void
    setAuthTag(tag: Uint8Array): void
    update(bytes: Uint8Array): Uint8Array
    final(): Uint8Array
  }
  export function createCipheriv(algorithm: 'aes-256-gcm', key: Uint8Array, iv: Uint8Array): Cipher
  export function createDecipheriv(algorithm: 'aes-256-gcm', key: Uint8Array, iv: Uint8Array): Decipher
  export function randomBytes(size: number): Uint8Array<ArrayBuffer>
  export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean
}
