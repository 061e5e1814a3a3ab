import mime from 'mime'

/** True for `.ext`, `type/subtype` and `type/*`, in lower case. */
export function isAcceptPattern(pattern: string): boolean {
  return /^\.[^\s./,;"']+(?:\.[^\s./,;"']+)*$/.test(pattern) || /^[\w.+-]+\/(?:\*|[\w.+-]+)$/.test(pattern)
}

/**
 * Whether a file fits a list of patterns, by what the browser claims: its name's extension, or its type. An extension stands
 * for its MIME type too. A browser that names no type is judged by the extension alone. An empty list accepts everything.
 */
export function isAccepted(accept: readonly string[], clientName: string, clientType: string): boolean {
  if (accept.length === 0) return true
  const name = clientName.toLowerCase()
  const extension = extensionOf(name)
  const type = clientType.split(';', 1)[0]!.trim().toLowerCase() || typeOf(extension)
  return accept.some((pattern) => {
    if (pattern.startsWith('.')) return name.endsWith(pattern) || (type !== '' && mime.getType(pattern) === type)
    if (pattern.endsWith('/*')) return type.startsWith(pattern.slice(0, -1))
    return type === pattern || (mime.getAllExtensions(pattern)?.has(extension) ?? false)
  })
}

/** Empty for a name without a dot. */
function extensionOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1 || name.length)
}

function typeOf(extension: string): string {
  return extension === '' ? '' : (mime.getType(extension) ?? '')
}
