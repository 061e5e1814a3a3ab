/** What a runtime knows of its process. The adapter of one supplies it. */

export interface ProcessStats {
  /** Since it began. */
  readonly uptimeSeconds: number
  /** That it has computed, in user and system time. Its growth in a second is the part of one core. */
  readonly cpuSeconds: number
  /** Memory that the system has given it. */
  readonly residentBytes: number
  readonly heapUsedBytes: number
  readonly heapTotalBytes: number
  /** Of buffers: memory beside the heap. */
  readonly externalBytes: number
  /** How much later than due the event loop came to a timer, of the last 10 to 20 s. */
  readonly eventLoopDelay: { readonly p50: number; readonly p99: number; readonly max: number }
}

export interface ProcessProbe {
  read(): ProcessStats
  stop(): void
}
