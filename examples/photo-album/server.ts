import { mkdirSync } from 'node:fs'
import { createLiveServer, html, strictContentSecurityPolicy } from 'liveloom'
import { serve } from 'liveloom/node'
import sirv from 'sirv'
import { albumView } from './album-view.ts'

mkdirSync('./public', { recursive: true })

const live = createLiveServer({
  name: 'photo-album',
  routes: { '/': albumView },
  page: { title: 'Photo album', head: html`<link rel="stylesheet" href="/album.css" />` },
  contentSecurityPolicy: strictContentSecurityPolicy,
})

const { url } = await serve(live, {
  use: [
    sirv('./assets', { dev: true }),
    // Visitors' files: the browser must take them for what their name says, and for nothing that runs.
    sirv('./public', { dev: true, setHeaders: (response) => response.setHeader('x-content-type-options', 'nosniff') }),
  ],
})

console.log(`\n  Photo album  ${url}\n`)
