/** Whether two addresses are the same to a view: what stands behind `#` is the page's own. */
export function isSamePlace(one: string, other: string): boolean {
  return one.split('#', 1)[0] === other.split('#', 1)[0]
}
