/** What the layout needs in the browser: options of the client, which page is open, and the toast. */
window.liveloom = { hooks: {} }

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
