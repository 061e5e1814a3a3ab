/** What of a server lies in its own folder, `/live`, beside the pages: which of it a request is for, and how it is written. */
import { downloadsFolder } from '../protocol/downloads.ts'
import { uploadsFolder } from '../protocol/http-uploads.ts'
import { pollPath } from './long-poll.ts'
import type { ServerSettings } from './options.ts'

interface OwnPath {
  readonly kind: 'poll' | 'upload' | 'download' | 'file'
  readonly rest: string
}

const folders = [
  ['upload', `/${uploadsFolder}/`],
  ['download', `/${downloadsFolder}/`],
] as const

export class OwnPaths {
  readonly #folder: string
  readonly #basePath: string

  constructor({ path, basePath }: Pick<ServerSettings, 'path' | 'basePath'>) {
    this.#folder = path
    this.#basePath = basePath
  }

  // Of requests as they come: with the prefix, or without it, as a proxy may hand them on.

  /** Whether an upgrade request of that path is for the server to decide. `by`: only as the browser has the address, or only without the prefix. */
  isSocket(path: string, by?: 'address' | 'proxy'): boolean {
    const inside = `${this.#folder}/websocket`
    const address = this.#basePath + inside
    return (by !== 'proxy' && path === address) || (by !== 'address' && path === inside)
  }

  /** Whether a request is one of an upload, whose body may take long. */
  isUpload(path: string): boolean {
    return this.#kindOf(path) === 'upload'
  }

  /** Whether a request is a poll, which is answered when there is something to tell, or after a while. */
  isPoll(path: string): boolean {
    return this.#kindOf(path) === 'poll'
  }

  #kindOf(path: string): OwnPath['kind'] | undefined {
    const hasPrefix = path.startsWith(`${this.#basePath}${this.#folder}/`)
    return this.read(hasPrefix ? path.slice(this.#basePath.length) : path)?.kind
  }

  // Without the prefix.

  /** What a path is for, and the rest of it; `undefined` for what lies outside of the folder. */
  read(path: string): OwnPath | undefined {
    if (!path.startsWith(`${this.#folder}/`)) return undefined
    const inside = path.slice(this.#folder.length)
    if (inside === pollPath) return { kind: 'poll', rest: '' }
    for (const [kind, folder] of folders) {
      if (inside.startsWith(folder)) return { kind, rest: inside.slice(folder.length) }
    }
    return { kind: 'file', rest: inside }
  }

  // As the browser is told.

  upload(id: string): string {
    return `${this.#basePath}${this.#folder}/${uploadsFolder}/${id}`
  }

  download(token: string): string {
    return `${this.#basePath}${this.#folder}/${downloadsFolder}/${token}`
  }
}
