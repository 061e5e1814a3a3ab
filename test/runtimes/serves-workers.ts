/** Says what becomes of `serve` with workers. */
import { createLiveServer } from 'liveloom'
import { serve } from 'liveloom/node'

await serve(createLiveServer({ routes: {} }), { workers: 2, port: 0 }).then(
  () => console.log('it serves'),
  (error: unknown) => console.log((error as { code?: string }).code, String(error)),
)
