import {
  bareName,
  canonical,
  extensionOf,
  isNamedType,
  mayBeOfType,
  plainType,
  saysNothing,
  typeOfExtension,
} from './file-types.ts'

/** True for `.ext`, `type/subtype` and `type/*`, in lower case. */
export function isAcceptPattern(pattern: string): boolean {
  return /^\.[^\s./,;"']+(?:\.[^\s./,;"']+)*$/.test(pattern) || /^[\w.+-]+\/(?:\*|[\w.+-]+)$/.test(pattern)
}

/**
 * Whether a file fits a list of patterns, by what the browser claims: its name's extension, or its type. An extension stands
 * for its MIME type too. Where both are known and differ, the name has the say: it is what the file is taken for wherever it is saved. An
 * empty list accepts everything.
 */
export function isAccepted(accept: readonly string[], clientName: string, clientType: string): boolean {
  if (accept.length === 0) return true
  const name = bareName(clientName)
  const extension = extensionOf(name)
  const claimed = plainType(clientType)
  const byName = typeOfExtension(extension)
  const types = [byName, claimCounts(extension, byName, claimed) ? claimed : undefined].filter(isText)
  return accept.some((pattern) => {
    if (pattern.startsWith('.')) return name.endsWith(pattern) || isOfExtension(pattern, byName, claimed)
    if (pattern.endsWith('/*'))
      return types.some((type) => isOfKind(type, pattern) || isOfKind(canonical(type), pattern))
    return types.some((type) => canonical(type) === canonical(pattern))
  })
}

/** Whether the browser's word is heard beside the name's. */
function claimCounts(extension: string, byName: string | undefined, claimed: string): boolean {
  // Who accepts bytes of any kind says so with a type that says nothing.
  if (byName === undefined || saysNothing(claimed)) return true
  if (mayBeOfType(extension, claimed)) return true
  // The system knows the file by a type that no table has. It must be of the same kind: no page is called an image.
  return !isNamedType(claimed) && kindOf(claimed) === kindOf(byName)
}

/** Whether a file is of the type that an extension stands for. One of two extensions is the last of a longer name, and says nothing alone. */
function isOfExtension(pattern: string, byName: string | undefined, claimed: string): boolean {
  const wanted = pattern.slice(1)
  if (wanted.includes('.')) return false
  if (byName === undefined) return !saysNothing(claimed) && mayBeOfType(wanted, claimed)
  const type = typeOfExtension(wanted)
  return type !== undefined && !saysNothing(type) && canonical(type) === canonical(byName)
}

function isOfKind(type: string, pattern: string): boolean {
  return type.startsWith(pattern.slice(0, -1))
}

function kindOf(type: string): string {
  return type.slice(0, type.indexOf('/'))
}

function isText(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}
