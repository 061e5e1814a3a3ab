import { readFileSync, renameSync, writeFileSync } from 'node:fs'

export interface Photo {
  /** The file's name in `./public`, made by the server. */
  readonly file: string
  /** What the visitor's file was called; shown as text, never used as a path. */
  readonly title: string
}

export interface Album {
  readonly id: string
  readonly name: string
  readonly photos: readonly Photo[]
}

const path = './albums.json'

/** All albums, the newest first. A real application would ask its database. */
let albums: readonly Album[] = load()

export function listAlbums(): readonly Album[] {
  return albums
}

/** The photo of that file; `undefined` for a file of no album. */
export function findPhoto(file: string): Photo | undefined {
  return albums.flatMap(({ photos }) => photos).find((photo) => photo.file === file)
}

export function addAlbum(album: Album): void {
  albums = [album, ...albums]
  writeFileSync(`${path}.new`, JSON.stringify(albums, null, 2))
  renameSync(`${path}.new`, path)
}

function load(): readonly Album[] {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as readonly Album[]
  } catch {
    return []
  }
}
