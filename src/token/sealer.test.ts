import { createCipheriv, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { bytesFromBase64Url, bytesToBase64Url } from './base64url.ts'
import { createSealer } from './sealer.ts'

const secret = 's'.repeat(32)
const other = 'o'.repeat(32)
const hour = 3_600_000
let time = 1_700_000_000_000
const now = (): number => time
const sealer = createSealer([secret], now)

describe('createSealer', () => {
  it.each(['', 'draft', 'Grüße 🎈 \u0000\n', 'x'.repeat(100_000)])('gives back what was sealed: %#', (text) => {
    const sealed = sealer.seal('stash', 'anna', text)
    expect(sealed).toMatch(/^[\w-]+$/)
    expect(sealed).not.toContain('draft')
    expect(sealer.open('stash', 'anna', sealed, hour)).toBe(text)
  })

  it('never seals the same text to the same', () => {
    expect(sealer.seal('stash', 'anna', 'a')).not.toBe(sealer.seal('stash', 'anna', 'a'))
  })

  it('opens for whom it is bound to alone, in its application', () => {
    const sealed = sealer.seal('stash', 'anna', 'a')
    expect(sealer.open('stash', 'bob', sealed, hour)).toBeUndefined()
    expect(createSealer([secret], now, 'shop').open('stash', 'anna', sealed, hour)).toBeUndefined()
    expect(createSealer([other], now).open('stash', 'anna', sealed, hour)).toBeUndefined()
  })

  it('opens nothing that was changed, in any byte', () => {
    const bytes = bytesFromBase64Url(sealer.seal('stash', 'anna', 'a'))!
    for (const at of bytes.keys()) {
      const changed = bytes.slice()
      changed[at]! ^= 1
      expect(sealer.open('stash', 'anna', bytesToBase64Url(changed), hour)).toBeUndefined()
    }
    for (let length = 0; length < bytes.length; length++) {
      expect(sealer.open('stash', 'anna', bytesToBase64Url(bytes.slice(0, length)), hour)).toBeUndefined()
    }
  })

  it.each(['', '.', 'ä', '%%%%', 'A'.repeat(100_000)])('lets be what is none: %#', (text) => {
    expect(sealer.open('stash', 'anna', text, hour)).toBeUndefined()
  })

  it('expires, and takes nothing that is dated far ahead', () => {
    const sealed = sealer.seal('stash', 'anna', 'a')
    time += hour
    expect(sealer.open('stash', 'anna', sealed, hour)).toBe('a')
    time += 1
    expect(sealer.open('stash', 'anna', sealed, hour)).toBeUndefined()
    time -= 26 * hour
    expect(sealer.open('stash', 'anna', sealed, hour)).toBeUndefined()
    time += 25 * hour
  })

  it('opens what an older secret sealed, and seals with the new one', () => {
    const rotated = createSealer([other, secret], now)
    expect(rotated.open('stash', 'anna', sealer.seal('stash', 'anna', 'old'), hour)).toBe('old')
    const sealed = rotated.seal('stash', 'anna', 'new')
    expect(createSealer([other], now).open('stash', 'anna', sealed, hour)).toBe('new')
    expect(sealer.open('stash', 'anna', sealed, hour)).toBeUndefined()
  })

  it('is AES-256-GCM under a key of its own for each text', () => {
    const sealed = bytesFromBase64Url(sealer.seal('stash', 'anna', 'a'))!
    const purposeKey = createHmac('sha256', secret).update('liveloom liveloom stash sealed').digest()
    const key = createHmac('sha256', purposeKey).update(sealed.subarray(0, 17)).digest()
    const cipher = createCipheriv('aes-256-gcm', key, sealed.subarray(17, 29))
    cipher.setAAD(new TextEncoder().encode('anna'))
    const body = cipher.update(new TextEncoder().encode(`${time}\na`))
    cipher.final()
    expect(Buffer.concat([body, cipher.getAuthTag()]).equals(sealed.subarray(29))).toBe(true)
  })

  it('refuses a secret that is too short', () => {
    expect(() => createSealer([secret, 'short'], now)).toThrow(
      expect.objectContaining({ code: 'ERR_SECRET', message: 'secret: expected at least 32 bytes, got 5 characters' }),
    )
  })
})
