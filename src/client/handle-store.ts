/**
 * The browser's handles of files that were chosen, kept in IndexedDB for the page after this one. Nothing here fails: where there is no
 * database, or it is broken, nothing is kept.
 */

/** What of the File System Access API is used: not every browser has it. */
export interface FileHandle {
  readonly kind: 'file'
  getFile(): Promise<File>
  /** Whether the page may read it now; `prompt` when it has to ask. */
  queryPermission(how: { readonly mode: 'read' }): Promise<PermissionState>
  /** Asks the user, who has to have done something just now. */
  requestPermission(how: { readonly mode: 'read' }): Promise<PermissionState>
}

/** So many in all, of every place; the oldest go first. */
export const mostHandles = 500

const name = 'handles'
const byAge = 'until'

/** `keepFor`: in ms. */
export function keepHandles(handles: ReadonlyMap<string, FileHandle>, keepFor: number): Promise<unknown> {
  const until = Date.now() + keepFor
  return inStore((store) => {
    for (const [key, handle] of handles) store.put({ handle, until }, key)
  })
}

/** Those that there are, by their keys. */
export async function findHandles(keys: readonly string[]): Promise<ReadonlyMap<string, FileHandle>> {
  type Kept = { readonly handle: FileHandle } | undefined
  const found = await inStore((store) => keys.map((key) => [key, store.get(key) as IDBRequest<Kept>] as const))
  return new Map(found?.flatMap(([key, { result }]) => (result === undefined ? [] : [[key, result.handle]])))
}

export function forgetHandles(keys: Iterable<string>): Promise<unknown> {
  return inStore((store) => {
    for (const key of keys) store.delete(key)
  })
}

/** Runs `work` within a transaction, which also lets go of what is too old or too much. Resolves when it is through. */
async function inStore<T>(work: (store: IDBObjectStore) => T): Promise<T | undefined> {
  try {
    const opening = indexedDB.open('liveloom', 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore(name).createIndex(byAge, byAge)
    await settled(opening)
    const database = opening.result
    const transaction = database.transaction(name, 'readwrite')
    // What is open does not keep the user from clearing the site's data.
    database.close()
    const store = transaction.objectStore(name)
    const done = work(store)
    const ages = store.index(byAge)
    const old = ages.getAllKeys(IDBKeyRange.upperBound(Date.now()))
    const all = ages.getAllKeys()
    all.onsuccess = () => {
      for (const key of [...old.result, ...all.result.slice(0, -mostHandles)]) store.delete(key)
    }
    await settled(transaction)
    return done
  } catch {
    return undefined
  }
}

function settled(work: IDBOpenDBRequest | IDBTransaction): Promise<unknown> {
  return new Promise((resolve, reject) => {
    Object.assign(work, { onsuccess: resolve, oncomplete: resolve, onerror: reject, onabort: reject })
  })
}
