/** The engine that the workers of one machine share: the primary hands on what one of them publishes to those that have subscribers. */

/** Who hears. */
export interface Member {
  /** Settles when it is on its way; at once when it is lost. */
  hear(payload: string): Promise<void> | undefined
}

export class Hub {
  readonly #topics = new Map<string, Set<Member>>()

  subscribe(member: Member, topics: readonly string[]): void {
    for (const topic of topics) {
      const members = this.#topics.get(topic)
      if (members === undefined) this.#topics.set(topic, new Set([member]))
      else members.add(member)
    }
  }

  unsubscribe(member: Member, topics: readonly string[]): void {
    for (const topic of topics) {
      const members = this.#topics.get(topic)
      if (members?.delete(member) === true && members.size === 0) this.#topics.delete(topic)
    }
  }

  left(member: Member): void {
    this.unsubscribe(member, [...this.#topics.keys()])
  }

  /** Resolves when all that hear of it have taken it: whoever publishes faster than that waits. */
  async publish(from: Member, topic: string, payload: string): Promise<void> {
    const taken: Promise<void>[] = []
    for (const member of this.#topics.get(topic) ?? []) {
      const hearing = member === from ? undefined : member.hear(payload)
      if (hearing !== undefined) taken.push(hearing)
    }
    if (taken.length > 0) await Promise.all(taken)
  }
}
