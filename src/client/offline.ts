/** Shows the two lines of the default layout that say that the connection is lost. */
export function showOffline(): void {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(offlineCss)
  // Not an element of its own, which a page's content security policy could refuse.
  document.adoptedStyleSheets.push(sheet)
}

/** The lines are `hidden`, so that nothing has to be loaded for them not to be seen. */
const offlineCss = `
.liveloom-offline { position: fixed; inset: auto 0 0; z-index: 2147483647; margin: 0; padding: 0.6rem 1rem; text-align: center;
  font: 500 0.95rem/1.4 system-ui, sans-serif; color: #fff; background: #8a1c1c; }
body:has([data-phx-main].phx-client-error) .liveloom-offline-client,
body:has([data-phx-main].phx-server-error) .liveloom-offline-server { display: block; }
`
