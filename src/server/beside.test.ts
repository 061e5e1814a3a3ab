import { describe, expect, it } from 'vitest'
import { keepBeside } from '../template/beside.ts'
import { renderHtml } from '../template/to-html.ts'
import { besideTags, isOtherBeside } from './beside.ts'

describe('a file that a page has loaded', () => {
  it('is another than that of now once more is written', () => {
    const nameOf = (): string => /beside-[^"]+\.css/.exec(renderHtml(besideTags('/live/client-a.js', '')!))![0]
    keepBeside('css', 'one', 'a { }')
    const before = nameOf()
    expect(isOtherBeside(before)).toBe(false)
    keepBeside('css', 'two', 'b { }')
    expect(isOtherBeside(before)).toBe(true)
    expect(isOtherBeside(nameOf())).toBe(false)
    expect(isOtherBeside('beside-.js')).toBe(true)
  })
})
