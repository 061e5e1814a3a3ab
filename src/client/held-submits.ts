/** Submits that wait for something of their forms: each is stopped before anybody hears of it, and happens again when it may. */
export class HeldSubmits {
  /** What each was triggered by. */
  readonly #held = new Map<HTMLFormElement, HTMLElement | null>()
  readonly #waits: (form: HTMLFormElement) => boolean

  constructor(waits: (form: HTMLFormElement) => boolean) {
    this.#waits = waits
    addEventListener(
      'submit',
      (event) => {
        const { target: form } = event
        if (!(form instanceof HTMLFormElement) || !waits(form)) return
        event.preventDefault()
        event.stopImmediatePropagation()
        this.#held.set(form, event.submitter)
      },
      true,
    )
  }

  /** Lets those go that need not wait any more: behind what runs now. */
  release(): void {
    for (const [form, submitter] of this.#held) {
      if (this.#waits(form)) continue
      this.#held.delete(form)
      // Who left the page meanwhile has nothing to submit.
      setTimeout(() => {
        if (form.isConnected) submitAgain(form, submitter)
      })
    }
  }

  /** The form is the user's again. */
  forget(form: HTMLFormElement): void {
    this.#held.delete(form)
  }

  forgetAll(): void {
    this.#held.clear()
  }
}

export function submitAgain(form: HTMLFormElement, submitter: HTMLElement | null): void {
  form.requestSubmit(submitter?.isConnected === true ? submitter : null)
}
