/** For tests with views of their own: a server in the test's process, and whatever its `onError` was told. */
import { test as base, expect } from '@playwright/test'
import { createLiveServer, type ErrorContext, type LiveServerOptions } from 'liveloom'
import { serve } from 'liveloom/node'

export interface Report {
  readonly message: string
  readonly context: ErrorContext
}

export interface Stage {
  readonly url: string
  /** Sends an info to the views that listen to a topic. */
  publish(topic: string, info: unknown): void | Promise<void>
  /** Cuts all connections, and says how many there were. */
  disconnect(): number
  readonly reports: readonly Report[]
}

export const test = base.extend<{ start: (options: LiveServerOptions, development?: boolean) => Promise<Stage> }>({
  start: async ({ browserName }, use) => {
    expect(browserName).toBe('chromium')
    const ends: (() => Promise<void>)[] = []
    await use(async (options, development = false) => {
      const reports: Report[] = []
      const live = createLiveServer({
        secret: 'a secret for tests of the browser, 32 bytes',
        onError: (error, context) => reports.push({ message: (error as Error).message, context }),
        ...options,
      })
      const server = await serve(live, { port: 0, signals: false, closeTimeout: 1000, development })
      ends.push(() => server.close())
      return {
        ...{ url: server.url, reports },
        publish: (topic, info) => server.publish(topic, info),
        disconnect: () => server.disconnect(() => true),
      }
    })
    for (const end of ends) await end()
  },
})

export { expect }
