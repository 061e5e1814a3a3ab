import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createLiveView, each, html, live_file_input, topic } from 'liveloom'
import type { Redis } from 'ioredis'

interface Message {
  readonly id: string
  readonly name: string
  readonly text: string
}

interface Context {
  readonly name: string
  readonly messages: readonly Message[]
}

type Events =
  | { readonly type: 'name'; readonly who: string }
  | { readonly type: 'typing' }
  | { readonly type: 'send'; readonly text: string }

const said = topic<Message>('said')
const list = 'cluster:messages'

/** A chat whose messages are in Redis, in a process called `place`. */
export function chatView(redis: Redis, place: string) {
  const read = async (): Promise<readonly Message[]> =>
    (await redis.lrange(list, 0, -1)).map((text) => JSON.parse(text) as Message)

  return createLiveView<Context, Events, 'files', Message>({
    // The only thing that is nowhere else.
    stash: ['name'],
    mount: async (socket) => {
      await socket.subscribe(said)
      socket.assign({ name: '', ...socket.stashed, messages: await read() })
      await socket.allowUpload('files', { maxEntries: 3, maxFileSize: 500 * 1024 * 1024 })
    },
    handleEvent: async (socket, event) => {
      if (event.type === 'name') socket.assign({ name: event.who })
      if (event.type !== 'send') return
      const files = await socket.consumeUploadedEntries('files', async ({ path }, { clientName, clientSize }) => {
        const hash = createHash('sha256')
        await pipeline(createReadStream(path), hash)
        return `${clientName}: ${clientSize} bytes, SHA-256 ${hash.digest('hex')}`
      })
      for (const text of [event.text, ...files]) {
        if (text === '') continue
        const message: Message = { id: crypto.randomUUID(), name: socket.context.name, text }
        await redis.rpush(list, JSON.stringify(message))
        socket.publish(said, message)
      }
    },
    handleInfo: (socket, message) => {
      const { messages } = socket.context
      if (!messages.some(({ id }) => id === message.id)) socket.assign({ messages: [...messages, message] })
    },
    // Redis was away: what was said meanwhile is read.
    handleGap: async (socket) => socket.assign({ messages: await read() }),
    render: ({ name, messages }, { uploads }) => html`
      <h1>Chat</h1>
      <p>This page is at process <b id="place">${place}</b>. <span id="name">${name}</span></p>
      <p>
        ${['Ada', 'Bea', 'Cleo'].map(
          (one) => html`<button type="button" phx-click="name" phx-value-who="${one}">I am ${one}</button> `,
        )}
      </p>
      <ul id="messages">
        ${each(
          messages,
          ({ id }) => id,
          (message) => html`<li>${message.name}: ${message.text}</li>`,
        )}
      </ul>
      <form id="say" phx-change="typing" phx-submit="send">
        <label>Text <input name="text" autocomplete="off" /></label>
        <label>Files ${live_file_input(uploads.files)}</label>
        ${uploads.files.entries.map(
          ({ clientName, progress }) =>
            html`<p>${clientName} <progress max="100" value="${progress}"></progress> <span class="sent">${progress}</span> %</p>`,
        )}
        <button>Send</button>
      </form>
    `,
  })
}
