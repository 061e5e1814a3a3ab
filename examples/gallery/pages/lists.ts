import { createLiveView, each, html, type Rendered } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Town {
  readonly id: number
  readonly name: string
}

interface Team {
  readonly id: string
  readonly members: readonly string[]
}

interface Rows {
  readonly towns: readonly Town[]
  readonly filter: string
  readonly seed: number
  readonly teams: readonly Team[]
}

type RowEvents =
  | { type: 'add' | 'reverse' | 'sort' | 'shuffle' | 'swap-teams' }
  | { type: 'filter'; filter?: string }
  | { type: 'up' | 'down' | 'remove'; id?: string }
  | { type: 'transfer'; member?: string }

const names = [
  'Lisbon',
  'Oslo',
  'Kyoto',
  'Accra',
  'Quito',
  'Perth',
  'Turin',
  'Dakar',
  'Hanoi',
  'Izmir',
  'Leeds',
  'Natal',
]
const firstTowns: readonly Town[] = names.slice(0, 5).map((name, at) => ({ id: at + 1, name }))
const firstTeams: readonly Team[] = [
  { id: 'Red', members: ['Ada', 'Ben', 'Cleo'] },
  { id: 'Blue', members: ['Dora', 'Emil'] },
]

const rows = createLiveView<Rows, RowEvents>({
  mount: (socket) => {
    socket.pageTitle('Keyed lists')
    socket.assign({ towns: firstTowns, filter: '', seed: 1, teams: firstTeams })
  },

  handleEvent: (socket, event) => {
    const { towns, seed, teams } = socket.context
    switch (event.type) {
      case 'add': {
        const id = Math.max(0, ...towns.map((town) => town.id)) + 1
        socket.assign({ towns: [...towns, { id, name: names[(id - 1) % names.length]! }] })
        break
      }
      case 'reverse':
        socket.assign({ towns: towns.toReversed() })
        break
      case 'sort':
        socket.assign({ towns: towns.toSorted((a, b) => a.name.localeCompare(b.name)) })
        break
      case 'shuffle':
        socket.assign({ towns: shuffled(towns, seed), seed: seed + 1 })
        break
      case 'up':
      case 'down':
        socket.assign({ towns: moved(towns, Number(event.id), event.type === 'up' ? -1 : 1) })
        break
      case 'remove':
        socket.assign({ towns: towns.filter(({ id }) => id !== Number(event.id)) })
        break
      case 'filter':
        socket.assign({ filter: event.filter ?? '' })
        break
      case 'swap-teams':
        socket.assign({ teams: teams.toReversed() })
        break
      case 'transfer':
        if (event.member !== undefined) socket.assign({ teams: transferred(teams, event.member) })
        break
    }
  },

  render: ({ towns, filter, teams }) => {
    const wanted = filter.trim().toLowerCase()
    const shown = towns.filter(({ name }) => name.toLowerCase().includes(wanted))
    return frame(
      page,
      html`${tabs('/lists')}
        <section class="card stack" aria-labelledby="towns-title">
          <h2 id="towns-title">Rows that move</h2>
          <p class="hint">Write a note into a row, then move the rows: the note goes along, since the row is the same one.</p>
          <div class="row">
            <button class="primary" phx-click="add">Add a town</button>
            <button phx-click="reverse">Reverse</button>
            <button phx-click="sort">Sort</button>
            <button phx-click="shuffle">Shuffle</button>
          </div>
          <form id="filter-form" class="field" phx-change="filter" phx-submit="filter">
            <label for="filter">Filter</label>
            <input id="filter" name="filter" type="search" value="${filter}" autocomplete="off" placeholder="All towns" />
          </form>
          <ul class="list" aria-label="Towns">
            ${each(shown, (town) => town.id, townRow, [])}
          </ul>
          <p class="hint" role="status">${shown.length} of ${towns.length} towns</p>
        </section>

        <section class="card stack" aria-labelledby="teams-title">
          <h2 id="teams-title">Lists in a list</h2>
          <div class="row"><button phx-click="swap-teams">Swap the teams</button></div>
          <div class="columns">${each(teams, (team) => team.id, teamList, [])}</div>
        </section>`,
    )
  },
})

/** The `id` tells the client that a moved row is the same element; `ignore` leaves to the visitor what is in the field. */
function townRow({ id, name }: Town): Rendered {
  return html`<li id="town-${id}">
    <strong class="grow">${name}</strong>
    <input id="note-${id}" aria-label="Note on ${name}" placeholder="A note" autocomplete="off" phx-update="ignore" />
    <span class="buttons">
      <button class="quiet icon" phx-click="up" phx-value-id="${id}" aria-label="Move ${name} up">↑</button>
      <button class="quiet icon" phx-click="down" phx-value-id="${id}" aria-label="Move ${name} down">↓</button>
      <button class="quiet icon" phx-click="remove" phx-value-id="${id}" aria-label="Remove ${name}">✕</button>
    </span>
  </li>`
}

function teamList({ id, members }: Team): Rendered {
  return html`<section id="team-${id}" class="well" aria-label="${id}">
    <h3>${id} <span class="badge">${members.length}</span></h3>
    <ul class="list" aria-label="${id} team">
      ${each(members, (member) => member, memberRow, [])}
    </ul>
  </section>`
}

function memberRow(member: string): Rendered {
  return html`<li>
    <span class="grow">${member}</span>
    <button class="quiet small" phx-click="transfer" phx-value-member="${member}" aria-label="Transfer ${member}">Transfer</button>
  </li>`
}

/** The same order for the same seed. */
function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  const result = [...items]
  let state = seed
  for (let last = result.length - 1; last > 0; last--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const other = Math.floor((state / 2 ** 32) * (last + 1))
    ;[result[last], result[other]] = [result[other]!, result[last]!]
  }
  return result
}

function moved(towns: readonly Town[], id: number, by: 1 | -1): readonly Town[] {
  const from = towns.findIndex((town) => town.id === id)
  const to = from + by
  if (from < 0 || to < 0 || to >= towns.length) return towns
  const result = [...towns]
  ;[result[from], result[to]] = [result[to]!, result[from]!]
  return result
}

function transferred(teams: readonly Team[], member: string): readonly Team[] {
  if (!teams.some(({ members }) => members.includes(member))) return teams
  return teams.map(({ id, members }) =>
    members.includes(member)
      ? { id, members: members.filter((other) => other !== member) }
      : { id, members: [...members, member] },
  )
}

interface Entry {
  readonly id: number
  readonly value: number
}

interface Large {
  readonly entries: readonly Entry[]
  /** Counts the clicks. Each row prints it, without naming it as a dependency: that shows when the row was rendered. */
  readonly click: number
  readonly onlyChanged: boolean
}

type LargeEvents =
  | { type: 'change'; id?: string }
  | { type: 'insert' | 'swap' | 'reverse' }
  | { type: 'option'; only_changed?: string }

const large = createLiveView<Large, LargeEvents>({
  mount: (socket) => {
    socket.pageTitle('1,000 rows')
    const entries = Array.from({ length: 1000 }, (_, at) => ({ id: at + 1, value: 0 }))
    socket.assign({ entries, click: 0, onlyChanged: true })
  },

  handleEvent: (socket, event) => {
    const { entries } = socket.context
    const click = socket.context.click + 1
    switch (event.type) {
      case 'change': {
        const id = Number(event.id)
        const change = (entry: Entry): Entry => (entry.id === id ? { id, value: entry.value + 1 } : entry)
        socket.assign({ entries: entries.map(change), click })
        break
      }
      case 'insert':
        socket.assign({
          entries: entries.toSpliced(entries.length / 2, 0, { id: entries.length + 1, value: 0 }),
          click,
        })
        break
      case 'swap':
        socket.assign({ entries: [entries.at(-1)!, ...entries.slice(1, -1), entries[0]!], click })
        break
      case 'reverse':
        socket.assign({ entries: entries.toReversed(), click })
        break
      case 'option':
        socket.assign({ onlyChanged: event.only_changed !== undefined })
        break
    }
  },

  render: ({ entries, click, onlyChanged }) => {
    const row = ({ id, value }: Entry): Rendered =>
      html`<tr id="entry-${id}">
      <td>${id}</td>
      <td class="number">${value}</td>
      <td class="number">${click}</td>
      <td class="number"><button class="small" phx-click="change" phx-value-id="${id}" aria-label="Change row ${id}">Change</button></td>
    </tr>`
    return frame(
      page,
      html`${tabs('/lists/large')}
      <section class="card stack" aria-labelledby="large-title">
        <h2 id="large-title">A long list</h2>
        <p class="hint">
          “Rendered at” is the click at which the server rendered the row. With a dependency list a click renders the rows
          that changed; without one it renders all of them, and sends what they print anew.
        </p>
        <div class="row">
          <button phx-click="insert">Insert in the middle</button>
          <button phx-click="swap">Swap first and last</button>
          <button phx-click="reverse">Reverse</button>
        </div>
        <form id="option-form" phx-change="option">
          <label class="check">
            <input type="checkbox" name="only_changed" checked=${onlyChanged} /> With a dependency list
          </label>
        </form>
        <p role="status">Click <strong>${click}</strong>, ${entries.length.toLocaleString('en')} rows</p>
        <div class="scroll" tabindex="0" role="region" aria-label="Rows">
          <table>
            <thead>
              <tr>
                <th scope="col">Row</th>
                <th scope="col" class="number">Value</th>
                <th scope="col" class="number">Rendered at</th>
                <th scope="col"><span class="unseen">Change</span></th>
              </tr>
            </thead>
            <tbody>
              ${each(entries, (entry) => entry.id, row, onlyChanged ? [] : undefined)}
            </tbody>
          </table>
        </div>
      </section>`,
    )
  },
})

function tabs(current: string): Rendered {
  const tab = (path: string, title: string): Rendered =>
    html`<a href="${path}" aria-current=${path === current && 'page'}>${title}</a>`
  return html`<nav class="tabs" aria-label="Kinds of lists">${tab('/lists', 'Moving rows')}${tab('/lists/large', '1,000 rows')}</nav>`
}

export const page: GalleryPage = {
  path: '/lists',
  title: 'Keyed lists',
  about: 'Rows that have a key move, come and go one by one: the page keeps their elements, and only changes travel.',
  routes: {
    '/lists': rows,
    '/lists/large': large,
  },
}
