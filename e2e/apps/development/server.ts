/** The application of the development tests, which change its files while it runs. */
import { createLiveServer, createLiveView, html } from 'liveloom'
import { serve } from 'liveloom/node'
import sirv from 'sirv'
import { layout } from './layout.ts'
import { greeting, slow } from './view.ts'

const refused = createLiveView({
  mount: (socket) => {
    if (socket.connected) throw new Error('only over the socket')
  },
  render: () => html`<h1>Refused</h1>`,
})

const live = createLiveServer({ routes: { '/': greeting, '/refused': refused, '/slow': slow }, layout })
const { url } = await serve(live, { use: [sirv('./assets', { dev: true })] })
console.log(url)
