/** Asks the user; see `ConnectOptions.confirm`. */
export type Confirm = (message: string, element: HTMLElement) => boolean | Promise<boolean>

const attributes = ['data-confirm', 'phx-confirm']
const asking = attributes.map((name) => `[${name}]`).join()
/** A click inside of these means them, and not what stands around them. */
const acting = '[phx-click], a[href], button, input, select, textarea, summary, label'

/**
 * `data-confirm="Delete it?"` (or `phx-confirm`) on a link, a button, a form, or whatever has `phx-click`: what a click or a submit
 * would do is done once the user has said yes. It is asked before anybody else hears of the event, so that a no leaves nothing behind.
 */
export function askFirst(confirm: Confirm = (message) => window.confirm(message)): void {
  /** What was answered with yes happens once more, and is not asked for again. */
  let granted = false

  const ask = (event: Event, element: HTMLElement, repeat: () => void): void => {
    const answer = confirm(messageOf(element), element)
    if (answer === true) return
    event.preventDefault()
    event.stopImmediatePropagation()
    if (answer === false) return
    // A question that fails was not answered with yes; the browser reports the rejection.
    void Promise.resolve(answer).then((yes) => {
      if (!yes) return
      granted = true
      try {
        repeat()
      } finally {
        granted = false
      }
    })
  }

  addEventListener(
    'click',
    (event) => {
      const { target } = event
      if (granted || !(target instanceof Element)) return
      const element = questionOf(target)
      if (element === undefined) return
      // A copy has the same keys pressed, and the browser follows it as it would have followed the first.
      ask(event, element, () => void (target.isConnected && target.dispatchEvent(new MouseEvent('click', event))))
    },
    true,
  )
  addEventListener(
    'submit',
    (event) => {
      const { target: form, submitter } = event
      if (granted || !(form instanceof HTMLFormElement)) return
      const element = submitter?.matches(asking) === true ? submitter : form.matches(asking) ? form : undefined
      if (element === undefined || isAskedByClick(element)) return
      ask(event, element, () => {
        if (form.isConnected) form.requestSubmit(submitter?.isConnected === true ? submitter : null)
      })
    },
    true,
  )
}

/** The element whose question a click on `target` asks. */
function questionOf(target: Element): HTMLElement | undefined {
  const element = target.closest<HTMLElement>(`:is(${asking}):not(form)`)
  if (element === null) return undefined
  const meant = target.closest(acting)
  if (meant !== null && meant !== element && element.contains(meant)) return undefined
  // A button that submits is asked when the form's fields are valid, also if it was Enter in one of them.
  return submits(element) && !isAskedByClick(element) ? undefined : element
}

function submits(element: HTMLElement): boolean {
  if (element instanceof HTMLButtonElement) return element.type === 'submit' && element.form !== null
  return element instanceof HTMLInputElement && /^(?:submit|image)$/.test(element.type) && element.form !== null
}

/** A button that submits and does something of its own: a click does both. */
function isAskedByClick(element: HTMLElement): boolean {
  return submits(element) && element.hasAttribute('phx-click')
}

function messageOf(element: HTMLElement): string {
  for (const name of attributes) {
    const message = element.getAttribute(name)
    if (message !== null) return message
  }
  return ''
}
