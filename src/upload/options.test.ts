import { describe, expect, it } from 'vitest'
import { resolveUploadOptions } from './options.ts'

const ceilings = { maxMessageSize: 2 * 1024 * 1024, maxUploadChannels: 1000, maxFiles: 10_000 }
const resolve = (options: object) => resolveUploadOptions('photos', options, ceilings)

describe('upload options', () => {
  it('have defaults', () => {
    expect(resolve({})).toEqual({
      accept: [],
      maxEntries: 1,
      maxEntriesMode: 'selected',
      maxFileSize: 10 * 1024 * 1024,
      minFileSize: 1,
      verify: false,
      autoUpload: false,
      chunkSize: undefined,
      chunkTimeout: 60_000,
      keep: 'page',
      progress: undefined,
      maxTotalSize: Number.POSITIVE_INFINITY,
      sniff: false,
      image: undefined,
      validate: undefined,
      scan: undefined,
      scanTimeout: 600_000,
      resize: undefined,
      transform: undefined,
      capture: false,
    })
  })

  it('that are undefined are the defaults', () => {
    const given = { accept: undefined, maxEntries: undefined, maxFileSize: undefined, chunkTimeout: undefined }
    expect(resolve(given)).toEqual(resolve({}))
  })

  it('are taken as they are', () => {
    const options = {
      accept: ['.png', 'image/*'],
      maxEntries: 1000,
      maxEntriesMode: 'total',
      maxFileSize: 1,
      minFileSize: 0,
      verify: true,
      autoUpload: true,
      chunkSize: 2 * 1024 * 1024 - 1300,
      chunkTimeout: 2 ** 31 - 1,
      keep: { key: 'album' },
      progress: () => {},
      maxTotalSize: 2,
      sniff: true,
      image: { maxPixels: 1, minWidth: 2, minHeight: 3, maxWidth: 4, maxHeight: 5 },
      validate: () => true,
      scan: () => true,
      scanTimeout: 2 ** 31 - 1,
      resize: { maxWidth: 1, maxHeight: 2, quality: 0, type: 'image/png' },
      transform: 'own',
      capture: 'user',
    }
    expect(resolve(options)).toEqual(options)
  })

  it('read patterns in lower case', () => {
    expect(resolve({ accept: ['.PNG', 'Image/*'] }).accept).toEqual(['.png', 'image/*'])
  })

  it('say how images are written where nothing is said', () => {
    expect(resolve({ resize: { maxWidth: 1600 } }).resize).toEqual({ maxWidth: 1600, quality: 0.85 })
    expect(resolve({ resize: { type: 'image/webp' }, accept: ['.webp', '.pdf'] }).resize?.type).toBe('image/webp')
  })

  it.each<{ readonly options: object; readonly says: string }>([
    { options: { accept: '.png' }, says: `accept must be an array like ['.png', 'image/*'], got '.png'` },
    { options: { accept: null }, says: 'accept must be an array' },
    { options: { accept: ['png'] }, says: `got 'png'` },
    { options: { accept: ['.png', 3] }, says: `accept takes extensions ('.png'), types ('image/png')` },
    { options: { maxEntries: 0 }, says: 'maxEntries must be a positive integer, got 0' },
    { options: { maxEntries: 1.5 }, says: 'maxEntries must be a positive integer, got 1.5' },
    { options: { maxEntries: '3' }, says: `maxEntries must be a positive integer, got '3'` },
    { options: { maxEntries: null }, says: 'maxEntries must be a positive integer, got null' },
    { options: { maxEntries: 10_001 }, says: 'maxEntries must be at most 10000 (uploads.maxFiles), got 10001' },
    { options: { maxFileSize: -1 }, says: 'maxFileSize must be a positive integer, got -1' },
    { options: { maxFileSize: Infinity }, says: 'maxFileSize must be a positive integer, got Infinity' },
    { options: { maxFileSize: NaN }, says: 'maxFileSize must be a positive integer, got NaN' },
    { options: { minFileSize: -1 }, says: 'minFileSize must be 0 or a positive integer, got -1' },
    { options: { minFileSize: 0.5 }, says: 'minFileSize must be 0 or a positive integer, got 0.5' },
    { options: { minFileSize: '1' }, says: `minFileSize must be 0 or a positive integer, got '1'` },
    { options: { minFileSize: 11, maxFileSize: 10 }, says: 'minFileSize must be at most maxFileSize (10), got 11' },
    { options: { chunkSize: 0 }, says: 'chunkSize must be a positive integer, got 0' },
    {
      options: { chunkSize: 2 * 1024 * 1024 - 1299 },
      says: 'chunkSize must be at most 2095852 (maxMessageSize - 1300), got 2095853',
    },
    { options: { chunkTimeout: 0 }, says: 'chunkTimeout must be a positive integer, got 0' },
    { options: { chunkTimeout: 2 ** 31 }, says: 'chunkTimeout must be at most 2147483647 ms, got 2147483648' },
    { options: { autoUpload: 'yes' }, says: `autoUpload must be true or false, got 'yes'` },
    { options: { verify: 'sha256' }, says: `verify must be true or false, got 'sha256'` },
    { options: { maxEntriesMode: 'all' }, says: `maxEntriesMode must be 'selected' or 'total', got 'all'` },
    { options: { progress: true }, says: 'progress must be a function, got true' },
    { options: { maxTotalSize: 0 }, says: 'maxTotalSize must be a positive integer or Infinity, got 0' },
    { options: { sniff: 1 }, says: 'sniff must be true or false, got 1' },
    { options: { sniff: true }, says: 'sniff compares with accept: name what is accepted' },
    { options: { validate: true }, says: 'validate must be a function, got true' },
    { options: { scan: 'clamav' }, says: `scan must be a function, got 'clamav'` },
    { options: { scanTimeout: 2 ** 31 }, says: 'scanTimeout must be a positive integer up to 2147483647' },
    { options: { image: 'png' }, says: 'image must be true, false or an object with maxPixels, minWidth' },
    { options: { image: { size: 3 } }, says: 'unknown option image.size; known are maxPixels' },
    { options: { image: { maxPixels: 0 } }, says: 'image.maxPixels must be a positive integer, got 0' },
    { options: { image: { minWidth: 3, maxWidth: 2 } }, says: 'image.minWidth must be at most maxWidth (2), got 3' },
    { options: { resize: true }, says: 'resize must be an object with maxWidth, maxHeight, quality, type, got true' },
    { options: { resize: {} }, says: 'resize must say maxWidth, maxHeight or type: nothing would be done' },
    { options: { resize: { quality: 0.5 } }, says: 'resize must say maxWidth, maxHeight or type' },
    { options: { resize: { width: 3 } }, says: 'unknown option resize.width; known are maxWidth' },
    { options: { resize: { maxWidth: 0 } }, says: 'resize.maxWidth must be a positive integer, in pixels, got 0' },
    {
      options: { resize: { maxHeight: '9' } },
      says: `resize.maxHeight must be a positive integer, in pixels, got '9'`,
    },
    { options: { resize: { maxWidth: 9, quality: 85 } }, says: 'resize.quality must be a number from 0 to 1, got 85' },
    {
      options: { resize: { maxWidth: 9, quality: NaN } },
      says: 'resize.quality must be a number from 0 to 1, got NaN',
    },
    {
      options: { resize: { type: 'jpeg' } },
      says: `resize.type must be 'image/jpeg', 'image/png', 'image/webp', got 'jpeg'`,
    },
    {
      options: { resize: { type: 'image/webp' }, accept: ['.png', 'image/jpeg'] },
      says: 'resize makes every image image/webp, which accept (.png, image/jpeg) does not take',
    },
    { options: { transform: () => {} }, says: `transform must be the name of one of the page's transforms` },
    { options: { transform: '' }, says: `1 to 255 characters, got ''` },
    { options: { capture: 'back' }, says: `capture must be 'user', 'environment', true or false, got 'back'` },
    { options: { maxfiles: 3 }, says: `unknown option 'maxfiles'; known are accept, maxEntries` },
    { options: { toString: 3 }, says: `unknown option 'toString'` },
  ])('$options: $says', ({ options, says }) => {
    expect(() => resolve(options)).toThrow(`allowUpload('photos'): `)
    expect(() => resolve(options)).toThrow(says)
    expect(() => resolve(options)).toThrow(expect.objectContaining({ code: 'ERR_UPLOAD_OPTIONS' }))
  })
})
