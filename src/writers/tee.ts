import type { MetaOf, UploadWriter } from '../upload/writer.ts'

/** What all of them hand over, in one object; of the same name the last one's. */
type TogetherMeta<Writers extends readonly UploadWriter<object>[]> = Writers extends readonly [
  infer First extends UploadWriter<object>,
  ...infer Rest extends readonly UploadWriter<object>[],
]
  ? MetaOf<First> & TogetherMeta<Rest>
  : unknown

/**
 * Writes to several writers at once, as quickly as the slowest takes it. When one fails the entry fails, and all are closed and disposed of.
 *
 * @param writers What has opened them is theirs alone from now on. Their `meta` are handed over in one object.
 */
export function tee<const Writers extends readonly UploadWriter<object>[]>(
  ...writers: Writers
): UploadWriter<TogetherMeta<Writers>> {
  /** Rejects with the first failure when all are through: none is called while another call of it runs. */
  const all = async (call: (writer: UploadWriter<object>) => void | Promise<void>): Promise<void> => {
    const outcomes = await Promise.allSettled(writers.map(async (writer) => call(writer)))
    const failure = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failure !== undefined) throw failure.reason
  }
  return {
    write: (chunk) => all((writer) => writer.write(chunk)),
    close: (reason) => all((writer) => writer.close(reason)),
    dispose: (outcome) => all((writer) => writer.dispose(outcome)),
    meta: () => Object.assign({}, ...writers.map((writer) => writer.meta())) as TogetherMeta<Writers>,
  }
}
