import { each, html, live_img_preview, type Rendered, type UploadConfig } from 'liveloom'

/**
 * The files of an upload, each with a button that removes it. Stands outside of the form: the client disables every button in a form
 * that sends.
 */
export function entryList(config: UploadConfig, label: string): Rendered {
  return html`
    <ul aria-label="${label}">
      ${each(
        config.entries,
        (entry) => entry.ref,
        (entry) => html`
          <li data-name="${entry.clientName}" data-path="${entry.clientRelativePath}">
            ${entry.clientType.startsWith('image/') && live_img_preview(entry, { alt: `Preview of ${entry.clientName}` })}
            <span>${entry.clientName}</span>
            <output>${entry.progress}</output>
            ${entry.errors.map((error) => html`<em data-code="${error.code}">${error}</em>`)}
            <button
              type="button"
              phx-click="cancel"
              phx-value-config_name="${config.name}"
              phx-value-ref="${entry.ref}"
              aria-label="Remove ${entry.clientName}"
            >
              ×
            </button>
          </li>
        `,
      )}
    </ul>
    ${config.errors.map((error) => html`<p role="alert" data-code="${error.code}">${error}</p>`)}
  `
}
