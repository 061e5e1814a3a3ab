import type { Embedder } from '../../src/diff/diff.ts'

/** For templates without live components and nested views. */
export const nothingLives: Embedder = {
  embed(value) {
    throw new Error(`${value.label} was placed where nothing lives`)
  },
  refused: () => {},
}
