import type { LiveSocket } from 'phoenix_live_view'
import { pageEvents } from '../protocol/message.ts'

/** What `socket.pushJs` sends. */
interface PushedCommands {
  /** The view's own element. */
  readonly id: string
  /** A selector over the whole page; null stands for the view's element. */
  readonly to: string | null
  readonly commands: string
}

/** Runs the commands that the server pushes, on every element that they are for. */
export function runPushedCommands(liveSocket: LiveSocket): void {
  addEventListener(`phx:${pageEvents.exec}`, (event) => {
    const { detail } = event as CustomEvent<PushedCommands>
    for (const element of elementsFor(detail)) liveSocket.execJS(element, detail.commands)
  })
}

function elementsFor({ id, to, commands }: PushedCommands): Iterable<Element> {
  if (to !== null) {
    try {
      return document.querySelectorAll(to)
    } catch (cause) {
      // Only the browser knows all selectors. It would name this one, but not whose it is.
      throw new Error(`pushJs(${commands}, { to: ${JSON.stringify(to)} }): to is no selector`, { cause })
    }
  }
  const view = document.getElementById(id)
  return view === null ? [] : [view]
}
