import { pageEvents } from '../protocol/message.ts'

/**
 * A view inside another that could not be joined has to be answered as if it had, or the page would wait for it for ever. Here it gets
 * the client's class for one that has failed, so that it does not look alive.
 */
export function markDeadViews(): void {
  addEventListener(`phx:${pageEvents.dead}`, (event) => {
    const { id } = (event as CustomEvent<{ readonly id: string }>).detail
    // The client sets its own class when it is done with the join.
    queueMicrotask(() => {
      const { classList } = document.getElementById(id) ?? document.createElement('div')
      classList.remove('phx-connected', 'phx-loading')
      classList.add('phx-error')
    })
  })
}
