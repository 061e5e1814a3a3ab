/** The shell: what stands around a view's own template, in the view's own tree, and is patched with it. */
import type { Rendered } from '../template/rendered.ts'
import type { RenderMeta } from './render-meta.ts'

/** What a shell knows beside the view's template: what a render does, without the uploads. */
export interface ShellMeta<Context = Record<string, unknown>> extends Omit<RenderMeta<never>, 'uploads'> {
  /** The context of the view. In a shell for several views: of whichever it is. */
  readonly context: Readonly<Context>
}

/**
 * What stands around a view and is patched with it: navigation, flash, sticky views. It must print `content`, once. All of it is the
 * view's own: events in it go to the view that is shown, its components live in that view.
 *
 * @param content What the view has rendered.
 */
export type Shell<Context = Record<string, unknown>> = (content: Rendered, meta: ShellMeta<Context>) => Rendered

/** A shell that any view may be shown in, once the view's types are forgotten. */
export type AnyShell = Shell<never>

export function isShell(value: unknown): value is AnyShell | false | undefined {
  return value === undefined || value === false || typeof value === 'function'
}
