/**
 * Tells a view that is joined anew which files were chosen on its page: they went with the view before. The page itself knows what it
 * had; only their names and sizes are remembered here, as the client told them.
 */
import type { LiveSocket } from 'phoenix_live_view'
import { readNote } from '../protocol/file-notes.ts'
import { viewEvents } from '../protocol/message.ts'
import {
  componentAttribute,
  type LostFile,
  type LostFiles,
  lostFilesAttribute,
  lostFilesParam,
} from '../protocol/lost-files.ts'
import { onJoined, onLost, onPush } from './pushes.ts'
import { refsOf, uploadRef } from './upload-inputs.ts'

interface Claim {
  readonly ref: string
  readonly name: string
  readonly size: number
  readonly meta?: unknown
}

const mostKept = 2000
const mostSaid = 100

export class LostFilesMemory {
  readonly #claims = new Map<string, LostFile>()
  /** What views inside others had when the connection was lost, by their ids: their elements may go before they join. */
  readonly #nested = new Map<string, readonly LostFiles[]>()

  watch(liveSocket: LiveSocket): void {
    onPush(liveSocket, ({ event, payload }) => {
      if (event === viewEvents.event) {
        const { uploads } = payload as { readonly uploads?: Readonly<Record<string, readonly Claim[]>> }
        for (const claims of Object.values(uploads ?? {})) this.#remember(claims)
      } else if (event === viewEvents.allowUpload) {
        this.#remember((payload as { readonly entries: readonly Claim[] }).entries)
      }
    })
    onLost(liveSocket, () => {
      for (const view of document.querySelectorAll('[data-phx-parent-id]')) {
        const lost = this.#lostOf(view)
        if (lost.length > 0) this.#nested.set(view.id, lost)
      }
    })
    // It has heard of them.
    onJoined(liveSocket, (id) => this.#nested.delete(id))
  }

  /** What goes with the join of the view whose element it is. */
  params(view: Element): object {
    const lost = this.#lostOf(view)
    const said = lost.length > 0 ? lost : (this.#nested.get(view.id) ?? [])
    return said.length > 0 ? { [lostFilesParam]: said } : {}
  }

  #remember(claims: readonly Claim[]): void {
    for (const { ref, name, size, meta } of claims) {
      this.#claims.set(ref, { clientName: name, clientSize: readNote(meta).empty === true ? 0 : size })
      const [oldest] = this.#claims.keys()
      if (this.#claims.size > mostKept) this.#claims.delete(oldest!)
    }
  }

  #lostOf(view: Element): readonly LostFiles[] {
    const lost: LostFiles[] = []
    for (const input of view.querySelectorAll<HTMLInputElement>('input[data-phx-active-refs]')) {
      if (input.closest('[data-phx-session]') !== view) continue
      const refused = refsOf(input, 'error').split(',')
      const refs = refsOf(input, 'active')
        .split(',')
        .filter((ref) => !refused.includes(ref))
      const done = refsOf(input, 'done').split(',')
      const files = refs.flatMap((ref) => {
        const file = this.#claims.get(ref)
        if (file === undefined) return []
        // What the server had whole may have been saved: the page does not send it again by itself.
        return [done.includes(ref) ? file : { ...file, given: true }]
      })
      const all = [...before(input), ...files].slice(0, mostSaid)
      if (all.length > 0)
        lost.push({
          ref: input.getAttribute(uploadRef)!,
          upload: input.name,
          component: input.getAttribute(componentAttribute) ?? undefined,
          files: all,
        })
    }
    return lost
  }
}

/** Those that it had lost already. */
function before(input: Element): readonly LostFile[] {
  return JSON.parse(input.getAttribute(lostFilesAttribute) ?? '[]') as readonly LostFile[]
}
