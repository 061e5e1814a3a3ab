import { describe, expect, it } from 'vitest'
import { html } from '../template/html.ts'
import { renderHtml } from '../template/to-html.ts'
import { type UploadError, type UploadErrorCode, uploadError } from './errors.ts'

const MiB = 1024 * 1024

describe('an upload error', () => {
  const errors: readonly { readonly error: UploadError; readonly message: string }[] = [
    { error: uploadError('too_many_files', { maxEntries: 1, count: 2 }), message: 'Choose one file only' },
    { error: uploadError('too_many_files', { maxEntries: 3, count: 4 }), message: 'Choose at most 3 files' },
    { error: uploadError('too_large', { clientSize: 11 * MiB, maxFileSize: 10 * MiB }), message: 'Larger than 10 MB' },
    { error: uploadError('too_large', { clientSize: 6, maxFileSize: 5 }), message: 'Larger than 5 bytes' },
    { error: uploadError('too_large', { clientSize: 9999, maxFileSize: 1536 }), message: 'Larger than 1.5 KB' },
    { error: uploadError('too_large', { clientSize: 2 ** 50, maxFileSize: 2 ** 41 }), message: 'Larger than 2 TB' },
    { error: uploadError('too_small', { clientSize: 6, minFileSize: 1536 }), message: 'Smaller than 1.5 KB' },
    { error: uploadError('empty_file', {}), message: 'The file is empty' },
    {
      error: uploadError('not_accepted', { clientName: 'a.txt', clientType: '', accept: ['.png', '.jpg'] }),
      message: 'Not an accepted type (.png, .jpg)',
    },
    { error: uploadError('rejected', { reason: 'No cats' }), message: 'No cats' },
    { error: uploadError('size_exceeded', { clientSize: 5 }), message: 'The file is larger than the browser said' },
    { error: uploadError('chunk_timeout', { chunkTimeout: 1000 }), message: 'The upload stalled' },
    { error: uploadError('writer_failure', { reason: 'ENOSPC' }), message: 'The file could not be stored' },
    { error: uploadError('upload_failed', { reason: 'failed' }), message: 'The upload failed' },
    { error: uploadError('external_client_failure', { reason: 'failed' }), message: 'The upload failed' },
    { error: uploadError('external_metadata_failure', { reason: 'x' }), message: 'The upload could not be started' },
  ]

  it.each(errors)('$error.code says: $message', ({ error, message }) => {
    expect(error.message).toBe(message)
    expect(renderHtml(html`<p>${error}</p>`)).toBe(`<p>${message}</p>`)
  })

  it('has one of the codes that the contract lists, and there are no others', () => {
    const codes = new Set<UploadErrorCode>(errors.map(({ error }) => error.code))
    expect([...codes].toSorted()).toEqual(
      [
        'too_many_files',
        'too_large',
        'too_small',
        'empty_file',
        'not_accepted',
        'rejected',
        'size_exceeded',
        'chunk_timeout',
        'writer_failure',
        'upload_failed',
        'external_client_failure',
        'external_metadata_failure',
      ].toSorted(),
    )
  })

  it('escapes what it tells', () => {
    expect(renderHtml(html`${uploadError('rejected', { reason: '<b>' })}`)).toBe('&lt;b&gt;')
  })
})
