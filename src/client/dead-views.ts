import { pageEvents } from '../protocol/message.ts'
import type { DomCallbacks } from './runtime-hooks.ts'

/**
 * A view inside another that could not be joined has to be answered as if it had, or the page would wait for it for ever. Here it gets
 * the client's class for one that has failed, so that it does not look alive.
 */
export function markDeadViews(dom: DomCallbacks): DomCallbacks {
  const dead = new Set<Element>()
  addEventListener(`phx:${pageEvents.dead}`, (event) => {
    const { id } = (event as CustomEvent<{ readonly id: string }>).detail
    const element = document.getElementById(id)
    if (element === null) return
    dead.add(element)
    // The client sets its own class when it is done with the join.
    queueMicrotask(() => mark(element))
  })
  return {
    ...dom,
    onPatchEnd(container) {
      for (const element of dead) {
        if (!element.isConnected || element.querySelector(deadMark) === null) dead.delete(element)
        // The view around it prints its container without the client's classes.
        else mark(element)
      }
      dom.onPatchEnd?.(container)
    },
  }
}

/** What a view that was given up shows. */
const deadMark = ':scope > template[data-liveloom-dead]'

function mark({ classList }: Element): void {
  classList.remove('phx-connected', 'phx-loading')
  classList.add('phx-error')
}
