import { createLiveView, each, hook, html, type Rendered, type RenderMeta, topic } from 'liveloom'
import { createPresence, type Present } from 'liveloom/presence'
import { frame, type GalleryPage } from '../page.ts'

/** What everybody knows of a window. */
interface Here {
  readonly name: string
  readonly typing: boolean
  /** Where its pointer is on the desk, in percent. */
  readonly at: readonly [x: number, y: number] | undefined
}

interface Context {
  readonly me: string
  readonly name: string
  readonly text: string
}

type Events =
  | { type: 'changed'; name?: string; text?: string }
  | { type: 'moved'; x?: unknown; y?: unknown }
  | { type: 'left' }

const here = createPresence<Here>()
const room = topic<never>('gallery:presence')
const longestName = 30

/** Says where the pointer is, twenty times a second at most, and moves those of the others. */
const desk = hook(
  'Desk',
  `{
    mounted() {
      let waiting
      this.el.addEventListener('pointermove', ({ clientX, clientY }) => {
        const { left, top, width, height } = this.el.getBoundingClientRect()
        const to = { x: ((clientX - left) / width) * 100, y: ((clientY - top) / height) * 100 }
        clearTimeout(waiting)
        const now = performance.now()
        const tell = () => { this.toldAt = performance.now(); this.pushEvent('moved', to) }
        if (now - (this.toldAt ?? 0) > 50) tell()
        else waiting = setTimeout(tell, 50)
      })
      this.el.addEventListener('pointerleave', () => { clearTimeout(waiting); this.pushEvent('left') })
      this.place()
    },
    updated() { this.place() },
    place() {
      for (const pointer of this.el.querySelectorAll('[data-x]')) {
        pointer.style.left = pointer.dataset.x + '%'
        pointer.style.top = pointer.dataset.y + '%'
      }
    },
  }`,
)

let guests = 0

const view = createLiveView<Context, Events>({
  mount: (socket) => {
    socket.pageTitle('Who is here')
    const name = socket.connected ? `Guest ${++guests}` : ''
    socket.assign({ me: socket.id, name, text: '' })
    here.subscribe(socket, room)
    here.track(socket, room, socket.id, { name, typing: false, at: undefined })
  },

  handleEvent: (socket, event) => {
    const { me, name } = socket.context
    if (event.type === 'moved') {
      const { x, y } = event
      if (isPercent(x) && isPercent(y))
        here.update(socket, room, me, { at: [Math.round(x * 10) / 10, Math.round(y * 10) / 10] })
      return
    }
    if (event.type === 'left') return here.update(socket, room, me, { at: undefined })
    const [newName, text] = [(event.name ?? '').slice(0, longestName), event.text ?? '']
    socket.assign({ name: newName, text })
    here.update(socket, room, me, { name: newName.trim() === '' ? name : newName.trim(), typing: text !== '' })
  },

  // Somebody came, left, or moved: `list` knows.
  handleInfo: (socket) => socket.assign({}),

  render: ({ me, name, text }, meta) => {
    const all = here.list(room)
    return frame(
      page,
      html`<section class="card stack" aria-label="Who is here">
          <h2>${all.length === 1 ? 'One window is' : `${all.length} windows are`} here</h2>
          <ul class="list" aria-label="Here">
            ${each(
              all,
              ({ key }) => key,
              (one) => row(one, me),
            )}
          </ul>
          <form id="me" class="columns" phx-change="changed">
            <div class="field">
              <label for="name">Your name</label>
              <input id="name" name="name" value="${name}" maxlength="${longestName}" autocomplete="off" />
            </div>
            <div class="field">
              <label for="text">Type something</label>
              <input id="text" name="text" value="${text}" autocomplete="off" />
            </div>
          </form>
          <p class="hint">Open this page in a second window, load it anew, close it: nobody flickers who only loads a page.</p>
        </section>
        ${pointers(all, me, meta)}`,
    )
  },
})

function row({ key, metas }: Present<Here>, me: string): Rendered {
  const { name, typing } = metas[0]!
  return html`<li data-key="${key}">
    <strong>${name}</strong> ${key === me && html`<span class="badge">you</span>`}
    <span class="grow" aria-live="polite">${typing && 'is typing…'}</span>
  </li>`
}

function pointers(all: readonly Present<Here>[], me: string, meta: RenderMeta): Rendered {
  return html`<section class="card stack" aria-label="A desk">
    <h2>A desk</h2>
    <div id="desk" class="desk" phx-hook=${desk}>
      <span class="hint">Move your pointer here.</span>
      ${each(
        all.filter(({ key, metas }) => key !== me && metas[0]!.at !== undefined),
        ({ key }) => key,
        ({ metas: [first] }) =>
          html`<span class="pointer" data-x="${first!.at![0]}" data-y="${first!.at![1]}">${first!.name}</span>`,
      )}
    </div>
    ${desk.script(meta)}
  </section>`
}

function isPercent(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 100
}

export const page: GalleryPage = {
  path: '/presence',
  title: 'Who is here',
  about:
    'Who has this page open, who is typing, and where their pointers are: known to every window, over one process or many.',
  routes: { '/presence': view },
}
