/** Which way imports point: reads every import of a set of sources, and says which ones break the rules of the house. */
import { dirname, posix } from 'node:path'
import ts from 'typescript'

/** Sources by their path below `src/`. */
export type Sources = ReadonlyMap<string, string>

/** Rooms import rooms of a lower floor, never of their own. */
const floors: readonly (readonly string[])[] = [
  ['protocol', 'telemetry', 'texts', 'time'],
  ['template', 'token', 'forms', 'js', 'pubsub'],
  ['upload', 'diff', 'presence'],
  ['live', 'writers'],
  ['session'],
  ['server'],
  ['metrics'],
  ['adapters', 'testing'],
]

/** What every room may import: the one file outside of them. */
const shared = 'errors.ts'

/** Every breach of the rules, as `from → to: why`. Imports of types count like all others. */
export function importFaults(sources: Sources): string[] {
  const faults: string[] = []
  const graph = new Map<string, readonly string[]>()
  for (const [path, text] of sources) {
    const targets: string[] = []
    for (const specifier of specifiersOf(path, text)) {
      if (!specifier.startsWith('.')) continue
      const target = posix.join(dirname(path), specifier)
      targets.push(target)
      const why = faultOf(path, target, sources)
      if (why !== undefined) faults.push(`${path} → ${target}: ${why}`)
    }
    graph.set(path, targets)
  }
  return [...faults, ...cyclesOf(graph)]
}

function faultOf(from: string, to: string, sources: Sources): string | undefined {
  if (!sources.has(to)) return 'there is no such file'
  if (to === shared) return undefined
  if (from === shared) return 'errors.ts stands alone'
  if (isDoor(to)) return 'nothing imports a door'
  if (isDoor(from)) return undefined
  const [room, target] = [roomOf(from), roomOf(to)]
  if (room === target) return room === 'adapters' ? betweenAdapters(from, to) : undefined
  if (room === 'client')
    return ['protocol', 'texts'].includes(target) ? undefined : 'client/ knows protocol/ and texts/ alone'
  if (target === 'client') return 'nothing imports client/'
  if (target === 'adapters' && room === 'testing')
    return to.startsWith('adapters/node/') ? undefined : 'testing/ knows adapters/node alone'
  const [floor, targetFloor] = [floorOf(room), floorOf(target)]
  if (floor < 0) return `${room}/ is no room we know`
  if (targetFloor < 0) return `${target}/ is no room we know`
  return targetFloor < floor ? undefined : `${room}/ does not stand above ${target}/`
}

/** One adapter, one folder; those of frameworks and runtimes may use that of Node, and that of what speaks `Request` and `Response`. */
function betweenAdapters(from: string, to: string): string | undefined {
  const [own, other] = [from.split('/')[1], to.split('/')[1]]
  if (own === other || other === 'node' || (other === 'web' && own !== 'node')) return undefined
  return 'an adapter knows no other but those of Node and the Web'
}

function isDoor(path: string): boolean {
  return !path.includes('/') && path !== shared
}

function roomOf(path: string): string {
  return path.split('/', 1)[0]!
}

function floorOf(room: string): number {
  return floors.findIndex((floor) => floor.includes(room))
}

/** What a module imports and re-exports, types included, also by `import()`. */
export function specifiersOf(path: string, text: string): string[] {
  const specifiers: string[] = []
  const visit = (node: ts.Node): void => {
    const literal =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
            ? node.argument.literal
            : undefined
    if (literal !== undefined && ts.isStringLiteral(literal)) specifiers.push(literal.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest))
  return specifiers
}

/** Each cycle once, as the way around it. */
function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = []
  const done = new Set<string>()
  const way: string[] = []
  const walk = (path: string): void => {
    const at = way.indexOf(path)
    if (at >= 0) cycles.push(`a cycle: ${[...way.slice(at), path].join(' → ')}`)
    if (at >= 0 || done.has(path)) return
    way.push(path)
    for (const target of graph.get(path) ?? []) walk(target)
    way.pop()
    done.add(path)
  }
  for (const path of graph.keys()) walk(path)
  return cycles
}
