/**
 * Messages between views, by topic. The contract of an engine for many processes, and the one for a single process.
 * `test/contracts/pubsub.ts` has a test for each sentence of this.
 */
export interface PubSub {
  /**
   * Calls `receive` with each message of the topic until the returned function is called.
   *
   * @param onGap Called when messages of other processes may have been lost, once they come again: whatever is published from then on
   *   is received.
   */
  subscribe(topic: string, receive: (message: unknown) => void, onGap?: () => void): Subscription
  /**
   * Reaches every subscriber, the sender's own included: those of this process at once, before it returns. Messages of one sender and
   * topic arrive in order, each once. What it gives back resolves when the engine has the message, and rejects when it may not have it.
   */
  publish(topic: string, message: unknown): void | Promise<void>
  /** Tells what goes wrong beside any call, until the returned function is called. The server has it told to its `onError`. */
  onError?(report: (error: unknown) => void): () => void
}

/** Ends a subscription. */
export interface Subscription {
  (): void
  /**
   * Resolves when what other processes publish is received from now on, or, while the engine is away, at once: then `onGap` is called
   * when it is back. Never rejects. Absent where there is nothing to wait for.
   */
  readonly ready?: Promise<void> | undefined
}

/** Reaches the views of this process. */
export function createLocalPubSub(): PubSub {
  const topics = new Map<string, Set<(message: unknown) => void>>()
  return {
    subscribe(topic, receive) {
      const receivers = topics.get(topic) ?? new Set()
      topics.set(topic, receivers)
      // One function may be given twice; each subscription ends by itself.
      const own = (message: unknown): void => receive(message)
      receivers.add(own)
      return () => {
        if (receivers.delete(own) && receivers.size === 0) topics.delete(topic)
      }
    },
    publish(topic, message) {
      // A copy: who subscribes while a message goes round gets the next one.
      const receivers = topics.get(topic)
      const failures: unknown[] = []
      for (const receive of [...(receivers ?? [])]) {
        if (!receivers!.has(receive)) continue
        try {
          receive(message)
        } catch (error) {
          failures.push(error)
        }
      }
      // One that fails is not in the way of the next.
      if (failures.length > 0) throw failures[0]
    },
  }
}
