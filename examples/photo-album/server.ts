import { createLiveServer, createLiveView, html, live_file_input } from 'liveloom'
import { serve } from 'liveloom/node'
const v = createLiveView<{ n: number; saved: string[] }, { type: 'inc' | 'validate' | 'save' }>({
  mount: (s) => { s.assign({ n: 0, saved: [] }); void s.allowUpload('files', { maxEntries: 3 }) },
  handleEvent: async (s, e) => {
    if (e.type === 'inc') s.assign({ n: s.context.n + 1 })
    if (e.type === 'save') s.assign({ saved: await s.consumeUploadedEntries('files', async (m, en) => en.clientName + ' ' + en.clientSize) })
  },
  render: (c, { uploads }) => html`<div><button phx-click="inc">${c.n}</button><form id="f" phx-change="validate" phx-submit="save">${live_file_input(uploads['files'])}<button>save</button></form>${uploads['files']!.entries.map((e) => html`<p>${e.clientName} ${e.progress} ${e.errors}</p>`)}<ul>${c.saved.map((s) => html`<li>${s}</li>`)}</ul></div>`,
})
const s = await serve(createLiveServer({ routes: { '/': v } }))
console.log(s.url)
