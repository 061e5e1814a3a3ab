/** A value with this method prints itself in a template; what it returns is escaped like any text. */
export const renderable: unique symbol = Symbol.for('liveloom.renderable')

export interface Renderable {
  [renderable](): string
}

export function isRenderable(value: object): value is Renderable {
  return renderable in value
}
