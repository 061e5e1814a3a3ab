/**
 * Runs the gallery on a fresh clone: installs what is missing, builds what is stale, starts a small S3 and a Redis beside it, and the server. With
 * `--watch` each save of the example starts it again.
 */
import { join } from 'node:path'
import { build } from './build.mjs'
import { installPackages, note, root, runServer } from './setup.mjs'

installPackages()
await build()
const { S3_BUCKET, REDIS_URL } = process.env
const env = {
  ...(S3_BUCKET === undefined && (await startBucket())),
  ...(REDIS_URL === undefined && (await startRedis())),
}
note('starting the gallery')
const watch = process.argv.includes('--watch') ? ['--watch'] : []
runServer([...watch, '--import', 'tsx', 'server.ts'], {
  cwd: join(root, 'examples/gallery'),
  env,
})

/** The small S3 of the tests, for who has none: it is gone with this process, and what is in it. */
async function startBucket() {
  const { tsImport } = await import('tsx/esm/api')
  const { S3Server } = await tsImport('../test/support/s3-server.ts', import.meta.url)
  const { forBrowsers } = await tsImport('../test/support/s3-cors.ts', import.meta.url)
  const store = await S3Server.start()
  store.cors = forBrowsers
  // With Node 20 the SDK would say at each start that it is old.
  return { ...store.environment, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' }
}

/** A Redis of its own, where this machine has the program. */
async function startRedis() {
  const { tsImport } = await import('tsx/esm/api')
  const { EngineProcess, hasEngine } = await tsImport('../test/support/engines.ts', import.meta.url)
  if (!hasEngine('redis')) return {}
  const { port } = await EngineProcess.start('redis')
  return { REDIS_URL: `redis://127.0.0.1:${port}` }
}
