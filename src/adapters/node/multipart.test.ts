import { describe, expect, it } from 'vitest'
import type { MultipartEnd, MultipartLimits, MultipartSink } from '../../server/multipart.ts'
import { readMultipart } from './multipart.ts'

const type = 'multipart/form-data; boundary=xx'
const limits: MultipartLimits = { maxParts: 20, maxFieldSize: 1000 }

const part = (name: string, text: string, fileName?: string): string =>
  `--xx\r\nContent-Disposition: form-data; name="${name}"${fileName === undefined ? '' : `; filename="${fileName}"`}\r\n\r\n${text}\r\n`
const end = '--xx--\r\n'

async function* inPieces(text: string, size = text.length): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** What came, in order. */
function recording(): MultipartSink & { readonly seen: unknown[] } {
  const seen: unknown[] = []
  return {
    seen,
    field: (name, value) => void seen.push([name, value]),
    async file({ field, fileName, bytes }) {
      const chunks: Uint8Array[] = []
      for await (const chunk of bytes) chunks.push(chunk)
      seen.push([field, fileName, Buffer.concat(chunks).toString()])
    },
  }
}

async function read(text: string, given: Partial<MultipartLimits> = {}): Promise<readonly [MultipartEnd, unknown[]]> {
  const sink = recording()
  return [await readMultipart(inPieces(text), type, { ...limits, ...given }, sink), sink.seen]
}

describe('a form of several parts', () => {
  it('is read in order, however it is cut', async () => {
    const text = part('a', 'ä') + part('f', 'one', 'd/one.txt') + part('f', '', '') + part('b', '2') + end
    for (const size of [1, 3, 7, text.length]) {
      const sink = recording()
      expect(await readMultipart(inPieces(text, size), type, limits, sink)).toBe('complete')
      const files = sink.seen.filter((what) => (what as unknown[])[0] === 'f')
      expect(files).toEqual([
        ['f', 'd/one.txt', 'one'],
        ['f', '', ''],
      ])
      // The fields do not wait for the files before them.
      expect(sink.seen.filter((what) => !files.includes(what))).toEqual([
        ['a', 'ä'],
        ['b', '2'],
      ])
      expect(sink.seen[0]).toEqual(['a', 'ä'])
    }
  })

  it('takes no more of its body than its files are read', async () => {
    let pulled = 0
    let release = (): void => {}
    const waits = new Promise<void>((resolve) => {
      release = resolve
    })
    const pieces = 200
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(part('f', '', 'large').slice(0, -2))
      for (; pulled < pieces; pulled++) yield new Uint8Array(64 * 1024)
      yield Buffer.from(`\r\n${end}`)
    }
    let size = 0
    const reading = readMultipart(body(), type, limits, {
      field() {},
      async file({ bytes }) {
        await waits
        expect(pulled).toBeLessThan(4)
        for await (const chunk of bytes) size += chunk.length
      },
    })
    // As long as its first part is not read nothing more comes; were that so, all of it would be there now.
    for (let turn = 0; turn < 2 * pieces; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(pulled).toBeLessThan(4)
    release()
    expect(await reading).toBe('complete')
    expect(size).toBe(pieces * 64 * 1024)
  })

  it('goes on behind a file that is not read to its end', async () => {
    const sink = recording()
    const text = part('f', 'x'.repeat(500_000), 'a') + part('b', '2') + end
    const read = await readMultipart(inPieces(text, 10_000), type, limits, {
      ...sink,
      async file({ bytes }) {
        for await (const _ of bytes) break
      },
    })
    expect([read, sink.seen]).toEqual(['complete', [['b', '2']]])
  })

  it.each([
    ['ends in a file', part('f', 'abc', 'a').slice(0, -2), 'broken'],
    ['ends in a field', part('a', 'abc').slice(0, -2), 'broken'],
    ['ends in the head of a part', '--xx\r\nContent-Dis', 'broken'],
    ['is empty', '', 'broken'],
    ['is something else', 'a=1&b=2', 'broken'],
    ['has too many parts', part('a', '1').repeat(21) + end, 'too_large'],
    ['has too many files', part('f', '1', 'a').repeat(21) + end, 'too_large'],
    ['has a field that is too long', part('a', 'x'.repeat(1001)) + end, 'too_large'],
    ['has a part without a name', '--xx\r\nContent-Disposition: form-data\r\n\r\n1\r\n' + end, 'broken'],
  ] as const)('one that %s is none', async (_, text, how) => {
    expect((await read(text))[0]).toBe(how)
  })

  it.each(['multipart/form-data', 'multipart/form-data; boundary=', 'multipart/mixed; boundary=xx'])(
    'of the type %s is none',
    async (other) => {
      expect(await readMultipart(inPieces(part('a', '1') + end), other, limits, recording())).toBe('broken')
    },
  )

  it('what the sink throws is thrown, and its files end', async () => {
    const failure = new Error('no')
    let ended: unknown
    const text = part('f', 'x'.repeat(300_000), 'a') + part('a', '1') + end
    const failing = readMultipart(inPieces(text, 10_000), type, limits, {
      field: () => {
        throw failure
      },
      async file({ bytes }) {
        for await (const _ of bytes);
      },
    })
    await expect(failing).rejects.toBe(failure)
    const broken = readMultipart(failsAfter(text.slice(0, 100_000)), type, limits, {
      field() {},
      async file({ bytes }) {
        try {
          for await (const _ of bytes);
        } catch (error) {
          ended = error
          throw error
        }
      },
    })
    await expect(broken).rejects.toThrow('the line is cut')
    expect(ended).toBeInstanceOf(Error)
  })
})

async function* failsAfter(text: string): AsyncGenerator<Uint8Array> {
  yield* inPieces(text, 10_000)
  throw new Error('the line is cut')
}
