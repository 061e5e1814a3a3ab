/**
 * Keeps the stashes of the page's views, in memory alone: what is in `sessionStorage`, a duplicated tab would have as well. A view that is
 * joined again gives its own back.
 */
import type { LiveSocket } from 'phoenix_live_view'
import { channelEvents, pageEvents, viewTopicPrefix } from '../protocol/message.ts'
import { type StashPush, stashParam } from '../protocol/stash.ts'
import { onPush } from './pushes.ts'

export class StashMemory {
  readonly #stashes = new Map<string, string>()

  watch(liveSocket: LiveSocket): void {
    addEventListener(`phx:${pageEvents.stash}`, (event) => {
      const { id, sealed } = (event as CustomEvent<StashPush>).detail
      if (sealed === null) this.#stashes.delete(id)
      else this.#stashes.set(id, sealed)
    })
    // One that is still on the page is about to be joined anew, by another token.
    onPush(liveSocket, ({ event, topic }) => {
      if (event !== channelEvents.leave || !topic.startsWith(viewTopicPrefix)) return
      const id = topic.slice(viewTopicPrefix.length)
      setTimeout(() => {
        if (document.getElementById(id) === null) this.#stashes.delete(id)
      })
    })
  }

  /** What goes with the join of the view whose element it is. */
  params({ id }: Element): object {
    const sealed = this.#stashes.get(id)
    return sealed === undefined ? {} : { [stashParam]: sealed }
  }
}
