/** What a file is called when a browser saves it. */

/** What a header has room for on its way through proxies, when each character takes nine. */
const longestName = 200

/** A name that a file may have, of one that a browser gave: no folders, and nothing that a screen or a system reads as a command. Empty when nothing is left. */
export function fileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1)!
  const extension = /\.\w{1,20}$/.exec(last)?.[0] ?? ''
  const cut = last.length > longestName ? last.slice(0, longestName - extension.length) + extension : last
  const shown = cut.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '').trim()
  // Dots alone are a folder.
  return /^\.*$/.test(shown) ? '' : shown
}
