/** Starts doors in processes of other runtimes, which `scripts/test-runtimes.mjs` has installed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Door, StartDoor } from '../doors/app.ts'
import { buildProgram } from '../support/build-program.ts'

const programs = new Map<string, Promise<string>>()

function built(path: string): Promise<string> {
  const known = programs.get(path) ?? buildProgram(fileURLToPath(new URL(path, import.meta.url)))
  programs.set(path, known)
  return known
}

const commands: Readonly<Record<string, readonly string[]>> = {
  bun: ['bun'],
  deno: ['deno', 'run', '-A', '--quiet'],
  node22: ['node22'],
  node24: ['node24'],
}

/** Starts what `door`, a file of `test/doors`, exports as `name`. */
export function startIn(runtime: string, door: string, name = 'start'): StartDoor {
  return async (options) => startProgram(runtime, await built(`../doors/${door}`), name, options)
}

/** The same of a program that is built already. */
export async function startProgram(runtime: string, program: string, name: string, options: object): Promise<Door> {
  const running = run(runtime, [await built('child.ts'), program, name, JSON.stringify(options)])
  const lines = createInterface(running.stdout!)
  const at = await lineOf(running, lines, 'at ')
  return toDoor(running, lines, at.slice('at '.length))
}

/** What a program of this folder prints. */
export async function printedBy(runtime: string, program: string): Promise<string> {
  const running = run(runtime, [await built(program)])
  let text = ''
  for await (const piece of running.stdout!.setEncoding('utf8')) text += piece
  return text
}

function run(runtime: string, programs: readonly string[]): ChildProcess {
  const [command, ...args] = commands[runtime]!
  return spawn(join(process.env['RUNTIMES']!, command!), [...args, ...programs], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', LIVELOOM_SECRET: 'a secret of the tests, long enough' },
  })
}

function toDoor(running: ChildProcess, lines: Interface, url: string): Door {
  const ended = once(running, 'exit')
  let closing: Promise<void> | undefined
  return {
    url,
    async drain() {
      running.stdin!.write('drain\n')
      await lineOf(running, lines, 'drained')
    },
    close() {
      closing ??= (async () => {
        running.stdin!.write('close\n')
        const [code, signal] = (await ended) as [number | null, string | null]
        if (code !== 0) throw new Error(`${url} ended with ${code ?? signal}`)
      })()
      return closing
    },
  }
}

function lineOf(running: ChildProcess, lines: Interface, start: string): Promise<string> {
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      if (line.startsWith(start)) resolve(line)
    })
    running.once('exit', (code) => reject(new Error(`ended with ${code} before it said ${start}`)))
  })
}
