/** Whether two addresses lead to the same route with the same params, whatever the origin is called. */
export function isSamePath(one: string, other: string): boolean {
  const [a, b] = [new URL(one), new URL(other)]
  return a.pathname === b.pathname && a.search === b.search
}
