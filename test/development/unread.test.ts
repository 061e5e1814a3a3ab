/**
 * What a page can send that nobody can read, row by row: by the official client's own code, by hooks and scripts that use it, by older
 * versions of it, or by somebody who means harm. Nothing is dropped without a word: each is answered, or is an error on the page, or ends
 * the connection; and in development `onError` is told what it was. In production the answers are the same, and nobody is told.
 */
import { describe, expect, it } from 'vitest'
import { createLiveComponent } from '../../src/live/component.ts'
import { createLiveView } from '../../src/live/view.ts'
import { html } from '../../src/template/html.ts'
import { live_file_input } from '../../src/upload/tags.ts'
import { encodeBinary } from '../support/raw-client.ts'
import { World } from './world.ts'

/** What was called, and what the page has of its files. */
let handled: unknown[] = []

const upload = createLiveComponent({
  mount: (socket) => void socket.allowUpload('inner'),
  render: (_, { uploads }) => html`<form id="inner" phx-change="v">${live_file_input(uploads['inner'])}</form>`,
})

const view = createLiveView({
  mount: (socket) => void socket.allowUpload('files', { maxEntries: 9 }),
  handleEvent: (_, event) => void handled.push(event),
  render: (_, { uploads: { files }, live_component }) =>
    html`<form id="f" phx-change="v">${live_file_input(files)}</form>
      <p>${files!.entries.map(({ clientName, errors }) => `[${clientName}: ${errors.map(({ code }) => code).join()}]`)}</p>
      ${live_component(upload, { id: 1 })}`,
})

async function joined(development: boolean): Promise<{ readonly world: World; ref(name: string): string }> {
  handled = []
  const world = new World({ routes: { '/': view } }, development)
  await world.join()
  const tree = world.sent.join()
  const refs = [...tree.matchAll(/phx-[\w-]{8}(?=")/g)].map(([ref]) => ref)
  const ref = (name: string): string => refs[name === 'files' ? 0 : refs.findIndex((other) => other !== refs[0])]!
  return { world, ref }
}

interface Row {
  /** What cannot be read, and who may send it. */
  readonly what: string
  readonly send: (world: World, ref: (name: string) => string) => Promise<readonly string[]>
  /** What comes of it. */
  readonly answer: string | RegExp
  /** What the developer is told; `undefined` where nothing is wrong that they could mend. */
  readonly told: string | undefined
  /** Whether the handler of the view is called all the same. */
  readonly handled?: true
}

const unknown = '{"status":"error","response":{"reason":"unknown message"}}'
const refused = (reason: string): string => `{"status":"error","response":{"reason":"${reason}"}}`
const nothing = '{"status":"ok","response":{}}'
const good = { ref: '0', name: 'a.txt', relative_path: '', size: 1, type: 'text/plain', last_modified: 1 }
const event = (fields: object) => (world: World) =>
  world.push('event', { type: 'hook', event: 'e', value: {}, ...fields })
const choose =
  (...files: readonly unknown[]) =>
  (world: World, ref: (name: string) => string) =>
    world.push('event', { type: 'form', event: 'v', value: '', uploads: { [ref('files')]: files } })
const preflight =
  (entries: unknown, more: object = {}) =>
  (world: World, ref: (name: string) => string) =>
    world.push('allow_upload', { ref: ref('files'), entries, ...more })
const progress = (fields: object) => (world: World, ref: (name: string) => string) =>
  world.push('progress', { ref: ref('files'), entry_ref: '0', progress: 5, ...fields })
const frame = (text: string | Uint8Array) => (world: World) => world.frame(text)

const ofEvent = "the page sent 'event', which was refused: an event needs a name that is text"
const malformed = 'a page sent a frame that is none of the protocol'
const ofProgress = "the page sent 'progress', which was refused"
const ofUpload = "the page sent 'allow_upload', which was refused"

const table: readonly Row[] = [
  // Frames: `decodeText`, `decodeBinary`.
  { what: 'text that is no JSON', send: frame('hello'), answer: 'closed 1007 malformed frame', told: malformed },
  {
    what: 'the frame of an older serializer',
    send: frame('{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}'),
    answer: 'closed 1007 malformed frame',
    told: malformed,
  },
  {
    what: 'a topic that is too long',
    send: frame(JSON.stringify([null, '1', `lv:${'x'.repeat(300)}`, 'event', {}])),
    answer: 'closed 1007 malformed frame',
    told: malformed,
  },
  {
    what: 'a binary frame of another kind',
    send: frame(Uint8Array.of(9, 0, 0, 0, 0)),
    answer: 'closed 1007 malformed frame',
    told: malformed,
  },
  {
    what: 'bytes where JSON is due',
    send: (world) => world.frame(encodeBinary(['1', '2', 'phoenix', 'phx_join'], Buffer.from('x'))),
    answer: refused('unmatched topic'),
    told: "the page joined the topic 'phoenix', which was refused",
  },
  {
    what: 'a channel of the application’s own (socket.channel)',
    send: (world) => world.push('phx_join', {}, 'room:1'),
    answer: refused('unmatched topic'),
    told: "the page joined the topic 'room:1', which was refused: the socket has views (lv:) and uploads (lvu:) alone",
  },
  // Joins: `readJoin`.
  {
    what: 'a join without its tokens: an element that a script has made',
    send: (world) => world.push('phx_join', { url: 'http://localhost/' }, 'lv:phx-none'),
    answer: refused('invalid join'),
    told: "the page sent 'phx_join', which was refused: a view is joined with the tokens of its element",
  },
  {
    what: 'an upload’s join without its token',
    send: (world) => world.push('phx_join', {}, 'lvu:0'),
    answer: refused('invalid_token'),
    told: undefined,
  },
  // Events: `readEvent`.
  { what: 'pushEvent(undefined)', send: event({ event: undefined }), answer: unknown, told: ofEvent },
  { what: 'pushEvent(5)', send: event({ event: 5 }), answer: unknown, told: `${ofEvent}, as pushEvent and js().push` },
  { what: 'js().push(element, { … })', send: event({ type: null, event: {} }), answer: unknown, told: ofEvent },
  { what: 'a form that is no text', send: event({ type: 'form', value: {} }), answer: unknown, told: ofEvent },
  { what: 'a component that is no number', send: event({ cid: '1' }), answer: unknown, told: ofEvent },
  { what: 'an event that is a list', send: (world) => world.push('event', []), answer: unknown, told: ofEvent },
  {
    what: 'a type that is no text',
    send: event({ type: 5 }),
    answer: nothing,
    told: "of 'e', which the page sent, its type could not be read",
    handled: true,
  },
  {
    what: 'meta and uploads that are none',
    send: event({ meta: 5, uploads: [] }),
    answer: nothing,
    told: "of 'e', which the page sent, its meta and its uploads could not be read",
    handled: true,
  },
  {
    what: 'no meta, as old clients',
    send: event({ meta: null, cid: null }),
    answer: nothing,
    told: undefined,
    handled: true,
  },
  {
    what: 'a name that is ours: pushEvent("lv:mine")',
    send: event({ event: 'lv:mine' }),
    answer: nothing,
    told: "the event 'lv:mine' reaches no handler: names that begin with 'lv:' belong to the framework",
  },
  {
    what: 'our client’s word of a failed file, in a shape of its own',
    send: event({ event: 'lv:file-failed', value: { ref: 1 } }),
    answer: nothing,
    told: "of 'lv:file-failed', which the page sent, the whole could not be read",
  },
  {
    what: 'the same of a reset',
    send: event({ event: 'lv:files-reset', value: 5 }),
    answer: nothing,
    told: "of 'lv:files-reset', which the page sent, the whole could not be read",
  },
  // Files, as they are chosen: `readUploads`, `readFile`.
  {
    what: 'a Blob of a hook: upload("files", [blob])',
    send: choose({ ref: '0', name: '0', size: 1, type: 'audio/webm' }),
    answer: '[blob.webm: ]',
    told: undefined,
    handled: true,
  },
  {
    what: 'a File that is called as its ref is',
    send: choose({ ...good, name: '0' }),
    answer: '[0: ]',
    told: undefined,
    handled: true,
  },
  {
    what: 'a size that is none',
    send: choose({ ...good, size: 1.5 }, { ...good, ref: '1', size: null }),
    answer: /\[a\.txt: upload_failed\].*\[a\.txt: upload_failed\]/,
    told: undefined,
    handled: true,
  },
  {
    what: 'a ref that cannot stand in a list, beside a good file',
    send: choose({ ...good, ref: 'a,b' }, good),
    answer: '[a.txt: ]',
    told: "of the files that the page has for the upload 'files', a file without a ref could not be read",
    handled: true,
  },
  {
    what: 'a file that is none',
    send: choose(null, good),
    answer: '[a.txt: ]',
    told: "of the files that the page has for the upload 'files', a file that is not described could not be read",
    handled: true,
  },
  {
    what: 'a meta of a script’s that is too much',
    send: choose({ ...good, meta: 'x'.repeat(40_000) }),
    answer: '[a.txt: ]',
    told: "of the files that the page has for the upload 'files', the meta of a file, which weighs more than 16 KiB could not be read",
    handled: true,
  },
  {
    what: 'files that are no list',
    send: (world, ref) => world.push('event', { type: 'form', event: 'v', value: '', uploads: { [ref('files')]: {} } }),
    answer: /"status":"ok"/,
    told: "of the files that the page has for the upload 'files', what is no list of files could not be read",
    handled: true,
  },
  {
    what: 'an input of a component, whose form lacks phx-target',
    send: (world, ref) =>
      world.push('event', { type: 'form', event: 'v', value: '', uploads: { [ref('inner')]: [good] } }),
    answer: /"status":"ok"/,
    told: 'files were chosen for an input whose upload the receiver of the event does not have',
    handled: true,
  },
  // Files, as they ask to be sent: `readPreflight`.
  {
    what: 'the preflight of an input that was cleared, and has no ref',
    send: (world) => world.push('allow_upload', { ref: null, entries: [good] }),
    answer: unknown,
    told: `${ofUpload}: files need the ref of their input`,
  },
  { what: 'no list of files', send: preflight({ 0: good }), answer: unknown, told: ofUpload },
  { what: 'a component that is no number', send: preflight([good], { cid: 'x' }), answer: unknown, told: ofUpload },
  {
    what: 'an input that is not known',
    send: (world) => world.push('allow_upload', { ref: 'phx-none', entries: [good] }),
    answer: '"error":[["phx-none","disallowed"],["0","disallowed"]]',
    told: 'files were chosen for an input whose upload the receiver of the event does not have',
  },
  {
    what: 'a Blob, asked for alone',
    send: preflight([{ ref: '0', size: 1, type: 'image/png' }]),
    answer: '"entries":{"0":"',
    told: undefined,
  },
  {
    what: 'a size that is none',
    send: preflight([{ ...good, size: 'many' }]),
    answer: /"error":\[\["0","upload_failed"\]\]/,
    told: undefined,
  },
  {
    what: 'a file without a ref, beside a good one',
    send: preflight([{ ...good, ref: 7 }, good]),
    answer: '"entries":{"0":"',
    told: "of 'allow_upload', which the page sent, a file without a ref could not be read",
  },
  // Progress: `readProgress`.
  { what: 'an uploader’s progress(NaN)', send: progress({ progress: null }), answer: unknown, told: ofProgress },
  { what: 'more than all', send: progress({ progress: 101 }), answer: unknown, told: ofProgress },
  { what: 'no entry', send: progress({ entry_ref: 0 }), answer: unknown, told: ofProgress },
  { what: 'an entry that has left', send: progress({ entry_ref: '77' }), answer: nothing, told: undefined },
  // The rest: `readCids`, `live_patch`, and what there is not.
  {
    what: 'components that are no numbers',
    send: (world) => world.push('cids_will_destroy', { cids: ['1'] }),
    answer: unknown,
    told: "the page sent 'cids_will_destroy', which was refused",
  },
  {
    what: 'components that are no list',
    send: (world) => world.push('cids_destroyed', { cids: 1 }),
    answer: unknown,
    told: "the page sent 'cids_destroyed', which was refused",
  },
  {
    what: 'a patch to another scheme',
    send: (world) => world.push('live_patch', { url: 'file:///a' }),
    answer: unknown,
    told: "the page sent 'live_patch', which was refused: a patch needs an http(s) address",
  },
  {
    what: 'a push of a client that is newer than the server',
    send: (world) => world.push('teleport', {}),
    answer: unknown,
    told: "the page sent 'teleport', which was refused: the pushes of a page are ",
  },
]

describe.each([true, false])('in development: %s', (development) => {
  it.each(table)('$what', async ({ send, answer, told, handled: called }) => {
    const { world, ref } = await joined(development)
    const came = (await send(world, ref)).join('\n').replaceAll('\\"', '"')
    if (typeof answer === 'string') expect(came).toContain(answer)
    else expect(came).toMatch(answer)
    expect(handled).toHaveLength(called === true ? 1 : 0)
    if (told === undefined || !development) return expect(world.messages).toEqual([])
    expect(world.reported).toHaveLength(1)
    expect(world.messages[0]).toContain(told)
    expect(world.reported[0]!.context.stage).toBe('development')
  })
})

it('an error that says nothing fails its entry all the same', async () => {
  const { world, ref } = await joined(false)
  await choose(good)(world, ref)
  await preflight([good])(world, ref)
  // An uploader's `entry.error(fn)`: JSON cannot say it.
  expect((await progress({ progress: {} })(world, ref)).join()).toContain('[a.txt: upload_failed]')
})

it('what is told writes no lines of its own to a terminal', async () => {
  const { world } = await joined(true)
  await world.push('event', { event: 5, 'a\u001b[2Jb': 'c\nd' })
  expect(world.messages[0]).not.toMatch(/\p{Cc}/u)
})

it('the same mistake is told once', async () => {
  const { world } = await joined(true)
  for (let times = 0; times < 3; times++) await world.push('event', { event: 5 })
  expect(world.messages).toHaveLength(1)
})
