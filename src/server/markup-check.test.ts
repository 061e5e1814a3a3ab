import { describe, expect, it } from 'vitest'
import { markupMistakes } from './markup-check.ts'

describe('markup that a browser takes as it is written', () => {
  it.each([
    '<div><p>a</p><p>b</p></div>',
    '<ul><li>a<li>b</ul>',
    '<dl><dt>a<dd>b<dt>c</dl>',
    '<p>a<p>b',
    '<p>a<div>b</div>',
    '<button><p>a</p></button>',
    '<p><button><div>a</div></button></p>',
    '<table><tr><td>a<td>b<tr><td>c</table>',
    '<table><thead><tr><th>a</th></tr></thead><tbody><tr><td><table><tr><td>a</td></tr></table></td></tr></tbody></table>',
    '<tr><td>a part of a table</td></tr>',
    '<td>another</td>',
    '<li>an item</li>',
    '<svg viewBox="0 0 1 1"><path d="M0" /><g><circle r="1"/></g></svg>',
    '<math><mi>x</mi></math>',
    '<br><img src="x"><input name="a" />',
    '<!doctype html><html lang="en"><head><title>a < b</title></head><body><p>x</body></html>',
    '<script>"<div>"</script><style>a > b {}</style><textarea><div></textarea>',
    '<select><optgroup label="a"><option>1<option>2</optgroup><option>3</select>',
    '<template><tr><td>a</td></tr></template>',
    '<form><input name="ident"></form><form></form>',
    '<a href="/"><div>a block in a link</div></a>',
    '<p phx-click="a" phx-value-id="1" phx-value-any-thing="2" phx-window-keydown="b" phx-track-static phx-confirm="Yes?">x</p>',
    '<my-element><div></div></my-element>',
    '<div \uFFFC class="\uFFFC" id=\uFFFC>\uFFFC</div>',
    '<x-a data-a="a > b"></x-a>',
  ])('%s', (html) => {
    expect([...markupMistakes(html)]).toEqual([])
  })
})

describe('markup that it makes something else of', () => {
  it.each<[string, readonly string[]]>([
    ['<div>', ['<div> is not closed: each template has to close what it opens']],
    ['<div><span></div>', ['<span> is not closed: each template has to close what it opens']],
    ['</div>', ['</div> closes nothing that this template has opened']],
    ['<p>a</p></p>', ['</p> closes nothing that this template has opened']],
    ['<div />', ['<div /> does not close itself in HTML: write <div></div>']],
    [
      '<p>a<div class="x">b</div></p>',
      [
        'a <div> cannot stand in a <p>: the browser ends the <p> before it, and makes an empty one of </p>; got <div class="x">',
      ],
    ],
    [
      '<form id="a"><div><form id="b"></form></div></form>',
      ['a <form> cannot stand in a <form>: the browser drops the inner one; got <form id="b">'],
    ],
    [
      '<a href="/"><b><a href="/x">x</a></b></a>',
      ['a <a> cannot stand in a <a>: the browser ends the outer one before it; got <a href="/x">'],
    ],
    [
      '<button><button>x</button></button>',
      ['a <button> cannot stand in a <button>: the browser ends the outer one before it; got <button>'],
    ],
    [
      '<table><div>x</div></table>',
      ['a <div> cannot stand in a <table>: the browser moves it out of the table; got <div>'],
    ],
    ['<div><td>x</td></div>', ['a <td> cannot stand in a <div>: outside of a table the browser drops it']],
    ['<p phx-clik="a">x</p>', ['the client knows no phx-clik; phx-click is near: got <p phx-clik="a">']],
    ['<p phx-whatever>x</p>', ['the client knows no phx-whatever: got <p phx-whatever>']],
    [
      '<form><input name="id"></form>',
      [
        "a field cannot be called 'id': the form's own id would be the field, and the client doubles the form; got <input name=\"id\">",
      ],
    ],
  ])('%s', (html, mistakes) => {
    expect([...markupMistakes(html)]).toEqual(mistakes)
  })
})
