/**
 * What the forms of a page said last. A client that comes back sends the change of each form again, so that what was typed meanwhile
 * is not lost. What says only what was said before would undo what the server has done since: it is not handled again.
 */
import type { EventPayload } from '../protocol/payloads.ts'

interface Said {
  /** The part and the form, as far as a payload tells them. */
  readonly form: string
  /** Absent of a submit. */
  readonly change: string | undefined
  readonly fields: string
}

/** Larger forms are not remembered: what they say again is handled again. */
const longest = 16 * 1024
/** Payloads that are kept before those that newer ones have replaced are let go of. */
const mostKept = 16
/** Forms that are remembered. */
const mostForms = 64
/** The client's word for a field that nobody has used yet, also within others: `a[_unused_b]`. */
const unused = /^[^=]*?(?:^|\[|%5B)_unused_/i

export class FormMemory {
  #payloads: EventPayload[] = []
  /** After a resume: what each form is expected to say again. */
  #expected: Map<string, string> | undefined

  /** A form has said something, and it will be handled. */
  note(payload: EventPayload): void {
    if ((payload.value as string).length > longest) return
    this.#payloads.push(payload)
    if (this.#payloads.length >= mostKept * 2) this.#payloads = this.#newest().slice(-mostForms)
  }

  /** The page has come back: what comes next may be what was said before. */
  expectAgain(): void {
    const expected = new Map<string, string>()
    for (const payload of this.#payloads) {
      const { form, change, fields } = read(payload)
      if (change !== undefined) expected.set(`${form} ${change}`, fields)
      // It says what the changes of its form say, whatever their event is called.
      else for (const key of expected.keys()) if (key.startsWith(`${form} `)) expected.set(key, fields)
      if (change === undefined) expected.set(form, fields)
    }
    this.#expected = expected.size === 0 ? undefined : expected
  }

  /** Whether an event of the page says only what its form said before. Each form is asked once; a click ends it for all. */
  isSaidAgain(payload: EventPayload): boolean {
    const expected = this.#expected
    if (expected === undefined) return false
    const said = payload.type === 'form' ? read(payload) : undefined
    if (said?.change === undefined) {
      this.#expected = undefined
      return false
    }
    const key = `${said.form} ${said.change}`
    const before = expected.get(key) ?? expected.get(said.form)
    expected.delete(key)
    expected.delete(said.form)
    return before === said.fields
  }

  /** Of each form the newest, in their order. */
  #newest(): EventPayload[] {
    const newest = new Map<string, EventPayload>()
    for (const payload of this.#payloads) {
      const { form, change } = read(payload)
      const key = `${form} ${change ?? ''}`
      newest.delete(key)
      newest.set(key, payload)
    }
    return [...newest.values()]
  }
}

function read({ cid, event, value, meta }: EventPayload): Said {
  const { _target: target, ...rest } = meta
  const pairs = (value as string).split('&').filter((pair) => !unused.test(pair))
  const names = pairs.map((pair) => pair.slice(0, (pair.indexOf('=') + 1 || pair.length + 1) - 1))
  const form = JSON.stringify([cid ?? null, rest, [...new Set(names)].sort()])
  return { form, change: target === undefined ? undefined : event, fields: pairs.join('&') }
}
