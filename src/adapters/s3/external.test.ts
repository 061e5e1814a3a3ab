import { afterAll, beforeAll } from 'vitest'
import { s3FromBrowsersContract } from '../../../test/contracts/s3-from-browsers.ts'
import { S3Server } from '../../../test/support/s3-server.ts'

let store: S3Server

beforeAll(async () => {
  store = await S3Server.start()
})
afterAll(() => store.close())

s3FromBrowsersContract('of our tests', () => store)
