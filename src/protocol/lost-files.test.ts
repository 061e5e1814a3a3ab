import { describe, expect, it } from 'vitest'
import { lostFilesParam, readLostFiles } from './lost-files.ts'

const file = { clientName: 'a.png', clientSize: 7 }
const read = (given: unknown) => readLostFiles({ [lostFilesParam]: given })

it('reads the files of each input', () => {
  const given = [
    { upload: 'photos', files: [file, { ...file, clientName: 'b.png' }] },
    { upload: 'photos', component: 'two', files: [file] },
  ]
  expect(read(given)).toEqual(given)
})

describe('leaves out what is', () => {
  it.each([
    ['nothing', undefined],
    ['no list', { upload: 'photos', files: [file] }],
    ['text', 'photos'],
    ['a list of others', [null, 7, 'x', [], {}]],
    ['without a name', [{ files: [file] }]],
    ['of a name that is a number', [{ upload: 7, files: [file] }]],
    ['of a long name', [{ upload: 'x'.repeat(2000), files: [file] }]],
    ['of a component that is a number', [{ upload: 'photos', component: 7, files: [file] }]],
    ['of a component with a long id', [{ upload: 'photos', component: 'x'.repeat(2000), files: [file] }]],
    ['of files that are no list', [{ upload: 'photos', files: { 0: file } }]],
    ['of files that are others', [{ upload: 'photos', files: [null, 7, [], {}, { clientName: 7, clientSize: 7 }] }]],
    [
      'of sizes that are none',
      [
        {
          upload: 'photos',
          files: [-1, 1.5, '7', null, 2 ** 60].map((clientSize) => ({ clientName: 'a', clientSize })),
        },
      ],
    ],
  ])('%s', (_, given) => {
    expect(read(given)).toEqual([])
  })

  it('too much', () => {
    const files = Array.from({ length: 10_000 }, () => file)
    expect(read([{ upload: 'photos', files }])[0]!.files.length).toBeLessThan(400)
    expect(read(files.map((_, at) => ({ upload: `u${at}`, files: [file] }))).length).toBeLessThan(200)
    const long = { ...file, clientName: 'x'.repeat(100_000) }
    const kept = JSON.stringify(read([{ upload: 'photos', files: [file, long, long, file] }]))
    expect(kept.length).toBeLessThan(20_000)
    expect(read(files.map(() => null))).toEqual([])
  })
})
