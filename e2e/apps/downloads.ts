import { createLiveView, html, live_file_input, type LiveView } from 'liveloom'
import { entryList } from './entries.ts'

interface Context {
  readonly pings: number
  /** Another site's file, as the test says where. */
  readonly elsewhere: string
}

type Events = { readonly type: 'report' | 'elsewhere' | 'ping' | 'choose' }

/** Starts downloads beside a file that is sent. */
export const downloads: LiveView = createLiveView<Context, Events, 'photos'>({
  mount: (socket) => {
    socket.assign({ pings: 0, elsewhere: '' })
    void socket.allowUpload('photos', { autoUpload: true, maxFileSize: 512 * 1024 * 1024 })
  },
  handleParams: (socket, url) => socket.assign({ elsewhere: url.searchParams.get('from') ?? '' }),
  handleEvent: (socket, { type }) => {
    if (type === 'report') socket.download(new Blob(['a report']), { name: 'report.txt' })
    if (type === 'elsewhere') socket.download({ url: socket.context.elsewhere })
    if (type === 'ping') socket.assign({ pings: socket.context.pings + 1 })
  },
  render: ({ pings }, { uploads: { photos } }) => html`
    <button type="button" id="ping" phx-click="ping">Pinged ${pings}</button>
    <button type="button" phx-click="report">Report</button>
    <button type="button" phx-click="elsewhere">From elsewhere</button>
    <form phx-change="choose"><label>Photos ${live_file_input(photos)}</label></form>
    ${entryList(photos, 'Chosen')}
  `,
})
