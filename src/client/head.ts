import { pageEvents } from '../protocol/message.ts'

/** Keeps the description of the document that of the view that is shown. `null`: the view says none. */
export function followDescription(): void {
  addEventListener(`phx:${pageEvents.head}`, (event) => {
    const { description } = (event as CustomEvent<{ readonly description: string | null }>).detail
    const tag = document.querySelector<HTMLMetaElement>('meta[name="description"]')
    const text = description ?? tag?.dataset['default'] ?? ''
    if (tag !== null) tag.content = text
    else if (text !== '')
      document.head.append(Object.assign(document.createElement('meta'), { name: 'description', content: text }))
  })
}
