/** A callback that waits for its moment. Every runtime has its own way to start one. */
export interface Timer {
  cancel(): void
}
