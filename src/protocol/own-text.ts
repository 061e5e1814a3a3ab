/**
 * The first `max` characters of `text`, of which nothing else stays in memory: a slice of a text keeps the whole of it alive. What is
 * no longer than that is given back as it is: texts that came of JSON are their own.
 */
export function ownText(text: string, max: number): string {
  return text.length <= max ? text : copyOf(text.slice(0, max))
}

/** A text with memory of its own: for a piece of one that is larger. */
export function copyOf(piece: string): string {
  // Slicing writes the joined text out first. There is no plainer way to copy one that lets half a character be.
  return ` ${piece}`.slice(1)
}
