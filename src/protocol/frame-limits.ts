/** What one text frame may hold, as both sides of the wire know it. */
export interface FrameLimits {
  /** Bytes. */
  readonly maxTextSize: number
  /** JSON values. */
  readonly maxFrameValues: number
}

/** What holds as long as nobody says otherwise. */
export const frameLimitDefaults: FrameLimits = { maxTextSize: 1024 * 1024, maxFrameValues: 100_000 }
