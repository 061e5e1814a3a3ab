import { setTimeout as delay } from 'node:timers/promises'
import { createLiveComponent, createLiveView, each, html, type LiveComponent, type Rendered } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Person {
  readonly id: number
  readonly name: string
}

interface Context {
  readonly people: readonly Person[]
  /** What the cards had to say, the newest first. */
  readonly said: readonly string[]
  readonly products: readonly string[]
  /** How many products each query loaded. */
  readonly queries: readonly number[]
  readonly presses: number
}

type Events = { type: 'reverse' | 'sort' | 'everyone' | 'boil' | 'more-products' | 'press' }

/** What the components tell their view. */
type Info = { readonly said: string } | { readonly remove: number } | { readonly queried: number }

const everyone: readonly Person[] = ['Cleo', 'Ada', 'Dora', 'Ben'].map((name, at) => ({ id: at + 1, name }))
const stock: Readonly<Record<string, number>> = { Apples: 12, Bread: 3, Cheese: 7, Dates: 40, Eggs: 24, Figs: 0 }

const view = createLiveView<Context, Events, string, Info>({
  mount: (socket) => {
    socket.pageTitle('Live components')
    const products = Object.keys(stock).slice(0, 3)
    socket.assign({ people: everyone, said: [], products, queries: [], presses: 0 })
  },

  handleEvent: (socket, { type }) => {
    const { people, presses } = socket.context
    switch (type) {
      case 'reverse':
        return socket.assign({ people: people.toReversed() })
      case 'sort':
        return socket.assign({ people: people.toSorted((a, b) => a.name.localeCompare(b.name)) })
      case 'everyone':
        return socket.assign({ people: [...people, ...everyone.filter((person) => !people.includes(person))] })
      case 'boil':
        socket.sendUpdate(kettle, { id: 'kettle', state: 'heating up' })
        return socket.sendUpdate(kettle, { id: 'kettle', state: 'boiling' }, { delay: 700 })
      case 'more-products':
        return socket.assign({ products: Object.keys(stock) })
      case 'press':
        return socket.assign({ presses: presses + 1 })
    }
  },

  handleInfo: (socket, info) => {
    const { people, said, queries } = socket.context
    if ('said' in info) socket.assign({ said: [info.said, ...said].slice(0, 3) })
    else if ('remove' in info) socket.assign({ people: people.filter(({ id }) => id !== info.remove) })
    else socket.assign({ queries: [...queries, info.queried] })
  },

  render: ({ people, said, products, queries, presses }, { live_component }) =>
    frame(
      page,
      html`<section class="card stack" aria-labelledby="people-title">
          <h2 id="people-title">State of their own</h2>
          <p class="hint">
            Each card counts its likes and keeps your note. Move the cards: what they know goes along. A card that was removed
            and comes back is a new one.
          </p>
          <div class="row">
            <button phx-click="reverse">Reverse</button>
            <button phx-click="sort">Sort</button>
            <button phx-click="everyone" disabled=${people.length === everyone.length}>Bring everyone back</button>
            <button phx-click="like" phx-target="#people > li">Like them all</button>
          </div>
          <ul id="people" class="list" aria-label="People">
            ${each(
              people,
              (person) => person.id,
              (person) => live_component(card, person),
              [],
            )}
          </ul>
          <div role="log" aria-label="What they said">
            <ul class="hint">${said.map((line) => html`<li>${line}</li>`)}</ul>
          </div>
        </section>

        <div class="columns">
          <section class="card stack" aria-labelledby="stock-title">
            <h2 id="stock-title">One query for all of them</h2>
            <p class="hint">Each row is a component. All that a render places are updated at once, by <code>updateMany</code>.</p>
            <ul class="list" aria-label="Stock">
              ${each(
                products,
                (name) => name,
                (name) => live_component(shelf, { id: name }),
                [],
              )}
            </ul>
            <p role="status">Queries: ${queries.map((count) => `one for ${count}`).join(', ')}</p>
            <div class="row">
              <button phx-click="more-products" disabled=${products.length > 3}>Show more products</button>
            </div>
          </section>

          <section class="card stack" aria-labelledby="kettle-title">
            <h2 id="kettle-title">Updated from outside</h2>
            <p class="hint">The view sends the kettle new props with <code>sendUpdate</code>: one at once, one later.</p>
            ${live_component(kettle, { id: 'kettle' })}
            <div class="row"><button phx-click="boil">Boil water</button></div>
          </section>
        </div>

        <section class="card stack" aria-labelledby="slots-title">
          <h2 id="slots-title">Templates and functions as props</h2>
          ${live_component(disclosure, {
            id: 'disclosure',
            title: 'What is inside',
            children: html`<p class="row">
              <button class="small" phx-click="press">Press</button>
              <span>The view counted ${presses} of its own presses.</span>
            </p>`,
            row: (nth) => html`<li>${nth} × ${presses} = ${nth * presses}</li>`,
          })}
        </section>`,
    ),
})

type CardProps = Person & { readonly stars?: number }
interface Card extends Person {
  readonly likes: number
  readonly note: string
  readonly stars: number
}
type CardEvents = { type: 'like' | 'greet' | 'remove' } | { type: 'note'; note?: string }

const card: LiveComponent<CardProps> = createLiveComponent<Card, CardEvents, CardProps>({
  mount: (socket) => socket.assign({ likes: 0, note: '', stars: 0 }),

  handleEvent: (socket, event) => {
    const { id, name, likes } = socket.context
    switch (event.type) {
      case 'like':
        return socket.assign({ likes: likes + 1 })
      case 'note':
        return socket.assign({ note: event.note ?? '' })
      case 'greet':
        return socket.sendInfo({ said: `${name} says hello.` } satisfies Info)
      case 'remove':
        return socket.sendInfo({ remove: id } satisfies Info)
    }
  },

  render: ({ id, name, likes, note, stars }, { myself, live_component }) =>
    html`<li id="person-${id}">
      <strong class="grow">${name} <span class="badge">${stars} of 3</span></strong>
      ${live_component(rating, { id, name })}
      <form id="note-of-${id}" class="grow" phx-change="note" phx-submit="note" phx-target=${myself}>
        <input name="note" value="${note}" aria-label="Note on ${name}" placeholder="A note" autocomplete="off" />
      </form>
      <span class="buttons">
        <button class="small" phx-click="like" phx-target=${myself} aria-label="Like ${name}: ♥ ${likes}">♥ ${likes}</button>
        <button class="quiet small" phx-click="greet" phx-target=${myself} aria-label="Greet ${name}">Greet</button>
        <button class="quiet icon" phx-click="remove" phx-target=${myself} aria-label="Remove ${name}">✕</button>
      </span>
    </li>`,
})

/** A component in a component: it tells the one around it what was chosen. */
const rating = createLiveComponent<{ id: number; name: string; stars: number }, { type: 'rate'; stars: string }>({
  mount: (socket) => socket.assign({ stars: 0 }),

  handleEvent: (socket, event) => {
    const stars = Math.min(3, Math.max(1, Math.trunc(Number(event.stars)) || 1))
    socket.assign({ stars })
    socket.sendUpdate(card, { id: socket.context.id, stars })
  },

  render: ({ name, stars }, { myself }) => {
    const star = (nth: number): Rendered =>
      html`<button class="quiet icon" phx-click="rate" phx-value-stars="${nth}" phx-target=${myself}
        aria-pressed="${nth <= stars ? 'true' : 'false'}" aria-label="${nth} of 3 stars for ${name}">${nth <= stars ? '★' : '☆'}</button>`
    return html`<span class="buttons">${[1, 2, 3].map(star)}</span>`
  },
})

const shelf = createLiveComponent<{ name: string; pieces: number }, never, { readonly id: string }>({
  updateMany: async (updates) => {
    const pieces = await piecesOf(updates.map(({ props }) => props.id))
    for (const { socket, props } of updates) socket.assign({ name: props.id, pieces: pieces.get(props.id) ?? 0 })
    updates[0]!.socket.sendInfo({ queried: updates.length } satisfies Info)
  },

  render: ({ name, pieces }) =>
    html`<li><span class="grow">${name}</span> <span class="badge ${pieces === 0 && 'bad'}">${pieces}</span></li>`,
})

/** As a database would, it takes one query for many. */
async function piecesOf(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  await delay(20)
  return new Map(names.map((name) => [name, stock[name] ?? 0]))
}

const kettle = createLiveComponent<{ state: string }>({
  mount: (socket) => socket.assign({ state: 'cold' }),
  render: ({ state }) =>
    html`<p role="status" class="notice ${state === 'boiling' && 'warn'}">The kettle is ${state}.</p>`,
})

interface DisclosureProps {
  readonly title: string
  /** Any template, or anything else that can be printed. */
  readonly children: Rendered
  readonly row: (nth: number) => Rendered
}

const disclosure = createLiveComponent<DisclosureProps & { open: boolean }, { type: 'toggle' }, DisclosureProps>({
  mount: (socket) => socket.assign({ open: false }),
  handleEvent: (socket) => socket.assign({ open: !socket.context.open }),
  render: ({ title, children, row, open }, { myself }) =>
    html`<div class="well stack">
      <div class="row">
        <button phx-click="toggle" phx-target=${myself} aria-expanded="${open ? 'true' : 'false'}">${title}</button>
      </div>
      ${open && html`<div class="stack">${children}<ul aria-label="Table of multiples">${[1, 2, 3].map(row)}</ul></div>`}
    </div>`,
})

export const page: GalleryPage = {
  path: '/components',
  title: 'Live components',
  about:
    'Parts of a page with a state and events of their own: moved, nested, updated together, and filled with templates.',
  routes: { '/components': view },
}
