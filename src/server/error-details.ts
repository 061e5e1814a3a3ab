/** What a developer is shown of an error: on the error page, and over the page of a view that ended. In development alone. */
import { describe, LiveError, messageOf } from '../errors.ts'
import type { ErrorContext } from '../live/host.ts'
import { html } from '../template/html.ts'
import type { Rendered } from '../template/rendered.ts'
import { type Texts, textsIn } from '../texts/texts.ts'

/** One line of a stack. */
export interface ErrorFrame {
  readonly text: string
  /** True for code of the application; false for that of a package, of Liveloom and of the runtime. */
  readonly own: boolean
}

/** The source around a line. */
export interface SourceExcerpt {
  readonly file: string
  /** The line that is meant, counted from 1. */
  readonly line: number
  /** The number of the first of `lines`. */
  readonly from: number
  readonly lines: readonly string[]
}

/** Where an error came from, as far as the runtime can tell. */
export interface ErrorTrace {
  readonly frames: readonly ErrorFrame[]
  /** The place in the application that the stack leads to first; `undefined` when none of its files is in it, or it cannot be read. */
  readonly excerpt: SourceExcerpt | undefined
}

/** An error, told whole. */
export interface ErrorDetails extends ErrorTrace, ErrorContext {
  /** The error's class, and its code if it has one. */
  readonly name: string
  readonly message: string
  /** What caused it, the nearest first. */
  readonly causes: readonly string[]
}

const mostCauses = 5
const english = textsIn(undefined)('en').overlay

export function errorDetails(error: unknown, context: ErrorContext, trace: ErrorTrace | undefined): ErrorDetails {
  const known = { ...(trace ?? { frames: [], excerpt: undefined }), ...context, message: messageOf(error) }
  try {
    return { ...known, name: nameOf(error), causes: causesOf(error) }
  } catch {
    // It is an object that breaks whoever looks at it.
    return { ...known, name: 'Thrown', causes: [] }
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Thrown'
  if (error instanceof LiveError) return `${error.name} ${error.code}`
  const name: unknown = error.name
  return typeof name === 'string' ? name : describe(name)
}

function causesOf(error: unknown): readonly string[] {
  const causes: string[] = []
  for (let at = error; at instanceof Error && at.cause !== undefined && causes.length < mostCauses; at = at.cause) {
    const { cause } = at
    causes.push(cause instanceof Error ? `${nameOf(cause)}: ${messageOf(cause)}` : messageOf(cause))
  }
  return causes
}

/** The details as HTML, for {@link detailsCss}. `words`: what is said beside the error. */
export function detailsHtml(
  { name, message, stage, view, component, event, excerpt, frames, causes }: ErrorDetails,
  words: Texts['overlay'] = english,
): Rendered {
  return html`<div class="details">
    <p class="where">
      ${[view, stage, component, event].map((part) => part !== undefined && html`<span>${part}</span>`)}
    </p>
    <h1 id="liveloom-error-title"><small>${name}</small> ${message}</h1>
    ${causes.map((cause) => html`<p class="cause">${words.causedBy({ cause })}</p>`)} ${excerpt !== undefined && excerptHtml(excerpt)}
    ${
      frames.length > 0 &&
      html`<ol class="stack">
        ${frames.map(({ text, own }) => html`<li class="${own ? 'own' : 'foreign'}">${text}</li>`)}
      </ol>`
    }
  </div>`
}

function excerptHtml({ file, line, from, lines }: SourceExcerpt): Rendered {
  const row = (text: string, at: number): Rendered => {
    const number = from + at
    return html`<li class="${number === line && 'meant'}" value="${number}"><code>${text}</code></li>`
  }
  return html`<figure>
    <figcaption>${file}:${line}</figcaption>
    <ol class="source">
      ${lines.map(row)}
    </ol>
  </figure>`
}

export const detailsCss = `
.details { font: 1rem/1.5 system-ui, sans-serif; min-width: 0; }
.details h1 { margin: 0 0 1rem; font-size: 1.25rem; overflow-wrap: anywhere; white-space: pre-wrap; }
.details h1 small { display: block; font-size: 0.9rem; color: light-dark(#a01818, #ff8f8f); }
.details .where { margin: 0 0 0.5rem; display: flex; flex-wrap: wrap; gap: 0.5rem; opacity: 1; }
.details .where span { padding: 0 0.5rem; border: 1px solid; border-radius: 1rem; font-size: 0.85rem; }
.details .cause { margin: 0 0 0.5rem; overflow-wrap: anywhere; opacity: 1; }
.details figure { margin: 0 0 1rem; border: 1px solid; border-radius: 0.5rem; overflow: hidden; }
.details figcaption { padding: 0.4rem 1rem; border-bottom: 1px solid; font-size: 0.85rem; }
.details ol { margin: 0; font: 0.85rem/1.6 ui-monospace, monospace; overflow-x: auto; }
.details .source { padding: 0.5rem 0 0.5rem 4rem; }
.details .source li { white-space: pre; tab-size: 2; padding-right: 1rem; }
.details .source .meant { background: light-dark(#ffd9d9, #6b1414); font-weight: 600; }
.details .stack { padding: 0; list-style: none; }
.details .stack li { white-space: pre; }
.details .stack .foreign { opacity: 0.6; }
`
