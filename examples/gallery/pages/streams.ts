import { setTimeout as delay } from 'node:timers/promises'
import {
  async_result,
  type AsyncResult,
  createLiveComponent,
  createLiveView,
  each,
  html,
  options_for_select,
  type Rendered,
  type Stream,
} from 'liveloom'
import { js } from 'liveloom/js'
import { frame, type GalleryPage } from '../page.ts'

interface Track {
  readonly id: number
  readonly title: string
}

/** All that the server keeps: not one track. */
interface Context {
  readonly tracks: Stream<Track>
  /** The number of the next track. */
  readonly next: number
  readonly limit: number | undefined
}

type Events =
  | { type: 'append' | 'prepend' | 'insert' | 'play' | 'first' | 'reset' | 'clear' }
  | { type: 'rename' | 'top' | 'remove'; id?: string }
  | { type: 'limit'; limit?: string }

const track = (id: number, title = `Track ${id}`): Track => ({ id, title })
const limits: Readonly<Record<string, number>> = { first: 5, last: -5 }

const basics = createLiveView<Context, Events>({
  mount: (socket) => {
    socket.pageTitle('Streams')
    socket.stream('tracks', [track(1), track(2), track(3)])
    socket.assign({ next: 4, limit: undefined })
  },

  handleEvent: (socket, event) => {
    const { next, limit } = socket.context
    switch (event.type) {
      case 'append':
        socket.streamInsert('tracks', track(next), { limit })
        return socket.assign({ next: next + 1 })
      case 'prepend':
        socket.streamInsert('tracks', track(next), { at: 0, limit })
        return socket.assign({ next: next + 1 })
      case 'insert':
        socket.stream('tracks', [track(next), track(next + 1)], { at: 1, limit })
        return socket.assign({ next: next + 2 })
      case 'play':
        return socket.stream(
          'tracks',
          [1, 2, 3].map((id) => track(id, `Track ${id}, played`)),
          { updateOnly: true },
        )
      case 'first':
        return socket.streamDeleteByDomId('tracks', 'tracks-1')
      case 'reset':
        socket.stream('tracks', [track(3), track(1), track(next)], { reset: true })
        return socket.assign({ next: next + 1 })
      case 'clear':
        return socket.stream('tracks', [], { reset: true })
      case 'rename':
        return socket.streamInsert('tracks', track(Number(event.id), `Track ${Number(event.id)}, renamed`))
      case 'top':
        socket.streamDelete('tracks', track(Number(event.id)))
        return socket.streamInsert('tracks', track(Number(event.id)), { at: 0 })
      case 'remove':
        return socket.streamDelete('tracks', track(Number(event.id)))
      case 'limit':
        return socket.assign({ limit: limits[event.limit ?? ''] })
    }
  },

  render: ({ tracks, next, limit }) =>
    frame(
      page,
      html`${tabs('/streams')}
        <section class="card stack" aria-labelledby="tracks-title">
          <h2 id="tracks-title">A list that lives on the page</h2>
          <p class="hint">The server sends what comes and goes, and forgets it: it only knows that track ${next} is next.</p>
          <div class="row">
            <button class="primary" phx-click="append">Append</button>
            <button phx-click="prepend">Prepend</button>
            <button phx-click="insert">Insert two behind the first</button>
            <button phx-click="play">Update 1 to 3, where they are</button>
            <button phx-click="first">Delete tracks-1</button>
            <button phx-click="reset">Reset to 3, 1 and a new one</button>
            <button class="danger" phx-click="clear">Clear</button>
          </div>
          <form id="limit-form" class="field" phx-change="limit">
            <label for="limit">When more than five are there, an insert keeps</label>
            <select id="limit" name="limit">
              ${options_for_select(
                [
                  ['all of them', ''],
                  ['the first five', 'first'],
                  ['the last five', 'last'],
                ],
                limit === undefined ? '' : limit > 0 ? 'first' : 'last',
              )}
            </select>
          </form>
          <ul id="tracks" class="list" phx-update="stream" aria-label="Tracks">
            ${each(tracks, trackRow)}
          </ul>
          <p class="empty">No tracks.</p>
        </section>`,
    ),
})

function trackRow({ id, title }: Track, domId: string): Rendered {
  return html`<li id="${domId}">
    <span class="grow">${title}</span>
    <input aria-label="Note on ${id}" placeholder="A note" autocomplete="off" />
    <span class="buttons">
      <button class="quiet small" phx-click="rename" phx-value-id="${id}" aria-label="Rename ${id}">Rename</button>
      <button class="quiet icon" phx-click="top" phx-value-id="${id}" aria-label="Move ${id} to the top">↑</button>
      <button class="quiet icon" phx-click="remove" phx-value-id="${id}" aria-label="Remove ${id}">✕</button>
    </span>
  </li>`
}

interface Message {
  readonly id: number
  readonly text: string
}

interface Chat {
  readonly title: string
  readonly messages: Stream<Message>
  readonly sent: number
}

type ChatEvents = { type: 'send'; text?: string } | { type: 'delete'; dom_id?: string }

/** A stream inside of a component. Two of them on one page: so the DOM ids name the component. */
const chat = createLiveComponent<Chat, ChatEvents, { readonly title: string }>({
  mount: (socket) => {
    socket.streamConfigure('messages', { domId: ({ id }) => `${socket.id}-message-${id}` })
    socket.stream('messages', [])
    socket.assign({ sent: 0 })
  },

  handleEvent: (socket, event) => {
    if (event.type === 'delete') return socket.streamDeleteByDomId('messages', event.dom_id ?? '')
    const text = (event.text ?? '').trim()
    if (text === '') return
    const id = socket.context.sent + 1
    socket.streamInsert('messages', { id, text })
    socket.assign({ sent: id })
  },

  render: ({ title, messages, sent }, { myself }) => {
    const key = title.toLowerCase()
    return html`<section class="card stack" aria-label="${title}">
      <h2>${title} <span class="badge">${sent} sent</span></h2>
      <ul id="messages-${key}" class="list" phx-update="stream" aria-label="${title} messages">
        <li id="no-messages-${key}" class="empty">Nothing said yet.</li>
        ${each(
          messages,
          ({ text }, domId) => html`<li id="${domId}">
            <span class="grow">${text}</span>
            <button class="quiet icon" phx-click="delete" phx-value-dom_id="${domId}" phx-target=${myself} aria-label="Delete ${text}">✕</button>
          </li>`,
        )}
      </ul>
      <form id="say-${key}-${sent}" class="row" phx-submit="send" phx-target=${myself}>
        <input id="text-${key}-${sent}" name="text" class="grow" aria-label="Say to ${title}" autocomplete="off" phx-mounted=${sent > 0 && js.focus()} />
        <button>Say</button>
      </form>
    </section>`
  },
})

interface Task {
  readonly id: number
  readonly title: string
}

/** An item of a stream that is a component: it has a state, though its list is not kept. */
const taskItem = createLiveComponent<Task & { domId: string; steps: number }, { type: 'step' | 'top' | 'remove' }>({
  mount: (socket) => socket.assign({ steps: 0 }),

  handleEvent: (socket, { type }) => {
    const { id, title, steps } = socket.context
    if (type === 'step') socket.assign({ steps: steps + 1 })
    else socket.sendInfo({ type, task: { id, title } } satisfies TaskInfo)
  },

  render: ({ title, domId, steps }, { myself }) =>
    html`<li id="${domId}">
      <span class="grow">${title} <span class="badge">${steps} steps</span></span>
      <span class="buttons">
        <button class="small" phx-click="step" phx-target=${myself} aria-label="Step of ${title}">Step</button>
        <button class="quiet icon" phx-click="top" phx-target=${myself} aria-label="Move ${title} to the top">↑</button>
        <button class="quiet icon" phx-click="remove" phx-target=${myself} aria-label="Remove ${title}">✕</button>
      </span>
    </li>`,
})

interface TaskInfo {
  readonly type: 'top' | 'remove'
  readonly task: Task
}

const inComponents = createLiveView<
  { readonly tasks: Stream<Task>; readonly added: number },
  { type: 'add' | 'rename' },
  string,
  TaskInfo
>({
  mount: (socket) => {
    socket.pageTitle('Streams and components')
    socket.stream('tasks', [task(1), task(2)])
    socket.assign({ added: 2 })
  },

  handleEvent: (socket, { type }) => {
    if (type === 'rename') return socket.streamInsert('tasks', { id: 1, title: 'The very first task' })
    const id = socket.context.added + 1
    socket.streamInsert('tasks', task(id))
    socket.assign({ added: id })
  },

  handleInfo: (socket, { type, task }) => {
    socket.streamDelete('tasks', task)
    if (type === 'top') socket.streamInsert('tasks', task, { at: 0 })
  },

  render: ({ tasks }, { live_component }) =>
    frame(
      page,
      html`${tabs('/streams/components')}
        <div class="columns">
          ${live_component(chat, { id: 'left', title: 'Left' })} ${live_component(chat, { id: 'right', title: 'Right' })}
        </div>
        <section class="card stack" aria-labelledby="tasks-title">
          <h2 id="tasks-title">Items with a state</h2>
          <div class="row">
            <button class="primary" phx-click="add">Add a task</button>
            <button phx-click="rename">Rename the first</button>
          </div>
          <ul id="tasks" class="list" phx-update="stream" aria-label="Tasks">
            ${each(tasks, (task, domId) => live_component(taskItem, { ...task, domId }))}
          </ul>
        </section>`,
    ),
})

const task = (id: number): Task => ({ id, title: `Task ${id}` })

interface Found {
  readonly found: Stream<Track>
  readonly foundStatus: AsyncResult<boolean>
  readonly rounds: number
}

const inTime = createLiveView<Found, { type: 'again' | 'more' | 'fail' }>({
  mount: (socket) => {
    socket.pageTitle('Streams that load')
    socket.assign({ rounds: 1 })
    socket.streamAsync('found', (signal) => search(1, signal), { status: 'foundStatus' })
  },

  handleEvent: (socket, { type }) => {
    const rounds = socket.context.rounds + 1
    socket.assign({ rounds })
    const load = (signal: AbortSignal): Promise<readonly Track[]> =>
      type === 'fail' ? Promise.reject(new Error('the search is out of order')) : search(rounds, signal)
    socket.streamAsync('found', load, { status: 'foundStatus', reset: type === 'again' })
  },

  render: ({ found, foundStatus }) =>
    frame(
      page,
      html`${tabs('/streams/async')}
        <section class="card stack" aria-labelledby="found-title" aria-busy="${foundStatus.loading ? 'true' : 'false'}">
          <h2 id="found-title">Items that take their time</h2>
          <div class="row">
            <button phx-click="again">Search anew</button>
            <button phx-click="more">Search for more</button>
            <button phx-click="fail">Search in vain</button>
            ${foundStatus.loading && html`<span class="spinner" aria-hidden="true"></span>`}
          </div>
          <p role="status">
            ${async_result(foundStatus, {
              loading: () => 'Searching…',
              failed: (error) => `Failed: ${error instanceof Error ? error.message : 'for no known reason'}.`,
              ok: (_, { error, loading }) =>
                loading
                  ? 'Searching again…'
                  : error === undefined
                    ? 'Found.'
                    : 'The last search failed; this was found before.',
            })}
          </p>
          <ul id="found" class="list" phx-update="stream" aria-label="Found">
            ${each(found, ({ title }, domId) => html`<li id="${domId}">${title}</li>`)}
          </ul>
        </section>`,
    ),
})

async function search(round: number, signal: AbortSignal): Promise<readonly Track[]> {
  await delay(400, undefined, { signal })
  return [1, 2, 3].map((nth) => track(round * 10 + nth))
}

function tabs(current: string): Rendered {
  const tab = (path: string, title: string): Rendered =>
    html`<a href="${path}" aria-current=${path === current && 'page'}>${title}</a>`
  return html`<nav class="tabs" aria-label="Kinds of streams">
    ${tab('/streams', 'Items')}${tab('/streams/components', 'With components')}${tab('/streams/async', 'Loading')}
  </nav>`
}

export const page: GalleryPage = {
  path: '/streams',
  title: 'Streams',
  about: 'Lists that the page keeps and the server forgets: items come, change, move and go one by one.',
  routes: { '/streams': basics, '/streams/components': inComponents, '/streams/async': inTime },
}
