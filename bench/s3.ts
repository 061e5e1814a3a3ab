/**
 * Measures `s3Writer` beside the SDK's own upload of the same bytes (`@aws-sdk/lib-storage`), with parts of the same size and as many at once, into a
 * store that throws all away. Each in a process of its own, in turns.
 *
 *     npm run bench:s3 -- [MB]
 */
import { S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { UploadEntry } from 'liveloom'
import { s3Writer } from 'liveloom/uploads-s3'
import { median } from './table.ts'

interface Figures {
  readonly 'MB/s': number
  readonly 'CPU, s': number
  readonly 'memory, MB': number
}

const rounds = 5
const partSize = 8 * 1024 * 1024
const parallel = 3
const piece = Buffer.alloc(64 * 1024, 7)
const [, , role = '256', ...args] = process.argv

if (role === 'ours' || role === 'sdk') await upload(role, args[0]!, Number(args[1]))
else await compare(Number(role))

async function compare(megabytes: number): Promise<void> {
  const store = createServer((request, response) => {
    request.resume().on('end', () => {
      const id = request.url!.includes('uploads') ? '<UploadId>1</UploadId>' : '<ETag>"1"</ETag>'
      response.setHeader('etag', '"1"').end(`<R>${id}</R>`)
    })
  }).listen(0, '127.0.0.1')
  await once(store, 'listening')
  const endpoint = `http://127.0.0.1:${(store.address() as AddressInfo).port}`
  const all: Record<'ours' | 'sdk', Figures[]> = { ours: [], sdk: [] }
  for (let round = 0; round < rounds; round++) {
    for (const who of round % 2 === 0 ? (['ours', 'sdk'] as const) : (['sdk', 'ours'] as const)) {
      const child = fork(fileURLToPath(import.meta.url), [who, endpoint, String(megabytes)])
      const [figures] = (await once(child, 'message')) as [Figures]
      all[who].push(figures)
    }
  }
  store.close()
  for (const figure of ['MB/s', 'CPU, s', 'memory, MB'] as const) {
    const [ours, sdk] = [all.ours, all.sdk].map((runs) => median(runs.map((run) => run[figure]))) as [number, number]
    console.log(
      `${figure.padEnd(12)} ours ${ours.toPrecision(4)}, SDK ${sdk.toPrecision(4)}, ratio ${(ours / sdk).toFixed(2)}`,
    )
  }
  process.exit(0)
}

async function upload(who: 'ours' | 'sdk', endpoint: string, megabytes: number): Promise<void> {
  const size = megabytes * 1e6
  const place = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }
  let peak = 0
  const before = process.memoryUsage.rss()
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 10)
  const cpu = process.cpuUsage()
  const from = performance.now()
  if (who === 'ours') {
    const writer = s3Writer({ ...place, bucket: 'bucket', key: () => 'key', partSize, parallel })({}, {
      clientSize: size,
    } as UploadEntry)
    for (let sent = 0; sent < size; sent += piece.length) await writer.write(piece)
    await writer.close('done')
  } else {
    const client = new S3Client({ ...place, forcePathStyle: true })
    async function* pieces(): AsyncGenerator<Buffer> {
      for (let sent = 0; sent < size; sent += piece.length) yield piece
    }
    const params = { Bucket: 'bucket', Key: 'key', Body: Readable.from(pieces(), { objectMode: false }) }
    await new Upload({ client, params, partSize, queueSize: parallel }).done()
  }
  const seconds = (performance.now() - from) / 1000
  const { user, system } = process.cpuUsage(cpu)
  clearInterval(watch)
  process.send!({ 'MB/s': megabytes / seconds, 'CPU, s': (user + system) / 1e6, 'memory, MB': (peak - before) / 1e6 })
  process.disconnect()
}
