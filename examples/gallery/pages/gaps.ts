/** What others publish while nobody hears is lost; views are told that it may be, and read what they show anew. */
import { createLiveView, each, html, type LiveView, type Rendered } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'
import { type GalleryRedis, redis } from '../redis.ts'

interface Headline {
  readonly id: number
  readonly at: string
}

interface Row extends Headline {
  /** Whether it came as a message; else it was read. */
  readonly heard: boolean
}

interface Context {
  /** The newest first. */
  readonly rows: readonly Row[]
  readonly isCut: boolean
  readonly gaps: number
  readonly recovered: number
}

const news = 'gallery:news'
const kept = 12

/** What has been published, the newest first: the database. */
let headlines: readonly Headline[] = []

/** Publishes each second, from elsewhere, as long as somebody reads. */
function newsroom({ another }: GalleryRedis): (reader: AbortSignal) => void {
  let readers = 0
  let timer: NodeJS.Timeout | undefined
  const publish = (): void => {
    const headline = { id: (headlines[0]?.id ?? 0) + 1, at: new Date().toISOString().slice(11, 19) }
    headlines = [headline, ...headlines].slice(0, kept)
    // While Redis itself is away it is in the database none the less.
    another.publish(news, headline).catch(() => {})
  }
  return (reader) => {
    if (readers++ === 0) timer = setInterval(publish, 1000)
    reader.addEventListener('abort', () => {
      if (--readers === 0) clearInterval(timer)
    })
  }
}

function viewOf(redis: GalleryRedis): LiveView {
  const read = newsroom(redis)
  const asRead = (headline: Headline): Row => ({ ...headline, heard: false })
  return createLiveView<Context, { type: 'cut' }, never, Headline>({
    mount: async (socket) => {
      socket.pageTitle('Lost messages')
      // First: what is published while the database is read comes as a message.
      await socket.subscribe(news)
      socket.assign({ rows: headlines.map(asRead), isCut: false, gaps: 0, recovered: 0 })
      if (socket.connected) read(socket.signal)
    },

    handleInfo: (socket, headline) => {
      const { rows } = socket.context
      if (rows.some(({ id }) => id === headline.id)) return
      socket.assign({ rows: [{ ...headline, heard: true }, ...rows].slice(0, kept) })
    },

    // Which ones were lost nobody knows: all that the page shows is read again.
    handleGap: (socket) => {
      const { rows, gaps, recovered } = socket.context
      const known = new Map(rows.map((row) => [row.id, row]))
      const now = headlines.map((headline) => known.get(headline.id) ?? asRead(headline))
      const missed = now.filter(({ id }) => !known.has(id)).length
      socket.assign({ rows: now, isCut: false, gaps: gaps + 1, recovered: recovered + missed })
    },

    handleEvent: (socket) => {
      redis.cut()
      socket.assign({ isCut: true })
    },

    render: ({ rows, isCut, gaps, recovered }) =>
      frame(
        page,
        html`<section class="card stack" aria-label="The line">
            <p class="row">
              <button class="primary" phx-click="cut" disabled=${isCut}>Cut the line to Redis for 4 s</button>
              <span class="badge ${isCut ? 'bad' : 'good'}" role="status">${isCut ? 'hears nobody' : 'hears'}</span>
            </p>
            <dl class="facts">
              <div><dt>Told of gaps</dt><dd>${gaps}</dd></div>
              <div><dt>Read after a gap</dt><dd>${recovered}</dd></div>
            </dl>
            <p class="hint">
              Each second something is published by way of Redis, over a connection of its own, as another process would. Redis keeps
              nothing: what is published while this process does not hear never comes. When it hears again, <code>handleGap</code> is
              called, and the view reads from the database what it shows.
            </p>
          </section>

          <section class="card" aria-label="News">
            ${rows.length === 0 && html`<p class="empty">The first comes in a second.</p>`}
            <ol class="list" aria-label="Headlines">
              ${each(rows, ({ id }) => id, rowOf, [])}
            </ol>
          </section>`,
      ),
  })
}

function rowOf({ id, at, heard }: Row): Rendered {
  return html`<li id="headline-${id}">
    <span class="grow">Number ${id}, of ${at}</span>
    <span class="badge ${heard ? 'good' : 'warn'}">${heard ? 'heard' : 'read'}</span>
  </li>`
}

/** Without a Redis nothing can be lost between processes, since there is one alone. */
const withoutRedis = createLiveView({
  mount: (socket) => socket.pageTitle('Lost messages'),
  render: () =>
    frame(
      page,
      html`<section class="card stack" aria-label="No Redis">
        <p class="notice warn">This gallery was started without a Redis.</p>
        <p>
          <code>npm run gallery</code> brings one along where it finds <code>redis-server</code>: on Debian,
          <code>apt install redis-server</code>. Or name one of yours by the environment:
        </p>
        <pre>REDIS_URL=redis://localhost:6379</pre>
      </section>`,
    ),
})

export const page: GalleryPage = {
  path: '/gaps',
  title: 'Lost messages',
  about:
    'What other processes publish while the line to Redis is away never comes. The view is told, and reads it anew.',
  routes: { '/gaps': redis === undefined ? withoutRedis : viewOf(redis) },
}
