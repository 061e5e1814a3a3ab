/** What stands for a view in a label. Each other value is another series of Prometheus, for as long as that remembers. */

/** Views that are no route: those inside of others, whose ids may be as many as there are things. */
export const nested = 'nested'
/** Routes past the first {@link mostRoutes}. */
export const other = 'other'
const mostRoutes = 500

export class ViewLabels {
  readonly #known = new Set<string>()

  /** `view`: as telemetry says it. */
  of(view: string): string {
    if (this.#known.has(view)) return view
    if (!view.startsWith('/')) return nested
    if (this.#known.size >= mostRoutes) return other
    this.#known.add(view)
    return view
  }
}
