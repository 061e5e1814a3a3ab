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
    const { id, to, commands } = (event as CustomEvent<PushedCommands>).detail
    const elements = to === null ? [document.getElementById(id)] : document.querySelectorAll(to)
    for (const element of elements) if (element !== null) liveSocket.execJS(element, commands)
  })
}
