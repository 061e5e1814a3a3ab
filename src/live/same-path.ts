/** Whether two addresses lead to the same route with the same params, whatever the origin is called. */
export function isSamePath(one: string, other: string): boolean {
  const [a, b] = [new URL(one), new URL(other)]
  return a.pathname === b.pathname && a.search === b.search
}

/** The same with the origin: what stands behind `#` is the page's own. */
export function isSamePlace(one: string, other: string): boolean {
  return one.split('#', 1)[0] === other.split('#', 1)[0]
}
