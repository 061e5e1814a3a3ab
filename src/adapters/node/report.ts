import { styleText } from 'node:util'
import { messageOf } from '../../errors.ts'
import type { ErrorContext } from '../../live/host.ts'
import { isForeign, splitStack } from './stack.ts'

/** Prints an error to the terminal: where in a view's life it happened, and the place in the code it came from. */
export function reportToTerminal(error: unknown, { stage, view, event, component }: ErrorContext): void {
  if (stage === 'development' && error instanceof Error) return warn(error, view)
  const quoted = [component, event].map((name) => (name === undefined ? undefined : JSON.stringify(name)))
  const where = [view, stage, ...quoted].filter((part) => part !== undefined)
  const title = `${styleText('red', styleText('bold', '✖'))} ${styleText('bold', where.join(' › '))}`
  process.stderr.write(`${title}\n${indent(textOf(error))}\n`)
}

function textOf(error: unknown): string {
  try {
    return error instanceof Error ? stackOf(error) : messageOf(error)
  } catch {
    // Its stack is none.
    return messageOf(error)
  }
}

/** A likely mistake: its stack leads nowhere but to the check that found it. */
function warn(mistake: Error, view: string | undefined): void {
  const where = view === undefined ? '' : ` ${styleText('bold', view)}`
  process.stderr.write(
    `${styleText('yellow', styleText('bold', '▲'))}${where} ${styleText('yellow', mistake.message)}\n`,
  )
}

/** The stack with the first frame of the application lit, and those of packages and of Node dimmed. */
function stackOf(error: Error): string {
  const { head, frames } = splitStack(error)
  let found = false
  const lines = frames.map((frame) => {
    if (found || isForeign(frame)) return styleText('dim', frame)
    found = true
    return styleText('cyan', frame)
  })
  const cause = error.cause instanceof Error ? [`caused by ${stackOf(error.cause)}`] : []
  return [styleText('red', head), ...lines, ...cause].join('\n')
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}
