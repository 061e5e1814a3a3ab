/**
 * Holds as many objects as `HELD` says, as an application holds what it works with. V8 collects by the size of the heap, and the bytes of
 * an upload lie outside of it: beside a heap of a few MB, as these servers have, they make it collect all the time.
 */
const count = Number(process.env['HELD'] ?? 0)

Object.assign(globalThis, { held: Array.from({ length: count }, (_, id) => ({ id, text: `Object ${id}` })) })
