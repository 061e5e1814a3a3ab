/** The application of the development tests, which change its files while it runs. */
import cluster from 'node:cluster'
import { createLiveServer, createLiveView, html, strictContentSecurityPolicy } from 'liveloom'
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

let visits = 0

/** As when what it asks was not up yet. */
const passing = createLiveView<{ clicks: number }, { type: 'click' }>({
  mount: (socket) => {
    if (socket.connected && ++visits < 3) throw new Error(`not yet, at visit ${visits}`)
    socket.assign({ clicks: 0 })
  },
  handleEvent: (socket) => socket.assign({ clicks: socket.context.clicks + 1 }),
  render: ({ clicks }) => html`<button phx-click="click">Clicked ${clicks} times</button>`,
})

const routes = { '/': greeting, '/refused': refused, '/slow': slow, '/passing': passing }
const live = createLiveServer({ routes, layout, contentSecurityPolicy: strictContentSecurityPolicy })
const workers = process.env['WORKERS'] === undefined ? undefined : Number(process.env['WORKERS'])
const { url } = await serve(live, { use: [sirv('./assets', { dev: true })], workers })
if (cluster.isPrimary) console.log(url)
