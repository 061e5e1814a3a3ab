/**
 * A value of a template that stands for a part of the page with a life of its own: a live component, a nested view. Templates only
 * carry it; who renders them decides what the page gets in its place.
 */
export abstract class Embedded {
  /** What it is called in messages. */
  abstract readonly label: string
}
