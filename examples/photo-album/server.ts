import { mkdirSync } from 'node:fs'
import { createLiveServer, html, strictContentSecurityPolicy } from 'liveloom'
import { type Middleware, sendUpload, serve } from 'liveloom/node'
import sirv from 'sirv'
import { findPhoto } from './album-store.ts'
import { albumView } from './album-view.ts'

mkdirSync('./public', { recursive: true })

const live = createLiveServer({
  name: 'photo-album',
  routes: { '/': albumView },
  page: { title: 'Photo album', head: html`<link rel="stylesheet" href="/album.css" />` },
  texts: { en: { lines: { offline: 'You are offline. Nothing is lost: photos on their way go on by themselves.' } } },
  contentSecurityPolicy: strictContentSecurityPolicy,
})

/** Visitors' files, to everyone who has the page. A file of that name is always the same. */
const photos: Middleware = (request, response, next) => {
  const photo = findPhoto(request.url!.slice(1))
  if (photo === undefined) return next()
  const cacheControl = 'public, max-age=31536000, immutable'
  return sendUpload(request, response, photo.file, {
    root: './public',
    name: photo.title,
    cacheControl,
    notFound: next,
  })
}

const { url } = await serve(live, { use: [sirv('./assets', { dev: true }), photos] })

console.log(`\n  Photo album  ${url}\n`)
