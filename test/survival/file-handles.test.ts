/** What a page is told of files that its browser may have handles of: only what is of this visitor, this user and this place. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLiveView, html, live_file_input } from 'liveloom'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readAwaited } from '../../src/protocol/file-handles.ts'
import { grantUpload } from '../support/http-upload.ts'
import { type Survival, survive } from './cases.ts'

const album = createLiveView<object, { type: string }, 'photos' | 'others'>({
  mount: (socket) => {
    void socket.allowUpload('photos', { maxEntries: 9, keep: 'visitor' })
    void socket.allowUpload('others', { maxEntries: 9 })
  },
  handleEvent: () => {},
  render: (_, { uploads }) =>
    html`<form phx-change="choose">${live_file_input(uploads.photos)} ${live_file_input(uploads.others)}</form>`,
})

const bytes = new Uint8Array(1000)
const file = { ref: '0', name: 'a "b".png', size: bytes.length, last_modified: 7 }
let user = 'anna'
let world: Survival
let folder: string

beforeEach(async () => {
  user = 'anna'
  folder = await mkdtemp(join(tmpdir(), 'file-handles-'))
  world = await survive({
    routes: { '/': album, '/two': album },
    uploads: { folder, keepFor: 5000, ownerOf: () => user },
  })
})

afterEach(async () => {
  await world.close()
  await rm(folder, { recursive: true, force: true })
})

/** What the input of an upload says of itself on a page that was just loaded, before it is connected and after. */
async function load(upload: string, cookie?: string, path = '/') {
  const { page, client } = await world.visit(path, cookie)
  const view = await client.joinView(page, { params: { _mounts: 0, liveloomHttpUploads: [] } })
  const loaded = await fetch(page.url, { headers: { cookie: page.cookie } })
  const said = { first: inputIn(await loaded.text(), upload), now: inputIn(view.html, upload) }
  await client.leave()
  return { ...said, cookie: page.cookie }
}

function inputIn(html: string, upload: string): { readonly keep?: string | undefined; readonly awaited: unknown } {
  const [tag] = [...html.matchAll(/<input[^>]+>/g)].flatMap(([input]) =>
    input.includes(`name="${upload}"`) ? [input] : [],
  )
  const attribute = (name: string): string | undefined =>
    new RegExp(` data-liveloom-${name}="([^"]*)"`).exec(tag!)?.[1]?.replaceAll('&quot;', '"')
  return { keep: attribute('keep'), awaited: readAwaited(attribute('awaited') ?? '') }
}

it('of what is kept for the visitor the page is told under which name, how long, and what it awaits', async () => {
  const upload = await grantUpload(world, file)
  await upload.patch(0, bytes.subarray(0, 500), false)
  await upload.client.leave()
  const { first, now } = await load('photos', upload.page.cookie)
  expect(first).toEqual({ awaited: [] })
  expect(now).toEqual({ keep: expect.stringMatching(/^[\w-]{22} 5000$/) as string, awaited: [[file.name, 1000, 7]] })
})

it('the name is another for each user, each visitor and each place, and stays for one', async () => {
  const { now, cookie } = await load('photos')
  const again = await load('photos', cookie)
  const elsewhere = await load('photos', cookie, '/two')
  const stranger = await load('photos')
  user = 'berta'
  const other = await load('photos', cookie)
  expect(again.now.keep).toBe(now.keep)
  expect(new Set([now, elsewhere.now, stranger.now, other.now].map(({ keep }) => keep)).size).toBe(4)
})

it('of what belongs to its page the page is told nothing', async () => {
  const { now } = await load('others')
  expect(now).toEqual({ awaited: [] })
})
