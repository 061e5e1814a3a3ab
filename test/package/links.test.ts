/** Every link of a document leads to a file that is there, and to a heading that is in it. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesBelow, root } from './root.ts'

const documents = [
  ...[...filesBelow(join(root, 'docs'), '.md').keys()].map((path) => join('docs', path)),
  ...[...filesBelow(join(root, 'examples'), '.md').keys()].map((path) => join('examples', path)),
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
].filter((path) => !path.includes('node_modules'))

/** Without code, in which brackets mean something else. */
function proseOf(path: string): string {
  return readFileSync(join(root, path), 'utf8')
    .replaceAll(/^( *)```[\s\S]*?^\1```/gm, '')
    .replaceAll(/`[^`\n]*`/g, '')
}

function linksOf(path: string): string[] {
  return [...proseOf(path).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target!)
}

/** The anchors that sites make of a document's headings: words in small letters, a hyphen for each blank. */
function anchorsOf(path: string): Set<string> {
  const text = readFileSync(join(root, path), 'utf8').replaceAll(/^( *)```[\s\S]*?^\1```/gm, '')
  const anchors = new Set<string>()
  for (const [, heading] of text.matchAll(/^#+ +(.+?) *$/gm)) {
    const anchor = heading!
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-')
    let free = anchor
    for (let n = 1; anchors.has(free); n++) free = `${anchor}-${n}`
    anchors.add(free)
  }
  return anchors
}

/** What is wrong with a link, or nothing. */
function complaint(from: string, link: string): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined
  const [file = '', anchor] = link.split('#', 2)
  const path = file === '' ? from : normalize(join(dirname(from), decodeURIComponent(file)))
  if (!existsSync(join(root, path))) return `${link}: there is no ${path}`
  if (anchor === undefined || statSync(join(root, path)).isDirectory()) return undefined
  return anchorsOf(path).has(anchor) ? undefined : `${link}: ${path} has no such heading`
}

describe('the links of', () => {
  it.each(documents)('%s lead somewhere', (path) => {
    expect(linksOf(path).flatMap((link) => complaint(path, link) ?? [])).toEqual([])
  })

  it('every guide is in the index of the guides', () => {
    const listed = new Set(linksOf('docs/guides/README.md').map((link) => link.split('#', 1)[0]))
    const guides = [...filesBelow(join(root, 'docs/guides'), '.md').keys()].filter((path) => path !== 'README.md')
    expect(guides.filter((path) => !listed.has(path))).toEqual([])
  })
})

describe('the check of links', () => {
  it('notices a file that is not there, and a heading that is not in it', () => {
    expect(complaint('README.md', 'docs/nowhere.md')).toContain('there is no docs/nowhere.md')
    expect(complaint('README.md', 'ARCHITECTURE.md#nowhere')).toContain('no such heading')
    expect(complaint('README.md', 'ARCHITECTURE.md#limits')).toBeUndefined()
  })
})
