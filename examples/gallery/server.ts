import { createLiveServer, strictContentSecurityPolicy } from 'liveloom'
import { serve } from 'liveloom/node'
import sirv from 'sirv'
import { bucket } from './bucket.ts'
import { home } from './home.ts'
import { layout } from './layout.ts'
import { metrics } from './pages/metrics.ts'
import { allLiveSessions, allRoutes, takePosts } from './pages.ts'
import { atOnce } from './pages/turns.ts'
import { redis } from './redis.ts'

/** Browsers send files to the bucket, and are given them from there. */
const withBucket = bucket && { 'connect-src': `'self' ${bucket.origin}`, 'frame-src': `'self' ${bucket.origin}` }

const live = createLiveServer({
  // On this host the photo album may run too, and has a cookie of its own.
  name: 'gallery',
  routes: { '/': home, ...allRoutes() },
  liveSessions: allLiveSessions(),
  layout,
  assets: ['/gallery.css', '/gallery.js'],
  page: { title: 'Gallery', titleSuffix: ' · Liveloom' },
  // The views of several galleries hear each other by it.
  pubsub: redis?.pubsub,
  uploads: { maxSending: { visitor: atOnce } },
  contentSecurityPolicy: (nonce) => strictContentSecurityPolicy(nonce, withBucket),
})

takePosts(live)

const server = await serve(live, {
  use: [
    sirv('./assets', { dev: true }),
    // The pages' own sources, as text to read: `/lists.ts`.
    sirv('./pages', {
      dev: true,
      setHeaders: (response) => response.setHeader('content-type', 'text/plain; charset=utf-8'),
    }),
  ],
})

metrics.watch(server)

console.log(`\n  Gallery  ${server.url}\n`)
