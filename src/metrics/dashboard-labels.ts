/** What the dashboard says: in English, and the application's words over it, by language. */
import { describe, type LiveError } from '../errors.ts'
import { canonicalLang, widerOf } from '../texts/lang.ts'
import { type Say, sayIn } from '../texts/say.ts'
import type { Text } from '../texts/words.ts'

/** Labels that need no data. */
type None = Readonly<Record<never, never>>

/** What stands on the dashboard, by name: a text, or what makes one. Sizes and rates come as they are printed. */
export interface DashboardLabels {
  readonly title: Text<None>
  readonly process: Text<None>
  readonly uptime: Text<None>
  readonly cpu: Text<None>
  readonly ofACore: Text<{ readonly percent: number }>
  readonly memory: Text<None>
  readonly heap: Text<None>
  readonly heapOf: Text<{ readonly used: string; readonly all: string }>
  readonly delayP99: Text<None>
  readonly delayLongest: Text<None>
  readonly days: Text<{ readonly days: number }>
  readonly traffic: Text<None>
  readonly sockets: Text<None>
  readonly socketsPolling: Text<{ readonly sockets: number; readonly longPolls: number }>
  readonly events: Text<None>
  readonly messages: Text<None>
  readonly sent: Text<None>
  readonly perSecond: Text<{ readonly amount: string }>
  readonly waitP99: Text<None>
  readonly failures: Text<None>
  readonly views: Text<None>
  readonly viewsNote: Text<{ readonly sample: number }>
  readonly byRoute: Text<None>
  readonly view: Text<None>
  readonly live: Text<None>
  readonly parked: Text<None>
  readonly waiting: Text<None>
  readonly viewWaitP99: Text<None>
  readonly handlingP99: Text<None>
  readonly viewSent: Text<None>
  readonly contexts: Text<None>
  readonly between: Text<None>
  readonly betweenNote: Text<None>
  readonly reached: Text<None>
  readonly lagP50: Text<None>
  readonly lagP99: Text<None>
  readonly gaps: Text<None>
  readonly queued: Text<None>
  readonly dropped: Text<None>
  readonly files: Text<None>
  readonly uploads: Text<None>
  readonly uploadsWaiting: Text<None>
  readonly comingIn: Text<None>
  readonly stillToCome: Text<None>
  readonly comeSoFar: Text<None>
  readonly comeElsewhere: Text<{ readonly come: string; readonly elsewhere: string }>
  readonly downloads: Text<None>
  readonly filesSent: Text<None>
  readonly held: Text<None>
  readonly parkedPages: Text<None>
  readonly adoptable: Text<None>
  readonly requests: Text<None>
  readonly heldBytes: Text<None>
  readonly finishing: Text<None>
  readonly ready: Text<None>
  readonly yes: Text<None>
  readonly no: Text<None>
}

const english: DashboardLabels = {
  title: 'Dashboard',
  process: 'Process',
  uptime: 'Uptime',
  cpu: 'CPU',
  ofACore: ({ percent }) => `${percent} % of a core`,
  memory: 'Memory',
  heap: 'Heap',
  heapOf: ({ used, all }) => `${used} of ${all}`,
  delayP99: 'Event loop delay, p99',
  delayLongest: 'Event loop delay, longest',
  days: ({ days }) => `${days} days`,
  traffic: 'Traffic',
  sockets: 'Sockets',
  socketsPolling: ({ sockets, longPolls }) => `${sockets}, ${longPolls} by polling`,
  events: 'Events',
  messages: 'Messages of views',
  sent: 'Sent to pages',
  perSecond: ({ amount }) => `${amount} a second`,
  waitP99: 'Wait in mailboxes, p99',
  failures: 'Failures',
  views: 'Views',
  viewsNote: ({ sample }) =>
    `Contexts are an estimate, out of ${sample} views of each route. Of the last minute, 99% waited and took no longer than p99.`,
  byRoute: 'By route',
  view: 'View',
  live: 'Live',
  parked: 'Parked',
  waiting: 'Waiting',
  viewWaitP99: 'Wait p99',
  handlingP99: 'Handling p99',
  viewSent: 'Sent',
  contexts: 'Contexts, about',
  between: 'Between processes',
  betweenNote:
    'Lag is what a message takes from publish to delivery, of the last minute: each process measures it by one of its own.',
  reached: 'Reached',
  lagP50: 'Lag p50',
  lagP99: 'Lag p99',
  gaps: 'Gaps told',
  queued: 'Waited',
  dropped: 'Dropped',
  files: 'Files',
  uploads: 'Uploads under way',
  uploadsWaiting: 'Uploads that wait',
  comingIn: 'Coming in',
  stillToCome: 'Still to come',
  comeSoFar: 'Come so far',
  comeElsewhere: ({ come, elsewhere }) => `${come}, and ${elsewhere} to buckets`,
  downloads: 'Downloads under way',
  filesSent: 'Files that are being sent',
  held: 'Held',
  parkedPages: 'Parked pages',
  adoptable: 'Pages to adopt',
  requests: 'Requests',
  heldBytes: 'Bytes that wait',
  finishing: 'Still finishing',
  ready: 'Takes visitors',
  yes: 'yes',
  no: 'no',
}

/** The same, ready to be said. */
export type SaidLabels = {
  readonly [Name in keyof DashboardLabels]: DashboardLabels[Name] extends Text<infer Data>
    ? None extends Data
      ? () => string
      : (data: Data) => string
    : never
}

/** Checks what was given, by language. `fail` says whose option it was. */
export function resolveLabels(
  given: Readonly<Record<string, Partial<DashboardLabels>>>,
  fail: (message: string) => LiveError,
): (lang: string) => SaidLabels {
  if (typeof given !== 'object' || given === null)
    throw fail(`labels must be an object by language, got ${describe(given)}`)
  const own = new Map<string, Readonly<Record<string, unknown>>>()
  for (const [lang, labels] of Object.entries(given)) {
    const known = canonicalLang(lang)
    if (known === undefined) throw fail(`labels: expected languages such as 'de' or 'pt-BR', got ${describe(lang)}`)
    checkLabels(`labels.${lang}`, labels, fail)
    own.set(known, labels)
  }
  const said = (lang: string): SaidLabels => {
    const all = new Map(Object.entries(english).map(([name, text]) => [name, toSaid(text, sayIn('en'))]))
    for (const wider of widerOf(lang)) {
      for (const [name, text] of Object.entries(own.get(wider) ?? {})) {
        if (text !== undefined) all.set(name, toSaid(text, sayIn(lang)))
      }
    }
    // Every name of `english` is in it.
    return Object.fromEntries(all) as unknown as SaidLabels
  }
  // Languages may come from requests: only the last one is kept.
  let last: { readonly lang: string; readonly said: SaidLabels } | undefined
  return (lang) => (last?.lang === lang ? last : (last = { lang, said: said(lang) })).said
}

function toSaid(text: unknown, say: Say): (data: never) => string {
  return typeof text === 'function'
    ? (data) => (text as (data: never, say: Say) => string)(data, say)
    : () => text as string
}

function checkLabels(where: string, labels: unknown, fail: (message: string) => LiveError): void {
  if (typeof labels !== 'object' || labels === null) throw fail(`${where} must be an object, got ${describe(labels)}`)
  for (const [name, text] of Object.entries(labels) as [string, unknown][]) {
    if (!Object.hasOwn(english, name)) {
      throw fail(`unknown label '${name}' in ${where}; known are ${Object.keys(english).join(', ')}`)
    }
    if (text === undefined || typeof text === 'string' || typeof text === 'function') continue
    throw fail(`${where}.${name} must be a text, or a function that makes one, got ${describe(text)}`)
  }
}
