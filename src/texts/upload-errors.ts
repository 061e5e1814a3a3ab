/** What each upload error tells beside its code. Sizes are in bytes, times in ms. */
export interface UploadErrorData {
  /** More files than `maxEntries`. Stands in the config's errors and goes when the count fits again. */
  too_many_files: { readonly maxEntries: number; readonly count: number }
  /** All files together are larger than `maxTotalSize`. Stands in the config's errors and goes when the choice fits again. */
  total_too_large: { readonly totalSize: number; readonly maxTotalSize: number }
  too_large: { readonly clientSize: number; readonly maxFileSize: number }
  /** It has bytes, but fewer than `minFileSize`. */
  too_small: { readonly clientSize: number; readonly minFileSize: number }
  /** The official client alone does not report empty files at all; ours does. */
  empty_file: Readonly<Record<never, never>>
  /** A folder was dropped where it is not opened: what is in it is not sent. */
  is_folder: Readonly<Record<never, never>>
  /** The page's own `transform` failed for it, in the browser: nothing of it was sent. `reason` is what that threw. */
  transform_failure: { readonly reason: string }
  not_accepted: {
    readonly clientName: string
    readonly clientType: string
    readonly accept: readonly string[]
    /** With `sniff`: the MIME type that its bytes say, empty where they say none that is known. Absent: it was not looked at. */
    readonly detected?: string | undefined
  }
  /** With `image`: its bytes do not begin as an image whose size can be told. */
  not_an_image: Readonly<Record<never, never>>
  /** With `image`: what it is, and what was asked for; all in pixels. */
  image_dimensions: {
    readonly width: number
    readonly height: number
    readonly maxPixels: number
    readonly minWidth: number
    readonly minHeight: number
    readonly maxWidth: number | undefined
    readonly maxHeight: number | undefined
  }
  /** Refused by `validate`, or by `scan`. `reason` is what that gave back; empty when it was only false, or `validate` failed. */
  rejected: { readonly reason: string }
  /** `scan` failed, or took longer than `scanTimeout`: nobody knows what is in the file. */
  scan_failure: Readonly<Record<never, never>>
  /** The browser sent more bytes than it had declared for the file. */
  size_exceeded: { readonly clientSize: number }
  /** The connection was lost while it was sent. */
  interrupted: Readonly<Record<never, never>>
  chunk_timeout: { readonly chunkTimeout: number }
  /** Too much is stored already: `uploads.maxStored` of `createLiveServer`, or the disk. It may be chosen again later. */
  storage_full: Readonly<Record<never, never>>
  /**
   * The visitor has sent as much as there may be within 24 hours, `uploads.maxReceived` of `createLiveServer`. `resetsIn`: ms until the
   * oldest of it does not count any more; 0 when the choice alone is more.
   */
  quota_exceeded: { readonly maxBytes: number; readonly resetsIn: number }
  /** The bytes could not be stored. */
  writer_failure: { readonly reason: string }
  /** The file was moved or deleted after it was chosen. */
  file_missing: Readonly<Record<never, never>>
  /** The file was changed after it was chosen, or the browser may not read it. It does not say which. */
  file_changed: Readonly<Record<never, never>>
  /** The browser cannot read the file, for another reason. */
  file_unreadable: Readonly<Record<never, never>>
  /** The browser gave up, or broke the upload's protocol. `reason` comes from either. */
  upload_failed: { readonly reason: string }
  external_client_failure: { readonly reason: string }
  external_metadata_failure: { readonly reason: string }
}
