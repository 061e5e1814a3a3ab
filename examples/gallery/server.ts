import { createLiveServer, strictContentSecurityPolicy } from 'liveloom'
import { type NodeServer, serve } from 'liveloom/node'
import sirv from 'sirv'
import { home } from './home.ts'
import { layout } from './layout.ts'
import { allLiveSessions, allMiddleware, allRoutes, allStickyViews } from './pages.ts'
import { receiveForm } from './receive-form.ts'

const live = createLiveServer({
  // On this host the photo album may run too, and has a cookie of its own.
  name: 'gallery',
  routes: { '/': home, ...allRoutes() },
  liveSessions: allLiveSessions(),
  stickyViews: allStickyViews(),
  layout,
  assets: ['/gallery.css', '/gallery.js'],
  page: { title: 'Gallery', titleSuffix: ' · Liveloom' },
  contentSecurityPolicy: strictContentSecurityPolicy,
})

const server: NodeServer = await serve(live, {
  use: [
    receiveForm((request, token) => server.isCsrfToken(request, token)),
    sirv('./assets', { dev: true }),
    // The pages' own sources, as text to read: `/lists.ts`.
    sirv('./pages', {
      dev: true,
      setHeaders: (response) => response.setHeader('content-type', 'text/plain; charset=utf-8'),
    }),
    ...allMiddleware(() => server),
  ],
})

console.log(`\n  Gallery  ${server.url}\n`)
