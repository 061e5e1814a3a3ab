/** A bucket that browsers may send to, for as long as a test uses it. */
import { forBrowsers } from '../../test/support/s3-cors.ts'
import { S3Server } from '../../test/support/s3-server.ts'

export async function withStore(use: (store: S3Server) => Promise<void>): Promise<void> {
  const store = await S3Server.start()
  store.cors = forBrowsers
  await use(store)
  await store.close()
}
