import { stripVTControlCharacters } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { reportToTerminal } from './report.ts'

afterEach(() => vi.restoreAllMocks())

function printed(report: () => void): string {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  report()
  return stripVTControlCharacters(write.mock.calls.map(([text]) => String(text)).join(''))
}

describe('an error in the terminal', () => {
  it('says where in the life of a view it happened, and where in the code it came from', () => {
    const text = printed(() => reportToTerminal(new TypeError('no name'), { stage: 'event', view: '/', event: 'save' }))
    expect(text).toMatch(/^✖ \/ › event › "save"\n {2}TypeError: no name\n/)
    expect(text).toContain('report.test.ts:')
  })

  it('tells the cause', () => {
    const error = new Error('not saved', { cause: new Error('disk full') })
    expect(printed(() => reportToTerminal(error, { stage: 'upload' }))).toContain('caused by Error: disk full')
  })

  it('prints what is no error as it is', () => {
    expect(printed(() => reportToTerminal('just text', { stage: 'http' }))).toBe('✖ http\n  just text\n')
  })

  it.each([
    { name: 'an object without a prototype', thrown: Object.create(null) as unknown, text: 'a plain object' },
    { name: 'an error without a stack', thrown: Object.assign(new Error('odd'), { stack: 7 }), text: 'odd' },
    { name: 'nothing', thrown: undefined, text: 'undefined' },
  ])('prints $name as well as it can', ({ thrown, text }) => {
    expect(printed(() => reportToTerminal(thrown, { stage: 'event' }))).toBe(`✖ event\n  ${text}\n`)
  })

  it('prints the name of an event in one line, whatever the browser called it', () => {
    const text = printed(() => reportToTerminal('x', { stage: 'event', event: 'a\n\u001b[2J' }))
    expect(text).toBe('✖ event › "a\\n\\u001b[2J"\n  x\n')
  })
})
