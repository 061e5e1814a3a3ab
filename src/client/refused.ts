/**
 * A page whose socket is refused cannot see why: a browser tells a script of no status. After a logout in another tab it would stay as it
 * is, and go on trying for ever. So it asks for itself as a browser would: where the server sends it elsewhere, or lets nobody in without
 * a login, it goes there.
 */
import type { Socket } from 'phoenix'
import type { LiveSocket } from 'phoenix_live_view'

/**
 * Ms without a connection before the page asks, and up to as long again, since many may be refused at once: the longest attempts follow each
 * other by 5 s, and most restarts take less.
 */
const firstPatience = 5000
/** Each answer that says nothing doubles it, up to this. */
const longestPatience = 60_000

/** Where the page was loaded anew. A firewall may let the page through and not the question: nobody is led on, and it is not asked again. */
const loadedAnew = 'liveloom:loaded-anew'

const patienceAtFirst = (): number => firstPatience * (1 + Math.random())

export function followRefusals(liveSocket: LiveSocket): void {
  const socket = liveSocket.getSocket() as Socket & { readonly sessionStore: Storage }
  let isInVain = socket.sessionStore.getItem(loadedAnew) === location.href
  let patience = patienceAtFirst()
  let since: number | undefined
  let isAsking = false

  socket.onOpen(() => {
    socket.sessionStore.removeItem(loadedAnew)
    isInVain = false
    since = undefined
    patience = patienceAtFirst()
  })
  socket.onClose(() => {
    since ??= performance.now()
    // Attempts go on meanwhile: one of the next has its turn.
    if (isInVain || isAsking || performance.now() - since < patience || !navigator.onLine) return
    isAsking = true
    isTurnedAway()
      .then((isAway) => {
        if (!isAway || socket.isConnected()) return
        socket.sessionStore.setItem(loadedAnew, location.href)
        // That may take long, or the visitor may want to stay: asked again, it would begin anew.
        isInVain = true
        location.reload()
      })
      // Nobody is there: what all other attempts find as well.
      .catch(() => {})
      .finally(() => {
        isAsking = false
        // There was a connection meanwhile.
        if (since === undefined) return
        since = performance.now()
        patience = Math.min(longestPatience, patience * 2)
      })
  })
}

async function isTurnedAway(): Promise<boolean> {
  const { type, status } = await fetch(location.href, { method: 'HEAD', redirect: 'manual', cache: 'no-store' })
  return type === 'opaqueredirect' || status === 401 || status === 403
}
