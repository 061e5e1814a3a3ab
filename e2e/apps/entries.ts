import { each, html, live_img_preview, type Rendered, type UploadConfig, type UploadEntry } from 'liveloom'

/**
 * The files of an upload, each with a button that removes it. Stands outside of the form: the client disables every button in a form
 * that sends. `control`: one more button of an entry.
 */
export function entryList(
  config: UploadConfig,
  label: string,
  control?: (entry: UploadEntry) => Rendered | undefined,
): Rendered {
  return html`
    <ul aria-label="${label}" data-progress="${config.progress}">
      ${each(
        config.entries,
        (entry) => entry.ref,
        (entry) => html`
          <li
            data-name="${entry.clientName}"
            data-path="${entry.clientRelativePath}"
            data-meta="${JSON.stringify(entry.clientMeta ?? null)}"
            data-state="${entry.state}"
            data-rate="${entry.rate}"
            data-remaining=${entry.remaining}
          >
            ${entry.clientType.startsWith('image/') && live_img_preview(entry, { alt: `Preview of ${entry.clientName}` })}
            <span>${entry.clientName}</span>
            <output>${entry.progress}</output>
            ${entry.errors.map((error) => html`<em data-code="${error.code}">${error}</em>`)}
            ${control?.(entry)}
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
