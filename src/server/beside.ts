/** The files of what is written beside templates: styles, and the scripts of hooks. */
import { allBeside, type BesideKind, markOf } from '../template/beside.ts'
import { html } from '../template/html.ts'
import type { Rendered } from '../template/rendered.ts'
import { scriptResponse, type ShippedScript } from './encoding.ts'
import type { LiveRequest, LiveResponse } from './http.ts'

const types: Readonly<Record<BesideKind, string>> = { css: 'text/css', js: 'text/javascript' }
const files = new Map<BesideKind, ShippedScript>()

function fileOf(kind: BesideKind): ShippedScript | undefined {
  const script = allBeside(kind)
  if (script === '') return undefined
  let file = files.get(kind)
  if (file?.script !== script)
    files.set(kind, (file = { script, hash: `${markOf(script)}-${script.length.toString(36)}` }))
  return file
}

/** What the head of a page has of them: before the client, which looks for hooks as soon as it runs. */
export function besideTags(clientUrl: string, nonce: string): Rendered | undefined {
  const folder = clientUrl.slice(0, clientUrl.lastIndexOf('/') + 1)
  const styles = fileOf('css')
  const hooks = fileOf('js')
  if (styles === undefined && hooks === undefined) return undefined
  const nonced = nonce === '' ? undefined : nonce
  return html`${styles && html`<link rel="stylesheet" phx-track-static nonce=${nonced} href="${folder}beside-${styles.hash}.css" />`}
  ${hooks && html`<script defer phx-track-static nonce=${nonced} src="${folder}beside-${hooks.hash}.js"></script>`}`
}

/** Whether a page that has loaded the file of that name lacks something, or has what is no more. */
export function isOtherBeside(name: string): boolean {
  return (['css', 'js'] as const).every((kind) => name !== `beside-${fileOf(kind)?.hash}.${kind}`)
}

/**
 * The file of that name; `undefined` for any other. Another process may have made the page, of as much as it had imported: the answer
 * to its name is what this one has, which no cache may keep under that name.
 */
export function besideResponse(name: string, request: LiveRequest): LiveResponse | undefined {
  const [, hash, kind] = /^beside-([a-z0-9-]{1,40})\.(css|js)$/.exec(name) ?? []
  if (kind === undefined) return undefined
  const file = fileOf(kind as BesideKind)
  if (file === undefined) return undefined
  const cache = hash === file.hash ? 'public, max-age=31536000, immutable' : 'no-cache'
  return scriptResponse(request, file, cache, types[kind as BesideKind])
}
