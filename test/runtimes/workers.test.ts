/** Workers need what Node alone has. */
import { expect, it } from 'vitest'
import { printedBy } from './runtime.ts'

it.each(['bun', 'deno'])('serve refuses workers on %s, and says what to do', async (runtime) => {
  const printed = await printedBy(runtime, 'serves-workers.ts')
  expect(printed).toContain('ERR_SERVER_OPTIONS')
  expect(printed).toContain(
    `serve: workers needs node:cluster of Node, and this is ${runtime}; start several processes behind a proxy instead`,
  )
})
