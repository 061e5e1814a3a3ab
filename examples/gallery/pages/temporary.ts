import { createLiveView, html, type Unchanged, unchanged } from 'liveloom'
import { frame, type GalleryPage } from '../page.ts'

interface Context {
  /** Long, and of no use once the page has it. */
  readonly story: string | Unchanged
  readonly chapter: number
  readonly seconds: number
  /** What the context held of the story when the clock last ticked. */
  readonly kept: string
}

const chapters = ['Departure', 'The storm', 'Landfall'] as const

/** A real one would come out of a database. */
function write(chapter: number): string {
  const title = chapters[chapter]!
  return Array.from(
    { length: 400 },
    (_, line) => `${title}, line ${line + 1}. The sea was wide and the night was long.`,
  ).join('\n')
}

const view = createLiveView<Context, { type: 'next' }>({
  mount: (socket) => {
    socket.pageTitle('Temporary assigns')
    socket.temporaryAssigns({ story: unchanged })
    socket.assign({ story: write(0), chapter: 0, seconds: 0, kept: '' })
    socket.repeat(() => {
      const { story, seconds } = socket.context
      socket.assign({ seconds: seconds + 1, kept: story === unchanged ? 'nothing' : `${story.length} characters` })
    }, 1000)
  },

  handleEvent: (socket) => {
    const chapter = (socket.context.chapter + 1) % chapters.length
    socket.assign({ chapter, story: write(chapter) })
  },

  render: ({ story, chapter, seconds, kept }) =>
    frame(
      page,
      html`<section class="card stack" aria-label="Server">
          <dl class="facts">
            <dt>The view has lived for</dt>
            <dd><output aria-label="Seconds">${seconds}</output> s</dd>
            <dt>It keeps of the story</dt>
            <dd>${kept === '' ? html`<span class="quiet">wait a second</span>` : kept}</dd>
          </dl>
        </section>
        <section class="card stack" aria-label="Story">
          <div class="row">
            <h2 class="grow">${chapters[chapter]}</h2>
            <button class="primary" phx-click="next">Next chapter</button>
          </div>
          <pre class="pre scroll" aria-label="Text" tabindex="0">${story}</pre>
        </section>`,
    ),
})

export const page: GalleryPage = {
  path: '/temporary',
  title: 'Temporary assigns',
  about: 'A long text that the page keeps and the server forgets, while a clock ticks beside it.',
  routes: { '/temporary': view },
}
