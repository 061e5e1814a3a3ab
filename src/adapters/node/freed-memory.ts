/** Freed at once, and larger than what is ever free between two pieces of a body; in bytes. */
const block = 8 * 1024 * 1024

/**
 * In Node each piece of a body is memory of its own. glibc gives what is free at the end of its heap back to the system from 128 KiB on, and takes it anew for
 * the next piece, page by page: that may take longer than all else that is done with the bytes. Once it has seen a large block freed it keeps twice as much
 * (`M_MMAP_THRESHOLD` in mallopt(3)). Other allocators lose nothing by it.
 */
export function keepFreedMemory(): void {
  Buffer.allocUnsafeSlow(block)
}
