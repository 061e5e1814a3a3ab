const unsafe = /[&<>"']/
const unsafeAll = /[&<>"']/g
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Escapes text for an element's content and for a quoted attribute alike. */
export function escapeHtml(text: string): string {
  return unsafe.test(text) ? text.replace(unsafeAll, (char) => entities[char]!) : text
}
