/** Tags of the family that need no view: links that navigate, and portals. */
import { describe, describeClaim, LiveError } from '../errors.ts'
import { isLocalPath } from '../protocol/addresses.ts'
import { printedPath } from '../protocol/base-path.ts'
import { html } from '../template/html.ts'
import type { Rendered } from '../template/rendered.ts'
import { attrs } from '../template/values.ts'
import { type ContainerOptions, htmlOf, resolveContainer, tagOf } from './container.ts'
import { isDomId } from './nested.ts'

/** Where a link leads, and more attributes of its `<a>`: `class`, `aria-current`, … */
export interface LinkOptions {
  /** A path that starts with one `/`, with or without a query. */
  readonly to: string
  /** Take the place of the current entry in the history. @default false */
  readonly replace?: boolean | undefined
  readonly [attribute: string]: unknown
}

/**
 * A link to another URL of the same view: its `handleParams` is called, and the page stays.
 *
 * @param content What is shown: text or a template.
 * @throws {LiveError} `ERR_NAVIGATION` for anything but a path.
 * @example
 * import { html, live_patch } from 'liveloom'
 *
 * export const next = (page: number) => html`<p>${live_patch('Next', { to: `/photos?page=${page + 1}`, class: 'next' })}</p>`
 */
export function live_patch(content: unknown, options: LinkOptions): Rendered {
  return link('live_patch', 'patch', content, options)
}

/** A link to another view: within a live session over the open socket, else with a page load. As {@link live_patch} otherwise. */
export function live_navigate(content: unknown, options: LinkOptions): Rendered {
  return link('live_navigate', 'redirect', content, options)
}

function link(tag: string, kind: string, content: unknown, { to, replace = false, ...rest }: LinkOptions): Rendered {
  if (!isLocalPath(to)) {
    throw new LiveError('ERR_NAVIGATION', `${tag}: to must be a path like '/home?page=2', got ${describeClaim(to)}`)
  }
  return html`<a href="${printedPath(to)}" data-phx-link="${kind}" data-phx-link-state="${replace ? 'replace' : 'push'}" ${attrs(rest)}
    >${content}</a
  >`
}

export interface PortalOptions {
  /** Unique in the page, without spaces and quotes. */
  readonly id: string
  /** A selector; its first match in the page gets the content. @default 'body' */
  readonly target?: string | undefined
  /** The element that is moved, with the content in it: a tag, and attributes. @default a `div` */
  readonly container?: ContainerOptions | undefined
}

/**
 * Shows content elsewhere in the page, outside the view's own element: a dialog at the end of the body, say. Events in it belong to
 * the view or component that renders it.
 *
 * @throws {LiveError} `ERR_TEMPLATE_VALUE` without an id or with a target that is none, or for a `container` that cannot be.
 */
export function portal(content: unknown, { id, target = 'body', container }: PortalOptions): Rendered {
  if (typeof id !== 'string' || !isDomId(id)) {
    throw new LiveError('ERR_TEMPLATE_VALUE', `portal: expected an id without spaces and quotes, got ${describe(id)}`)
  }
  const fail = (message: string): LiveError => new LiveError('ERR_TEMPLATE_VALUE', `portal('${id}'): ${message}`)
  if (typeof target !== 'string' || target.trim() === '') {
    throw fail(`target must be a selector like '#menu', got ${describe(target)}`)
  }
  const resolved = resolveContainer(container, fail)
  const tag = tagOf(resolved)
  // One template, not one in another: the client leaves out what is in an inner one that did not change, and moves what it has.
  return htmlOf(
    ['<template id="', '" data-phx-portal="', `"><${tag} id="_lv_portal_wrap_`, '" ', '>', `</${tag}></template>`],
    id,
    target,
    id,
    attrs(resolved.attributes),
    content,
  )
}

export interface FocusWrapOptions {
  /** Unique in the page, without spaces and quotes. */
  readonly id: string
  /** More attributes of its element: `class`, `role`, `aria-labelledby`, … */
  readonly [attribute: string]: unknown
}

/**
 * Keeps the focus inside: Tab behind the last field goes to the first, and Shift+Tab the other way round. When it comes onto the page,
 * or is shown by `js.show`, it takes the focus. For what covers the page, a dialog say.
 *
 * @throws {LiveError} `ERR_TEMPLATE_VALUE` without an id.
 * @example
 * import { focus_wrap, html } from 'liveloom'
 *
 * export const question = html`<div role="dialog" aria-modal="true" aria-label="Delete it?">
 *   ${focus_wrap(html`<button phx-click="delete">Yes</button> <button phx-click="keep">No</button>`, { id: 'question' })}
 * </div>`
 */
export function focus_wrap(content: unknown, { id, ...rest }: FocusWrapOptions): Rendered {
  if (typeof id !== 'string' || !isDomId(id)) {
    throw new LiveError(
      'ERR_TEMPLATE_VALUE',
      `focus_wrap: expected an id without spaces and quotes, got ${describe(id)}`,
    )
  }
  // The client finds its first and its last element: what stands at the edges must take the focus, and nothing else may.
  return html`<div id="${id}" data-phx-hook="Phoenix.FocusWrap" ${attrs(rest)}>
    <div id="${id}-start" tabindex="0" aria-hidden="true"></div>
    ${content}
    <div id="${id}-end" tabindex="0" aria-hidden="true"></div>
  </div>`
}

/**
 * The hidden input of a form that is submitted over HTTP: tells the server that the form is one of its own pages.
 *
 * @param page The `meta` of a render, or the page of a layout.
 * @throws {LiveError} `ERR_TEMPLATE_VALUE` for what has no token.
 */
export function csrf_field(page: { readonly csrfToken: string }): Rendered {
  const token: unknown = page?.csrfToken
  if (typeof token === 'string') return html`<input type="hidden" name="_csrf_token" value="${token}" />`
  throw new LiveError('ERR_TEMPLATE_VALUE', `csrf_field: expected the meta of a render, got ${describe(page)}`)
}
