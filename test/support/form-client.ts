/** A browser without JavaScript, as far as forms matter: loads a page, fills its form, and sends it as browsers do. */
import { CookieJar } from './cookie-jar.ts'

export class FormClient {
  readonly jar = new CookieJar()
  readonly url: string
  html = ''

  private constructor(url: string) {
    this.url = url
  }

  static async open(url: string): Promise<FormClient> {
    const client = new FormClient(url)
    client.html = await (await client.jar.load(url)).text()
    return client
  }

  /** What the hidden field says, of the only form of the page or the one of that id. */
  token(id?: string): string {
    const html = id === undefined ? this.html : this.html.slice(this.html.indexOf(`<form id="${id}"`))
    const found = /name="_live_form" value="([^"]+)"/.exec(html)?.[1]
    if (found === undefined) throw new Error(`no form in ${this.url}: ${this.html}`)
    return found
  }

  /** A form of the page, with its hidden field. */
  form(id?: string): FormData {
    const form = new FormData()
    form.append('_live_form', this.token(id))
    return form
  }

  /** Sends one, and keeps the page that comes back. */
  async send(body: BodyInit, init: RequestInit = {}): Promise<Response> {
    const response = await this.jar.load(this.url, { method: 'POST', body, ...init })
    this.html = await response.clone().text()
    return response
  }
}
