import { createLiveView, each, html, type Rendered, topic } from 'liveloom'
import { js } from 'liveloom/js'
import { frame, type GalleryPage } from '../page.ts'

interface Message {
  readonly id: number
  readonly name: string
  readonly text: string
}

interface Context {
  readonly room: Room
  /** The newest first. */
  readonly messages: readonly Message[]
  readonly name: string
  readonly text: string
  readonly error: string
  /** How many messages this page has sent: the text's field is a new one after each, since a focused one keeps its text. */
  readonly sent: number
}

type Fields = { name?: string; text?: string }
type Events = ({ type: 'typed' } & Fields) | ({ type: 'send' } & Fields)

const rooms = ['lobby', 'workshop'] as const
type Room = (typeof rooms)[number]

/** What is said in a room: one topic for each. */
const said = topic<Message>('gallery:chat')

/** What was said, for those who come later. A real application would ask its database. */
const history: Record<Room, readonly Message[]> = { lobby: [], workshop: [] }
let lastId = 0

const kept = 50
const longest = { name: 30, text: 200 }

const chat = createLiveView<Context, Events, string, Message>({
  mount: async (socket, _session, params) => {
    const room = rooms.find((name) => name === (params['room'] ?? 'lobby'))
    if (room === undefined) {
      socket.redirect(page.path)
      return
    }
    socket.pageTitle(`Chat in #${room}`)
    // First: what is said while the history is read comes as a message.
    await socket.subscribe(said.of(room))
    socket.assign({ room, messages: history[room], name: 'Guest', text: '', error: '', sent: 0 })
  },

  handleEvent: (socket, event) => {
    const name = (event.name ?? '').slice(0, longest.name)
    const text = (event.text ?? '').slice(0, longest.text)
    if (event.type === 'typed') {
      socket.assign({ name, text, error: '' })
      return
    }
    if (name.trim() === '' || text.trim() === '') {
      socket.assign({ name, text, error: 'A message needs a name and a text.' })
      return
    }
    const { room, sent } = socket.context
    const message: Message = { id: ++lastId, name: name.trim(), text: text.trim() }
    history[room] = [message, ...history[room]].slice(0, kept)
    socket.publish(said.of(room), message)
    socket.assign({ name, text: '', error: '', sent: sent + 1 })
  },

  // Also called in the view that published.
  handleInfo: (socket, message) => socket.assign({ messages: [message, ...socket.context.messages].slice(0, kept) }),

  render: ({ room, messages, name, text, error, sent }) =>
    frame(
      page,
      html`<nav class="tabs" aria-label="Rooms">
          ${rooms.map((to) => html`<a href="${page.path}/${to}" aria-current=${to === room && 'page'}>#${to}</a>`)}
        </nav>

        <section class="card stack" aria-label="Say something">
          <form id="message-form" class="stack" phx-change="typed" phx-submit="send">
            <div class="columns">
              <div class="field">
                <label for="name">Your name</label>
                <input id="name" name="name" value="${name}" maxlength="${longest.name}" autocomplete="off" />
              </div>
              <div class="field">
                <label for="text-${sent}">Message</label>
                <input
                  id="text-${sent}"
                  name="text"
                  value="${text}"
                  maxlength="${longest.text}"
                  autocomplete="off"
                  placeholder="Hello, everyone in #${room}"
                  phx-mounted=${sent > 0 && js.focus()}
                  aria-describedby="chat-error"
                />
              </div>
            </div>
            <div class="row">
              <button class="primary">Send</button>
              <p id="chat-error" class="error" role="alert">${error}</p>
            </div>
          </form>
          <p class="hint">Open this page in a second window: what one says, the other shows at once.</p>
        </section>

        <section class="card" aria-label="Messages">
          ${messages.length === 0 && html`<p class="empty">Nobody has said anything in #${room} yet.</p>`}
          <ol class="list" aria-label="Messages in #${room}">
            ${each(messages, (message) => message.id, messageRow, [])}
          </ol>
        </section>`,
    ),
})

function messageRow({ id, name, text }: Message): Rendered {
  return html`<li id="message-${id}"><strong>${name}</strong> <span class="grow">${text}</span></li>`
}

export const page: GalleryPage = {
  path: '/pubsub',
  title: 'Publish and subscribe',
  about: 'A chat: each view subscribes to the topic of its room, and what one publishes reaches all of them.',
  routes: { '/pubsub': chat, '/pubsub/:room': chat },
}
