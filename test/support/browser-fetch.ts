/** `fetch` with what a browser adds to it on a page of another origin: the question beforehand, and what of the answer the page may read. */

/** @throws {TypeError} Where the browser would tell the page no more than that it failed. */
export async function browserFetch(
  origin: string,
  url: string | URL,
  { method, body, headers = {} }: { method: 'PUT' | 'POST'; body: Blob | FormData; headers?: Record<string, string> },
): Promise<Response> {
  const own = Object.keys(headers).map((name) => name.toLowerCase())
  // A form of its own is what pages could always post.
  const asks = method !== 'POST' || own.length > 0
  if (asks) {
    const question = {
      origin,
      'access-control-request-method': method,
      ...(own.length > 0 && { 'access-control-request-headers': own.toSorted().join(',') }),
    }
    const leave = await fetch(url, { method: 'OPTIONS', headers: question })
    const names = list(leave.headers.get('access-control-allow-headers'))
    const isAllowed = leave.ok && isFor(origin, leave) && own.every((name) => names.includes(name))
    if (!isAllowed || !list(leave.headers.get('access-control-allow-methods')).includes(method.toLowerCase()))
      throw new TypeError(`the preflight of ${method} was refused`)
  }
  const answer = await fetch(url, { method, body, headers: { ...headers, origin } })
  if (!isFor(origin, answer)) throw new TypeError(`the answer to ${method} is not for ${origin}`)
  const exposed = list(answer.headers.get('access-control-expose-headers'))
  const read = [...answer.headers].filter(([name]) => name === 'content-type' || exposed.includes(name))
  return new Response(answer.status === 204 ? null : await answer.arrayBuffer(), {
    status: answer.status,
    headers: read,
  })
}

function isFor(origin: string, { headers }: Response): boolean {
  return ['*', origin].includes(headers.get('access-control-allow-origin') ?? '')
}

function list(header: string | null): readonly string[] {
  return (header ?? '').split(',').map((word) => word.trim().toLowerCase())
}
