import { createLiveServer } from 'liveloom'
import { serve } from 'liveloom/node'
import sirv from 'sirv'
import { home } from './home.ts'
import { layout } from './layout.ts'
import { allRoutes } from './pages.ts'

const live = createLiveServer({ routes: { '/': home, ...allRoutes() }, layout })

const { url } = await serve(live, {
  use: [
    sirv('./assets', { dev: true }),
    // The pages' own sources, as text to read: `/lists.ts`.
    sirv('./pages', {
      dev: true,
      setHeaders: (response) => response.setHeader('content-type', 'text/plain; charset=utf-8'),
    }),
  ],
})

console.log(`\n  Gallery  ${url}\n`)
