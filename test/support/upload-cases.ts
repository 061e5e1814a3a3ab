/** What tests of uploads over HTTP begin and end with: a file that may be sent, and that it was saved byte for byte. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { UploadConfigOptions } from 'liveloom'
import { expect } from 'vitest'
import { type Target, withTarget } from '../security/target.ts'
import { grantUpload, type HttpUpload } from './http-upload.ts'

export interface UploadCases {
  /** Runs a case on a server of its own. */
  onUpload(run: (upload: HttpUpload, target: Target) => Promise<void>): Promise<void>
  /** The form is submitted, and what it saved is the file. */
  expectSaved(upload: HttpUpload, target: Target): Promise<void>
}

/** `upload`: the options of the upload. */
export function casesFor(bytes: Uint8Array, upload: UploadConfigOptions = {}): UploadCases {
  const file = { ref: '0', name: 'a.png', size: bytes.length }
  return {
    onUpload: (run) => withTarget({ upload }, async (target) => run(await grantUpload(target, file), target)),
    async expectSaved({ view }, { saved, savedFolder }) {
      expect((await view.submit('save')).status).toBe('ok')
      const [name] = await saved()
      expect((await readFile(join(savedFolder, name!))).equals(bytes)).toBe(true)
    },
  }
}
