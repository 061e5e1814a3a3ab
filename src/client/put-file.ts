/** One request with a body, whose progress is told, and which ends when nothing goes through any more. */

export interface PutRequest {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body: Blob | FormData
  readonly stop: AbortSignal
  onProgress(sent: number): void
}

export interface Put {
  /** 0: no answer came. */
  readonly status: number
  /** `null`: the page may not read it. */
  readonly etag: string | null
}

/** How long a request may bring nothing through, in ms. */
const silence = 30_000

export function put({ method, url, headers = {}, body, stop, onProgress }: PutRequest): Promise<Put> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    const abort = (): void => request.abort()
    let timer = setTimeout(abort, silence)
    const moves = (): void => {
      clearTimeout(timer)
      timer = setTimeout(abort, silence)
    }
    request.upload.addEventListener('progress', ({ loaded }) => {
      moves()
      onProgress(loaded)
    })
    request.addEventListener('loadend', () => {
      clearTimeout(timer)
      stop.removeEventListener('abort', abort)
      // To ask for one that may not be read is an error in the console.
      const isShown = /^etag:/im.test(request.getAllResponseHeaders())
      // S3 says 400 for what was too slow.
      const isLate = request.status === 400 && request.responseText.includes('RequestTimeout')
      resolve({ status: isLate ? 408 : request.status, etag: isShown ? request.getResponseHeader('etag') : null })
    })
    request.open(method, url)
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    stop.addEventListener('abort', abort)
    if (stop.aborted) resolve({ status: 0, etag: null })
    else request.send(body)
  })
}
