#!/usr/bin/env node
/** The command `liveloom`: what an operator asks of a machine that serves views. */
import { readFileSync } from 'node:fs'
import { uploads } from './uploads.ts'
import { UsageError } from './usage.ts'

const help = `liveloom – LiveView for TypeScript

Usage:
  liveloom uploads ls [options]            the files that uploads keep on this machine
  liveloom uploads rm <uuid>… [options]    delete some of them
  liveloom --version

Options of uploads:
  --folder <path>     the folder that the server keeps them in (uploads.folder);
                      default: all that Liveloom has in the temporary folder
  --json              ls: one JSON object a line
  --visitor <id>      rm: all of that visitor, as ls names it
  --older <time>      rm: all that were not touched for so long: 90s, 15m, 24h, 7d
  --all               rm: all of them
  --force             rm: also what a living server has
`

async function main(words: readonly string[]): Promise<number> {
  const [command, ...rest] = words
  if (command === '--version' || command === '-v') return say(`${version()}\n`)
  if (command === undefined || command === 'help' || words.includes('--help') || words.includes('-h')) return say(help)
  if (command === 'uploads') return uploads(rest)
  throw new UsageError(`unknown command '${command}'; known is uploads`)
}

function say(text: string): number {
  process.stdout.write(text)
  return 0
}

function version(): string {
  const text = readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const isUsage = error instanceof UsageError || isParseError(error)
  process.stderr.write(`liveloom: ${(error as Error).message}\n${isUsage ? "Try 'liveloom --help'.\n" : ''}`)
  process.exitCode = isUsage ? 2 : 1
}

/** Of `parseArgs`. */
function isParseError(error: unknown): boolean {
  return String((error as { readonly code?: unknown } | null)?.code).startsWith('ERR_PARSE_ARGS')
}
