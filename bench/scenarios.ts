/** What is measured. Shared by the runner, which reads the server's process, and the client, which drives it. */

/** What the client does; each kind is one loop of `client.ts`. */
export type Work =
  /** So many pages, each of which pushes its next event when the last one is answered. */
  | {
      readonly kind: 'events'
      readonly path: string
      readonly event: string
      readonly clients: number
      /** How many things there are that an event may be about; each is of one of them, in turn. @default 1000 */
      readonly targets?: number
      /** The things are components: an event goes to one of them. */
      readonly toComponents?: true
    }
  /** So many pages of one topic. One publishes, and the next time when all have got it. */
  | { readonly kind: 'fan-out'; readonly path: string; readonly event: string; readonly clients: number }
  /** So many pages that send one file each, at the same time. `delayMs`: of the line, there and back. */
  | {
      readonly kind: 'upload'
      readonly clients: number
      readonly bytes: number
      readonly over?: 'http'
      readonly delayMs?: number
    }
  /** Clicks on a page that sends a file, over a line of so many bytes a second. */
  | { readonly kind: 'clicks'; readonly over: 'http' | 'channel'; readonly rate: number; readonly forMs: number }
  /** So many pages with a file of which half has come, over HTTP. */
  | { readonly kind: 'senders'; readonly clients: number }
  /** So many pages, each of another visitor, that send one file over HTTP at the same moment, and wait where they are told to. */
  | { readonly kind: 'admission'; readonly clients: number; readonly bytes: number }
  /** A page in a browser whose network goes and comes back so many times. Needs Chromium (`CHROMIUM`). */
  | { readonly kind: 'returns'; readonly times: number }
  /** Pages loaded and joined one after another, so many at once. `asks`: they show what a database was asked for. */
  | { readonly kind: 'pages'; readonly path: string; readonly clients: number; readonly asks?: true }
  /** So many pages that are loaded, and never joined. */
  | { readonly kind: 'visits'; readonly path: string; readonly visits: number }
  /** Pages that lose their lines all at once, and come back all at once. */
  | { readonly kind: 'rejoin'; readonly path: string; readonly clients: number }
  /** Pages that lost their lines, and do not come back. */
  | { readonly kind: 'parked'; readonly path: string; readonly clients: number }
  /** Pages that joined and do nothing. */
  | { readonly kind: 'idle'; readonly path: string; readonly clients: number }

export interface Scenario {
  readonly name: string
  readonly title: string
  readonly work: Work
  /** Objects that both servers hold beside; 300,000 are about 30 MB. @default 0 */
  readonly held?: number
  /** How many files our server lets be sent at once. @default all */
  readonly sending?: number
  /** There is nothing that it could be compared with. */
  readonly alone?: true
}

const MB = 1e6
/** 1 Mbit/s. */
const slowLine = 125_000

export const scenarios: readonly Scenario[] = [
  {
    name: 'counter-1',
    title: '/counter, 1 client',
    work: { kind: 'events', path: '/counter', event: 'inc', clients: 1 },
  },
  {
    name: 'counter-20',
    title: '/counter, 20 clients',
    work: { kind: 'events', path: '/counter', event: 'inc', clients: 20 },
  },
  {
    name: 'counter-500',
    title: '/counter, 500 clients',
    work: { kind: 'events', path: '/counter', event: 'inc', clients: 500 },
  },
  {
    name: 'table-1',
    title: '/table, 1 client',
    work: { kind: 'events', path: '/table', event: 'touch', clients: 1 },
  },
  {
    name: 'table-20',
    title: '/table, 20 clients',
    work: { kind: 'events', path: '/table', event: 'touch', clients: 20 },
  },
  {
    name: 'rows',
    title: '/rows, one of 10,000 changed',
    work: { kind: 'events', path: '/rows', event: 'touch', clients: 1, targets: 10_000 },
  },
  {
    name: 'components',
    title: '/components, one of 1,000 updated',
    work: { kind: 'events', path: '/components', event: 'more', clients: 1, toComponents: true },
  },
  {
    name: 'stream',
    title: '/stream, one more than 10,000',
    work: { kind: 'events', path: '/stream', event: 'append', clients: 1 },
  },
  {
    name: 'topic',
    title: '/topic, to 1,000 subscribers',
    work: { kind: 'fan-out', path: '/topic', event: 'publish', clients: 1000 },
  },
  {
    name: 'upload-1',
    title: '/upload, 1 client x 128 MB',
    work: { kind: 'upload', clients: 1, bytes: 128 * MB },
  },
  {
    name: 'upload-8',
    title: '/upload, 8 clients x 16 MB',
    work: { kind: 'upload', clients: 8, bytes: 16 * MB },
  },
  {
    name: 'upload-held-1',
    title: '/upload, 1 client x 128 MB, 30 MB held',
    work: { kind: 'upload', clients: 1, bytes: 128 * MB },
    held: 300_000,
  },
  {
    name: 'upload-held-8',
    title: '/upload, 8 clients x 16 MB, 30 MB held',
    work: { kind: 'upload', clients: 8, bytes: 16 * MB },
    held: 300_000,
  },
  ...(['http', 'channel'] as const).flatMap((over): readonly Scenario[] => {
    const way = over === 'http' ? ({ over } as const) : {}
    const sends = (clients: number, size: number, delayMs?: number): Work => ({
      kind: 'upload',
      clients,
      bytes: size * MB,
      ...way,
      ...(delayMs !== undefined && { delayMs }),
    })
    // One chunk in each round trip: less is enough to see how quick that is.
    const farMB = over === 'http' ? 256 : 32
    return [
      { name: `${over}-1`, title: `${over}, 1 client x 512 MB`, work: sends(1, 512) },
      { name: `${over}-8`, title: `${over}, 8 clients x 64 MB`, work: sends(8, 64) },
      { name: `far-${over}-20`, title: `${over}, 1 client, 20 ms away`, work: sends(1, farMB, 20) },
      { name: `far-${over}-100`, title: `${over}, 1 client, 100 ms away`, work: sends(1, farMB, 100) },
      {
        name: `clicks-${over}`,
        title: `clicks at 1 Mbit/s while ${over} sends`,
        work: { kind: 'clicks', over, rate: slowLine, forMs: 20_000 },
      },
    ]
  }),
  ...[100, 500, 0].map((sending): Scenario => ({
    name: `admission-${sending === 0 ? 'off' : sending}`,
    title: `/upload, 1,000 clients x 1 MB at once, ${sending === 0 ? 'no turns' : `${sending} in turn`}`,
    work: { kind: 'admission', clients: 1000, bytes: MB },
    alone: true,
    sending: sending === 0 ? MB : sending,
  })),
  {
    name: 'senders',
    title: 'http, 1000 that send',
    work: { kind: 'senders', clients: 1000 },
  },
  {
    name: 'returns',
    title: 'http, the network returns, Chromium',
    work: { kind: 'returns', times: 5 },
    alone: true,
  },
  {
    name: 'pages',
    title: '/counter, load and join, 8 at once',
    work: { kind: 'pages', path: '/counter', clients: 8 },
  },
  {
    name: 'islands',
    title: '/islands, load and join, 8 at once',
    work: { kind: 'pages', path: '/islands', clients: 8, asks: true },
  },
  {
    name: 'islands-once',
    title: '/islands-once, the same with adopt',
    work: { kind: 'pages', path: '/islands-once', clients: 8, asks: true },
  },
  {
    name: 'visits',
    title: '/islands, 10,000 visits without a socket',
    work: { kind: 'visits', path: '/islands', visits: 10_000 },
  },
  {
    name: 'visits-once',
    title: '/islands-once, the same with adopt',
    work: { kind: 'visits', path: '/islands-once', visits: 10_000 },
  },
  {
    name: 'rejoin-fresh',
    title: '/brief, 1000 lost, mounted anew',
    work: { kind: 'rejoin', path: '/brief', clients: 1000 },
  },
  {
    name: 'rejoin-resumed',
    title: '/counter, 1000 lost, that go on',
    work: { kind: 'rejoin', path: '/counter', clients: 1000 },
  },
  {
    name: 'parked',
    title: '/counter, 1000 parked',
    work: { kind: 'parked', path: '/counter', clients: 1000 },
  },
  {
    name: 'idle',
    title: '/counter, 1000 idle',
    work: { kind: 'idle', path: '/counter', clients: 1000 },
  },
  {
    name: 'idle-2000',
    title: '/counter, 2000 idle',
    work: { kind: 'idle', path: '/counter', clients: 2000 },
  },
]

/** What the runner tells the client to do. */
export interface Job {
  readonly url: string
  readonly work: Work
  /** How long to go on, for work that has no end of its own. */
  readonly ms: number
}

/** What the client tells the runner; it answers `go` with `Done`, and the end of its input with its own end. */
export type ClientMessage = { readonly kind: 'ready' } | ({ readonly kind: 'done' } & Outcome)

/** Work that is prepared: what is timed, and what comes after. */
export interface Prepared {
  run(): Promise<Outcome>
  finish(): Promise<void> | void
}

export interface Outcome {
  readonly seconds: number
  /** Events answered, pages joined, or bytes sent. */
  readonly count: number
  /** Of the time from an event to its answer, or from the network's return to the first byte. */
  readonly p50Ms?: number | undefined
  readonly p99Ms?: number | undefined
  /** How many were told anything but to wait. */
  readonly refused?: number | undefined
  /** Bytes of the frames that came back for each event. */
  readonly bytesPerEvent?: number | undefined
}
