/** Uploads that a real ClamAV scans: `npm run test:clamav` starts one and names its socket. */
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { clamav } from '../../examples/gallery/clamav.ts'
import { entriesOf, withTarget } from '../security/target.ts'
import { grantUpload } from '../support/http-upload.ts'

const socket = process.env['CLAMD_SOCKET'] ?? ''
const infected = Buffer.concat([randomBytes(300_000), Buffer.from('LIVELOOM-TEST-SIGNATURE'), randomBytes(300_000)])

describe.skipIf(socket === '')('a scan by ClamAV', () => {
  it('passes what is clean', () =>
    withTarget({ upload: { scan: clamav(socket) } }, async (target) => {
      const file = randomBytes(2_000_000)
      const { view, patch } = await grantUpload(target, { ref: '0', name: 'a.bin', size: file.length })
      expect((await patch(0, file, true)).status).toBeLessThan(300)
      await expect.poll(() => entriesOf(view)).toMatchObject([{ done: true, errors: [] }])
      expect((await view.submit('save')).status).toBe('ok')
      expect(await target.saved()).toHaveLength(1)
    }))

  it('rejects what has a signature, and deletes it', () =>
    withTarget({ upload: { scan: clamav(socket) } }, async (target) => {
      const { view, patch } = await grantUpload(target, { ref: '0', name: 'a.bin', size: infected.length })
      await patch(0, infected, true)
      await expect.poll(() => entriesOf(view)).toMatchObject([{ failed: true, done: false, errors: ['rejected'] }])
      await expect.poll(target.temporaryFiles).toEqual([])
      expect((await view.submit('save')).status).toBe('ok')
      expect(await target.saved()).toEqual([])
      expect(target.reports).toEqual([])
    }))

  it('fails what is larger than the daemon takes, and says why', () =>
    withTarget({ upload: { scan: clamav(socket) } }, async (target) => {
      const file = Buffer.alloc(6_000_000)
      const { view, patch } = await grantUpload(target, { ref: '0', name: 'a.bin', size: file.length })
      await patch(0, file, true)
      await expect.poll(() => entriesOf(view)).toMatchObject([{ failed: true, errors: ['scan_failure'] }])
      expect(String(target.reports[0]?.error)).toMatch(/size limit exceeded|StreamMaxLength/)
    }))

  it('fails the file when there is no daemon', () =>
    withTarget({ upload: { scan: clamav(`${socket}.gone`) } }, async (target) => {
      const { view, patch } = await grantUpload(target, { ref: '0', name: 'a.bin', size: 4 })
      await patch(0, Buffer.from('four'), true)
      await expect.poll(() => entriesOf(view)).toMatchObject([{ failed: true, errors: ['scan_failure'] }])
      expect(String(target.reports[0]?.error)).toContain('ENOENT')
    }))
})
