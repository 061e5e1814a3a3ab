/** What a form of a view is called that is submitted over HTTP: signed, so that a page sends only what its view has put on it. */
import { describeClaim, LiveError } from '../errors.ts'
import type { Signer } from '../token/signer.ts'

/** A form as its template names it. */
export interface FormFacts {
  /** The event that it is submitted with. */
  readonly submit: string
  /** The event that its changes have. */
  readonly change: string | undefined
  /** The live component that it stands in, and its number on that page. */
  readonly component: { readonly id: string | number; readonly cid: number } | undefined
}

/** What the field says beside. */
export interface FormToken extends FormFacts {
  /** The route of the view. */
  readonly view: string
  readonly csrfToken: string
}

/** The forms of one page: each has the same token in every render, so that none of them is sent anew. */
export class FormTokens {
  readonly #made = new Map<string, string>()
  readonly #signer: Signer

  constructor(signer: Signer) {
    this.#signer = signer
  }

  of(facts: FormFacts, view: string, csrfToken: () => string): string {
    const { submit, change, component } = facts
    const key = JSON.stringify([submit, change ?? null, component?.cid ?? null])
    let token = this.#made.get(key)
    if (token === undefined) {
      const place = component && { id: component.id, cid: component.cid }
      const said: FormToken = { submit, change, component: place, view, csrfToken: csrfToken() }
      token = this.#signer.sign('form', said)
      this.#made.set(key, token)
    }
    return token
  }
}

/** @throws {LiveError} `ERR_VIEW`: a nested view has no URL that its forms could be sent to. */
export function refuseNested(id: string): never {
  throw new LiveError(
    'ERR_VIEW',
    `live_form_fields: the nested view ${describeClaim(id)} has no URL of its own, which a form could be sent to; put the form into the view around it`,
  )
}
