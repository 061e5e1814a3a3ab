/**
 * The script that the server serves. A page may say what to connect with, in a script before it:
 * `window.liveloom = { hooks: { … } }`.
 */
import { connect, type ConnectOptions } from './connect.ts'
import { showOffline } from './offline.ts'
import { allowTrustedTypes } from './trusted-types.ts'

declare global {
  interface Window {
    liveloom?: ConnectOptions
    liveSocket?: ReturnType<typeof connect>
  }
}

const own = document.currentScript as HTMLScriptElement | null
const path = own === null ? '/live' : new URL(own.src).pathname.replace(/\/[^/]*$/, '')
allowTrustedTypes()
showOffline()
window.liveSocket = connect({ path, ...window.liveloom })
