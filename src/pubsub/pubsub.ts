/** Messages between views, by topic. The contract of an engine for many processes, and the one for a single process. */
export interface PubSub {
  /** Calls `receive` with each message of the topic until the returned function is called. */
  subscribe(topic: string, receive: (message: unknown) => void): () => void
  /** Reaches every subscriber, the sender's own included. Messages of one sender and topic arrive in order. */
  publish(topic: string, message: unknown): void | Promise<void>
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
      for (const receive of [...(topics.get(topic) ?? [])]) receive(message)
    },
  }
}
