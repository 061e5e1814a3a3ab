/**
 * The official client looks a file up by comparing each one with the whole list that the server has of them, for each preview anew, and when
 * an input changes: with a thousand files a page stood still for most of a minute. Here its own two hooks do the same by a file's name.
 */
import type { LiveSocket } from 'phoenix_live_view'
import { type ChosenFile, trackedFiles, uploadRef } from './upload-inputs.ts'

/** What is called on a hook: the element is its own. */
interface Hook<E extends Element> {
  readonly el: E
}

interface ImagePreview extends Hook<HTMLImageElement> {
  url: string | undefined
}

/** Previews of an input that are shown at once; of more, each is when it comes near to where it is seen. */
const shownAtOnce = 100
const seenFrom = '100%'

export function lookUpQuickly(liveSocket: LiveSocket): void {
  const hooks = liveSocket as unknown as { getHookDefinition(name: unknown): object | undefined }
  const definitionOf = hooks.getHookDefinition.bind(hooks)
  hooks.getHookDefinition = (name) => {
    if (name === 'Phoenix.LiveImgPreview') return imagePreview
    const definition = definitionOf(name)
    return name === 'Phoenix.LiveFileUpload' ? { ...definition, ...fileUpload } : definition
  }
}

const fileUpload = {
  hasSelectedFiles(this: Hook<HTMLInputElement>): boolean {
    const { el } = this
    const isNew = ({ _phxRef: ref }: ChosenFile): boolean => ref === undefined
    if ((el.files?.length ?? 0) > 0) return true
    if ((el.getAttribute('data-phx-active-refs') ?? '') !== '' || el.hasAttribute('data-phx-error-refs')) return true
    return trackedFiles(el).some(isNew)
  },
}

const imagePreview = {
  mounted(this: ImagePreview): void {
    const { el } = this
    const input = document.getElementById(el.getAttribute(uploadRef) ?? '')
    const file =
      input === null ? undefined : byRef(trackedFiles(input)).get(el.getAttribute('data-phx-entry-ref') ?? '')
    if (file === undefined) return
    const show = (): void => {
      this.url ??= el.src = URL.createObjectURL(file)
    }
    if (trackedFiles(input!).length <= shownAtOnce) show()
    else whenSeen(el, show)
  },
  destroyed(this: ImagePreview): void {
    seen?.unobserve(this.el)
    toShow.delete(this.el)
    if (this.url !== undefined) URL.revokeObjectURL(this.url)
  },
}

/** For the previews of one patch. */
const refs = new WeakMap<readonly ChosenFile[], ReadonlyMap<string | undefined, ChosenFile>>()

function byRef(files: readonly ChosenFile[]): ReadonlyMap<string | undefined, ChosenFile> {
  let map = refs.get(files)
  if (map === undefined) {
    map = new Map(files.map((file) => [file._phxRef, file]))
    refs.set(files, map)
    setTimeout(() => refs.delete(files))
  }
  return map
}

const toShow = new Map<Element, () => void>()
let seen: IntersectionObserver | undefined

function whenSeen(element: Element, show: () => void): void {
  toShow.set(element, show)
  seen ??= new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue
        toShow.get(target)?.()
        toShow.delete(target)
        seen!.unobserve(target)
      }
    },
    { rootMargin: seenFrom },
  )
  seen.observe(element)
}
