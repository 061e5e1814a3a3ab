import { describe, expect, it } from 'vitest'
import { openElements, openTags, printTag } from './html-tags.ts'

function tagsOf(html: string): readonly string[] {
  return [...openTags(html)].map(printTag)
}

describe('the tags of a page', () => {
  it.each([
    ['every kind of quotes', `<a href="1" title='2' id=3 hidden>`, ['<a href="1" title="2" id="3" hidden>']],
    ['names in any case, and a repeated attribute once', '<P ID="a" id="b">', ['<p id="a">']],
    ['a > inside of quotes', '<a title="1 > 0"><b>', ['<a title="1 > 0">', '<b>']],
    ['spaces around the equals sign', '<a id = "x" >', ['<a id="x">']],
    ['closing tags left out', '<p>text</p><br/>', ['<p>', '<br>']],
    ['comments left out', '<!-- <p id="a"> --><b>', ['<b>']],
    [
      'scripts and styles read as text',
      '<script>"<p>"</script><style>/*<p>*/</style><i>',
      ['<script>', '<style>', '<i>'],
    ],
    ['titles and text areas too', '<title><p></title><textarea><p></textarea>', ['<title>', '<textarea>']],
    ['a script without an end', '<script><p>', ['<script>']],
    ['what is no tag', 'a < b <3 <', []],
  ])('are read with %s', (_, html, expected) => {
    expect(tagsOf(html)).toEqual(expected)
  })

  it('are cut where they are long', () => {
    const text = tagsOf(`<p title="${'x'.repeat(500)}">`)[0]!
    expect(text).toHaveLength(100)
    expect(text).toMatch(/^<p title="x+…$/)
  })
})

describe('the elements that are open at a place', () => {
  it.each([
    ['<main><ul id="a">', ['main', 'ul']],
    ['<ul><li></li>', ['ul']],
    ['<p><br><img><input>', ['p']],
    ['<ul><li>one<li>two</ul>', []],
    ['</p><p>', ['p']],
    ['', []],
  ])('in %s', (html, expected) => {
    expect(openElements(html).map(({ name }) => name)).toEqual(expected)
  })
})
