import { LiveSocket, type LiveSocketOptions } from 'phoenix_live_view'
import topbar from 'topbar'
import { unlockEvents } from '../protocol/message.ts'
import { askFirst, type Confirm } from './confirm.ts'
import { markDeadViews } from './dead-views.ts'
import { keepEarlyInput } from './early-input.ts'
import { holdWhileAsking } from './asking-submits.ts'
import { followDownloads } from './downloads.ts'
import { runPushedCommands } from './exec.ts'
import { takeDroppedFiles } from './dropped-files.ts'
import { LimitedSocket, watchLimits } from './held-back.ts'
import { ExternalUploads } from './external-uploads.ts'
import { FilesBack } from './files-back.ts'
import { followDescription } from './head.ts'
import { endLeftViews } from './left-views.ts'
import { developmentOptions, inDevelopment, restarted } from './restarted.ts'
import { KeptFiles } from './kept-files.ts'
import { Line } from './line.ts'
import { LostFilesMemory } from './lost-files.ts'
import { lookUpQuickly } from './many-files.ts'
import { noteFiles } from './note-files.ts'
import type { FileTransforms } from './prepare-file.ts'
import { prepareFiles } from './prepare-files.ts'
import { readFiles } from './read-files.ts'
import { reloadForServerOnly } from './reloads.ts'
import { followRefusals } from './refused.ts'
import { resetFiles } from './reset-files.ts'
import { resetForms } from './reset-form.ts'
import { type DomCallbacks, runOtherHooks } from './runtime-hooks.ts'
import { s3Uploaders } from './s3-uploaders.ts'
import { StashMemory } from './stash.ts'
import { Uploader } from './uploader.ts'
import { releaseSubmits } from './waiting-submits.ts'
import { keepWebSocket } from './websocket-again.ts'

/** Options that are handed on to the official client, as it has them. */
type ClientOptions = Pick<
  LiveSocketOptions,
  | 'hooks'
  | 'uploaders'
  | 'params'
  | 'dom'
  | 'metadata'
  | 'defaults'
  | 'viewLogger'
  | 'loaderTimeout'
  | 'disconnectedTimeout'
  | 'maxReloads'
  | 'reloadJitterMin'
  | 'reloadJitterMax'
  | 'failsafeJitter'
  | 'sessionStorage'
  | 'localStorage'
  | 'blockPhxChangeWhileComposing'
  | 'cascadePhxRemoveOnNavigation'
>

/** The official client's own options, `hooks`, `uploaders`, `params`, …, and those of its socket. */
// `Partial`: where a project's module resolution does not find the client's types, they are `any`, and each would have to be given.
export interface ConnectOptions extends Readonly<Partial<ClientOptions>> {
  /** Where the server has its socket. @default '/live' */
  readonly path?: string | undefined
  /**
   * How long the WebSocket may take to open, and then to answer, in ms, before the page goes on with long polling. It does at once
   * when the WebSocket fails. `false`: never. @default 2500
   */
  readonly longPollFallbackMs?: number | false | undefined
  /**
   * Asks what `data-confirm` or `phx-confirm` of an element has to be asked: a dialog of yours. With a promise the click or the submit
   * happens when it resolves to true; meanwhile nothing does. @default the browser's own `confirm`
   */
  readonly confirm?: Confirm | undefined
  /**
   * What files go through before they are listed, by the names that views have for them in the option `transform` of `allowUpload`. A file goes
   * through none that its view has not named.
   */
  readonly transforms?: FileTransforms | undefined
  /** How long a view's join may wait for its answer, in ms. @default 10000 */
  readonly timeout?: number | undefined
  /** How often the client says that it is still there, in ms. The server closes what says nothing for 60 s. @default 30000 */
  readonly heartbeatIntervalMs?: number | undefined
  /** How long to wait before the next attempt to connect, in ms; `tries` counts from 1. */
  readonly reconnectAfterMs?: ((tries: number) => number) | undefined
  /** How long to wait before a view joins again, in ms; `tries` counts from 1. */
  readonly rejoinAfterMs?: ((tries: number) => number) | undefined
  /** Is told what the socket does. */
  readonly logger?: ((kind: string, message: string, data: unknown) => void) | undefined
}

/** Connects the page, with the official client and a progress bar. Returns its `LiveSocket`. */
export function connect({
  path = '/live',
  params,
  longPollFallbackMs = 2500,
  dom,
  confirm,
  uploaders,
  transforms = {},
  ...options
}: ConnectOptions = {}): LiveSocket {
  const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute('content')
  const development = inDevelopment()
  const lostFiles = new LostFilesMemory()
  const stashes = new StashMemory()
  const filesBack = new FilesBack()
  const uploader = new Uploader()
  const keptFiles = new KeptFiles()
  const external = new ExternalUploads()
  const s3 = s3Uploaders({
    job: (entry) => external.job(entry),
    isConnected: async ({ view }) => view.isConnected() && (await uploader.isAnswered()),
  })
  prepareFiles(transforms, () => liveSocket)
  const liveSocket: LiveSocket = new LiveSocket(path, LimitedSocket, {
    ...(development && developmentOptions),
    ...options,
    longPollFallbackMs,
    uploaders: { ...external.wrap({ ...s3, ...uploaders }), ...uploader.uploaders },
    dom: keptFiles.callbacks(
      uploader.callbacks(
        external.callbacks(
          filesBack.callbacks(
            releaseSubmits(
              watchLimits(
                markDeadViews(
                  endLeftViews(
                    keepEarlyInput(resetForms(runOtherHooks(dom as DomCallbacks | undefined))),
                    () => liveSocket,
                  ),
                ),
                () => liveSocket,
              ),
              () => liveSocket,
            ),
          ),
        ),
      ),
    ),
    // A function, so that the client does not write its own keys into the socket's URL.
    params: (element: HTMLElement | undefined) => ({
      ...(typeof params === 'function'
        ? (params as (element: HTMLElement | undefined) => object)(element)
        : (params as object)),
      _csrf_token: token,
      // The socket itself has no element; a view has.
      ...(element !== undefined && {
        ...lostFiles.params(element),
        ...filesBack.params(element),
        ...stashes.params(element),
        ...uploader.params(element, external.sending(element)),
      }),
    }),
  })
  askFirst(confirm)
  showProgress()
  answerUnlocks(liveSocket)
  runPushedCommands(liveSocket)
  followDescription()
  followDownloads()
  keepWebSocket(liveSocket)
  holdWhileAsking(liveSocket)
  lookUpQuickly(liveSocket)
  noteFiles()
  takeDroppedFiles()
  readFiles(liveSocket)
  resetFiles(liveSocket)
  lostFiles.watch(liveSocket)
  stashes.watch(liveSocket)
  filesBack.watch(liveSocket)
  uploader.watch(liveSocket)
  keptFiles.watch()
  external.watch(liveSocket)
  reloadForServerOnly(liveSocket, new Line(liveSocket))
  followRefusals(liveSocket)
  liveSocket.connect()
  if (development) addEventListener(restarted, () => liveSocket.connect())
  return liveSocket
}

function showProgress(): void {
  topbar.config({ barColors: { 0: '#2f6fed' }, shadowColor: 'rgba(0, 0, 0, .3)' })
  addEventListener('phx:page-loading-start', () => topbar.show(300))
  addEventListener('phx:page-loading-stop', () => topbar.hide())
}

/** A failed file leaves the form locked until some push is answered: this is that push. */
function answerUnlocks(liveSocket: LiveSocket): void {
  addEventListener(`phx:${unlockEvents.ask}`, (event) => {
    const { id } = (event as CustomEvent<{ readonly id: string }>).detail
    const view = document.getElementById(id)
    if (view !== null) liveSocket.execJS(view, JSON.stringify([['push', { event: unlockEvents.push }]]))
  })
}
