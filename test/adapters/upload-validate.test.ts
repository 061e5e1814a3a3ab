/** A view is asked of its files, and takes its time: nobody else waits for that. */
import { describe, expect, it } from 'vitest'
import type { Verdict } from 'liveloom'
import { entriesOf, withTarget } from '../security/target.ts'

const file = (ref: string) => ({ ref, name: `${ref}.png`, size: 4, type: 'image/png' })

/** Answers when it is told to. */
function asked() {
  const answers: ((verdict: Verdict) => void)[] = []
  return { answers, validate: () => new Promise<Verdict>((answer) => void answers.push(answer)) }
}

describe('a view that is asked of its files', () => {
  it.each([
    { verdict: true, granted: ['0'], error: undefined, errors: [] },
    { verdict: 'Not this one', granted: [], error: [['0', 'rejected']], errors: ['rejected'] },
  ])('and answers late, with $verdict, goes on meanwhile', ({ verdict, granted, error, errors }) => {
    const { answers, validate } = asked()
    return withTarget({ upload: { validate } }, async ({ visit, handled }) => {
      const { view } = await visit()
      const ref = view.inputRef('photos')
      await view.choose({ [ref]: [file('0')] })
      const preflight = view.preflight(ref, [file('0')])
      // Behind it in the mailbox, and answered before it.
      expect(await entriesOf(view)).toMatchObject([{ valid: true, done: false }])
      expect(handled.at(-1)).toMatchObject({ type: 'look' })
      expect(answers).toHaveLength(1)
      answers[0]!(verdict)
      const answer = await preflight
      expect(Object.keys(answer.entries)).toEqual(granted)
      expect(answer.error).toEqual(error)
      expect(await entriesOf(view)).toMatchObject([{ errors }])
    })
  })

  it('and never answers, ends with its page', () => {
    const { answers, validate } = asked()
    return withTarget({ upload: { validate } }, async ({ visit }) => {
      const { view, client } = await visit()
      const ref = view.inputRef('photos')
      await view.choose({ [ref]: [file('0')] })
      void view.preflight(ref, [file('0')]).catch(() => {})
      await entriesOf(view)
      await client.leave()
      answers[0]!(true)
    })
  })
})
