/** Mistakes that a printed page or a template shows, and that the browser would meet in silence. In development alone. */
import { LiveError } from '../errors.ts'
import { EachStream } from '../template/list.ts'
import { placeOf } from '../template/parse.ts'
import { Rendered } from '../template/rendered.ts'
import { formTokenField } from '../protocol/form-token.ts'
import { openElements, openTags, printTag, type Tag, tokens } from './html-tags.ts'

/** Looks at a whole page of the first load. */
export function* checkPage(
  html: string,
  { hasView = true }: { readonly hasView?: boolean } = {},
): Generator<LiveError> {
  const tags = [...openTags(html)]
  yield* checkLayout(tags, hasView)
  yield* checkIds(tags)
  for (const tag of tags) yield* checkTag(tag)
  yield* checkFileInputs(html)
  yield* checkLiveForms(html)
}

/** What a browser without JavaScript needs to send a form whole, and in the order in which it is read. */
function* checkLiveForms(html: string): Generator<LiveError> {
  let form: Tag | undefined
  let hasFiles = false
  for (const { closing, tag } of tokens(html)) {
    if (tag.name === 'form') {
      form = closing ? undefined : tag
      hasFiles = false
    }
    const { attributes } = tag
    if (closing || form === undefined) continue
    if (attributes.has('data-phx-upload-ref')) hasFiles = true
    if (attributes.get('name') !== formTokenField) continue
    const where = `a form with live_form_fields, ${printTag(form)},`
    if (form.attributes.get('method')?.toLowerCase() !== 'post')
      yield mistake(`${where} needs method="post": without JavaScript its fields would go into the address`)
    else if (form.attributes.get('enctype')?.toLowerCase() !== 'multipart/form-data')
      yield mistake(`${where} needs enctype="multipart/form-data": without JavaScript no file would be sent`)
    if (form.attributes.has('action')) yield mistake(`${where} has no action: it is sent to the address of its page`)
    if (hasFiles) yield mistake(`${where} must have them before its file inputs: they say first whose the files are`)
  }
}

/** The files of an input are announced with the change of its form. */
function* checkFileInputs(html: string): Generator<LiveError> {
  const outside =
    'a live_file_input must stand in a form with phx-change, or nothing is told of the files that are chosen'
  let form: Tag | undefined
  for (const { closing, tag } of tokens(html)) {
    if (tag.name === 'form') form = closing ? undefined : tag
    if (closing || !tag.attributes.has('data-phx-upload-ref')) continue
    const name = `'${tag.attributes.get('name') ?? ''}'`
    const own = tag.attributes.get('form')
    if (own !== undefined) continue
    if (form === undefined) yield mistake(`${outside}; that of ${name} stands in none`)
    else if (!form.attributes.has('phx-change'))
      yield mistake(`${outside}; that of ${name} stands in ${printTag(form)}`)
  }
}

function* checkLayout(tags: readonly Tag[], hasView: boolean): Generator<LiveError> {
  const containers = tags.filter(({ attributes }) => attributes.has('data-phx-main')).length
  if (hasView && containers !== 1) {
    const came = containers === 0 ? 'it is not there' : `it is there ${containers} times`
    yield mistake(`the layout must print page.content once, unescaped as it is, in its body; ${came}`)
  }
  const token = tags.find(({ name, attributes }) => name === 'meta' && attributes.get('name') === 'csrf-token')
  if ((token?.attributes.get('content') ?? '') === '') {
    const came = token === undefined ? 'there is none' : `it has ${printTag(token)}`
    yield mistake(
      `the layout needs <meta name="csrf-token" content="\${page.csrfToken}" /> in its head; ${came}, and no view will connect`,
    )
  }
  if (!tags.some(({ name, attributes }) => name === 'script' && attributes.has('src'))) {
    yield mistake(
      'the layout loads no script: <script defer src="${page.clientUrl}"></script>, or a bundle of yours that calls connect; ' +
        'no view will connect',
    )
  }
}

function* checkIds(tags: readonly Tag[]): Generator<LiveError> {
  const first = new Map<string, Tag>()
  for (const tag of tags) {
    const id = tag.attributes.get('id')
    if (id === undefined || id === '') continue
    const other = first.get(id)
    if (other === undefined) first.set(id, tag)
    else yield mistake(`ids must be unique in a page; '${id}' is at ${printTag(other)} and at ${printTag(tag)}`)
  }
}

/** What the client finds again by its id alone. */
function* checkTag(tag: Tag): Generator<LiveError> {
  const { name, attributes } = tag
  if ((attributes.get('id') ?? '') !== '') return
  if (name === 'form' && attributes.has('phx-change')) {
    yield mistake(
      `a form with phx-change needs an id: without one its fields are not recovered after a reconnect; got ${printTag(tag)}`,
    )
  }
  if (attributes.has('phx-hook')) {
    yield mistake(`an element with phx-hook needs an id that stays the same; got ${printTag(tag)}`)
  }
  const update = attributes.get('phx-update')
  if (update === 'stream' || update === 'ignore') {
    yield mistake(`an element with phx-update="${update}" needs an id; got ${printTag(tag)}`)
  }
}

function mistake(message: string): LiveError {
  return new LiveError('ERR_PAGE', message)
}

/** Stands for a value of a template while its tags are read. */
export const slotMark = '\uFFFC'

/**
 * Looks for streams whose element does not say that it holds one. Not in rows of `each`: those are rendered only when they are compared,
 * and a render that counts must not be counted twice.
 */
export function* checkStreams({ template, values }: Rendered): Generator<LiveError> {
  for (const [index, value] of values.entries()) {
    if (value instanceof Rendered) yield* checkStreams(value)
    else if (value instanceof EachStream) yield* checkStream(value, template.strings, index)
    else if (Array.isArray(value)) {
      const [first]: readonly unknown[] = value
      if (first instanceof Rendered) yield* checkStreams(first)
    }
  }
}

function* checkStream({ stream }: EachStream, strings: readonly string[], index: number): Generator<LiveError> {
  const parent = openElements(strings.slice(0, index + 1).join(slotMark)).at(-1)
  // Its element is in another template, or has attributes that only a render knows.
  if (parent === undefined || parent.attributes.has(slotMark)) return
  const update = parent.attributes.get('phx-update')
  if (update === 'stream' || update === slotMark) return
  yield new LiveError(
    'ERR_STREAM',
    `the element around the stream '${stream.name}' needs an id and phx-update="stream", or its items vanish with the next render; ` +
      `got <${parent.name}>, at ${placeOf(strings, index)}`,
  )
}
