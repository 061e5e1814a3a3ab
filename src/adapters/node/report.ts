import { styleText } from 'node:util'
import type { ErrorContext } from '../../live/host.ts'

/** Prints an error to the terminal: where in a view's life it happened, and the place in the code it came from. */
export function reportToTerminal(error: unknown, { stage, view, event, component }: ErrorContext): void {
  const quoted = [component, event].map((name) => (name === undefined ? undefined : JSON.stringify(name)))
  const where = [view, stage, ...quoted].filter((part) => part !== undefined)
  const title = `${styleText('red', styleText('bold', '✖'))} ${styleText('bold', where.join(' › '))}`
  process.stderr.write(`${title}\n${indent(error instanceof Error ? stackOf(error) : String(error))}\n`)
}

/** The stack with the first frame of the application lit, and those of packages and of Node dimmed. */
function stackOf(error: Error): string {
  const [message = '', ...frames] = (error.stack ?? `${error.name}: ${error.message}`).split(/\n(?= +at )/)
  let found = false
  const lines = frames.map((frame) => {
    const foreign = /node:|[\\/]node_modules[\\/]|[\\/]liveloom[\\/]dist[\\/]/.test(frame)
    if (foreign || found) return styleText('dim', frame)
    found = true
    return styleText('cyan', frame)
  })
  const cause = error.cause instanceof Error ? [`caused by ${stackOf(error.cause)}`] : []
  return [styleText('red', message), ...lines, ...cause].join('\n')
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}
