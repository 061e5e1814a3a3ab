import { describe, LiveError } from '../errors.ts'

/** A topic of whatever messages. */
export interface AnyTopic {
  /** What it is called where topics are texts: to the `PubSub`. */
  readonly name: string
}

/** A topic that knows what is published to it. Made by {@link topic}; a plain text is a topic of anything. */
export interface Topic<Message> extends AnyTopic {
  /**
   * The topic of one of many: `albums.of(7)` is called `albums:7`. Each part stands for itself, whatever is in it, so that an id of the
   * browser's is never the topic of another.
   */
  of(...parts: readonly [string | number, ...(string | number)[]]): Topic<Message>
  /** Never there at run time: it only carries the type of the messages, which goes in and comes out. */
  readonly message?: (message: Message) => Message
}

/**
 * Names a topic and what is published to it, so that `publish`, `subscribe` and `handleInfo` agree.
 *
 * @typeParam Message What is published to it, and reaches `handleInfo`.
 * @throws {LiveError} `ERR_TOPIC` for a name that is no text, or empty.
 * @example
 * import { createLiveView, html, topic } from 'liveloom'
 *
 * interface Album {
 *   readonly title: string
 * }
 * const albums = topic<Album>('albums')
 *
 * export const latest = createLiveView<{ title: string }, { type: 'add' }, never, Album>({
 *   mount: (socket) => {
 *     socket.assign({ title: 'nothing yet' })
 *     socket.subscribe(albums)
 *   },
 *   handleEvent: (socket) => socket.publish(albums, { title: 'Blue' }),
 *   handleInfo: (socket, { title }) => socket.assign({ title }),
 *   render: ({ title }) => html`<p>The newest is ${title}</p><button phx-click="add">Add</button>`,
 * })
 */
export function topic<Message>(name: string): Topic<Message> {
  if (typeof name === 'string' && name !== '') return new NamedTopic<Message>(name)
  throw new LiveError('ERR_TOPIC', `topic: expected a name like 'albums', got ${describe(name)}`)
}

/** What a topic is called. @throws {LiveError} `ERR_TOPIC` for what is none; `where` begins the message. */
export function topicName(where: string, given: string | AnyTopic): string {
  if (typeof given === 'string') return given
  if (given instanceof NamedTopic) return given.name
  throw new LiveError('ERR_TOPIC', `${where}: expected a topic or its name, got ${describe(given)}`)
}

class NamedTopic<Message> implements Topic<Message> {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }

  of(...parts: readonly [string | number, ...(string | number)[]]): Topic<Message> {
    const given: readonly unknown[] = parts
    for (const part of given) {
      if (typeof part === 'string' || (typeof part === 'number' && Number.isFinite(part))) continue
      throw new LiveError('ERR_TOPIC', `topic('${this.name}').of: expected texts or numbers, got ${describe(part)}`)
    }
    if (given.length === 0) throw new LiveError('ERR_TOPIC', `topic('${this.name}').of: expected at least one part`)
    return new NamedTopic([this.name, ...parts.map(escaped)].join(':'))
  }
}

/** Without what parts are joined by. */
function escaped(part: string | number): string {
  return String(part).replaceAll(/[%:]/g, (char) => (char === '%' ? '%25' : '%3A'))
}
