import type { UploadConfig } from '../upload/entry.ts'
import type { ComponentMeta } from './component.ts'
import { ComponentSlot } from './component-slot.ts'
import type { LiveComponent, LiveView } from './definitions.ts'
import type { Flash } from './flash.ts'
import type { FormFacts } from './form-tokens.ts'
import { toAddress } from './navigation.ts'
import { NestedView, type NestedViewOptions } from './nested.ts'
import type { ShellMeta } from './shell.ts'
import type { Myself } from './socket.ts'

/** What a page tells each render on it. */
export interface PageFacts {
  readonly url: string
  readonly action: string | undefined
  readonly isConnected: boolean
  readonly nonce: string
  readonly lang: string
  readonly flash: Flash
  /** The prefix of the server's addresses in the browser. */
  readonly basePath: string
  csrfToken(): string
  /** What a form of the page says that is sent over HTTP. */
  formToken(form: FormFacts): string
}

/** The second argument of `render`, of a view and of a component. Its functions may be taken out of it. */
export class Meta implements ComponentMeta {
  readonly uploads: Readonly<Record<string, UploadConfig>>
  readonly #page: PageFacts
  readonly #myself: Myself | undefined
  readonly #component: FormFacts['component']
  #readsPage = false

  constructor(
    uploads: Readonly<Record<string, UploadConfig>>,
    page: PageFacts,
    myself: Myself | undefined,
    component?: FormFacts['component'],
  ) {
    this.uploads = uploads
    this.#page = page
    this.#myself = myself
    this.#component = component
  }

  /** Whether the render has asked for what may be another by the next one: where the page is, or its messages. */
  get readsPage(): boolean {
    return this.#readsPage
  }

  get url(): URL {
    this.#readsPage = true
    return new URL(this.#page.url)
  }

  get action(): string | undefined {
    this.#readsPage = true
    return this.#page.action
  }

  get connected(): boolean {
    return this.#page.isConnected
  }

  get nonce(): string {
    return this.#page.nonce
  }

  get lang(): string {
    return this.#page.lang
  }

  get flash(): Flash {
    this.#readsPage = true
    return this.#page.flash
  }

  /** Made when it is asked for, as a function that may be taken out. */
  get path(): (path: string) => string {
    const { basePath } = this.#page
    return (path) => toAddress('meta.path', basePath, path)
  }

  /** Made when it is asked for: a signature costs more than most renders. */
  get csrfToken(): string {
    return this.#page.csrfToken()
  }

  /** For {@link live_form_fields}. */
  formToken(submit: string, change: string | undefined): string {
    return this.#page.formToken({ submit, change, component: this.#component })
  }

  get myself(): Myself {
    // A view's render is not given one by its type.
    return this.#myself!
  }

  live_component<Props>(
    component: LiveComponent<Props>,
    props: Props & { readonly id: string | number },
  ): ComponentSlot {
    return new ComponentSlot(component as LiveComponent<never>, props as Readonly<Record<string, unknown>>)
  }

  live_view(view: LiveView, options: NestedViewOptions): NestedView {
    return new NestedView(view, options)
  }
}

/** The same for a shell. */
export class MetaOfShell extends Meta implements ShellMeta<object> {
  readonly context: object

  constructor(page: PageFacts, context: object) {
    super({}, page, undefined)
    this.context = context
  }
}
