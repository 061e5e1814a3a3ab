/** What the layout needs in the browser: options of the client, which page is open, and the toast. */
// Any page is shown as where there are no WebSockets: the one about long polling has a link to it.
if (location.search === '?poll') window.WebSocket = undefined
window.liveloom = {
  hooks: {
    /** A hook of a script of one's own, for the page about client hooks. */
    Shout: {
      mounted() {
        this.el.addEventListener('click', async () => {
          const { heard } = await this.pushEvent('shout', { text: this.el.dataset.text })
          this.el.textContent = heard
        })
      },
    },
  },
  transforms: {
    /** For the page about files that are made ready: a photo with the date in its corner, and a note of how large it was. */
    async stamp(file) {
      if (/secret/i.test(file.name)) throw new Error(`${file.name} is not stamped`)
      const meta = () => ({ size: file.size })
      const bitmap = await createImageBitmap(file).catch(() => undefined)
      // No image that this browser reads: as it is.
      if (bitmap === undefined) return Object.assign(file, { meta })
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
      const context = canvas.getContext('2d')
      context.drawImage(bitmap, 0, 0)
      bitmap.close()
      const height = Math.max(12, canvas.width / 24)
      context.font = `bold ${height}px sans-serif`
      context.textAlign = 'right'
      context.lineWidth = height / 6
      const date = new Date().toLocaleDateString()
      context.strokeText(date, canvas.width - height / 2, canvas.height - height / 2)
      context.fillStyle = '#fff'
      context.fillText(date, canvas.width - height / 2, canvas.height - height / 2)
      const stamped = await canvas.convertToBlob({ type: file.type === 'image/png' ? 'image/png' : 'image/jpeg' })
      return Object.assign(stamped, { meta })
    },
  },
  params: () => ({
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    transport: window.WebSocket === undefined ? 'long polling' : 'WebSocket',
  }),
}

/** The page about the connection has buttons for these. */
addEventListener('gallery:latency', ({ detail }) => {
  if (detail.ms > 0) liveSocket.enableLatencySim(detail.ms)
  else liveSocket.disableLatencySim()
})
addEventListener('gallery:offline', ({ detail }) => {
  liveSocket.disconnect()
  setTimeout(() => liveSocket.connect(), detail.ms)
})

/** The page about JS commands holds patches back until a button is pressed. */
addEventListener('gallery:hold', ({ detail }) => {
  document.getElementById('let-go').addEventListener('click', () => detail.done(), { once: true })
})

// The server marks the page that is loaded.
addEventListener('phx:navigate', () => {
  markCurrent()
  document.getElementById('pages').hidePopover()
})

/** `socket.pushEvent('toast', { text })` says something for some seconds. */
let hideToast
addEventListener('phx:toast', ({ detail }) => {
  const toast = document.getElementById('toast')
  toast.textContent = detail.text
  toast.classList.add('shown')
  clearTimeout(hideToast)
  hideToast = setTimeout(() => toast.classList.remove('shown'), 5000)
})

function markCurrent() {
  for (const link of document.querySelectorAll('#pages a')) {
    if (`${location.pathname}/`.startsWith(`${link.pathname}/`)) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
}
