/** CORS of the small S3: the rules of its bucket, and what they say of a request. */

interface CorsRule {
  readonly origins: readonly string[]
  readonly methods: readonly string[]
  readonly headers: readonly string[]
  readonly exposed: readonly string[]
  readonly maxAge: string | undefined
}

export interface CorsQuestion {
  readonly origin: string
  readonly method: string
  /** That a preflight asks for. */
  readonly headers?: readonly string[]
}

const methods: ReadonlySet<string> = new Set(['GET', 'PUT', 'POST', 'DELETE', 'HEAD'])

/** What files of browsers need, for pages of all origins. */
export const forBrowsers =
  '<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>' +
  '<AllowedMethod>POST</AllowedMethod><AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>'

/** `undefined` for what is no configuration. */
export function readCors(xml: string): readonly CorsRule[] | undefined {
  if (!/^(?:<\?xml[^>]*>\s*)?<CORSConfiguration[ >]/.test(xml)) return undefined
  const rules = textsOf(xml, 'CORSRule').map((rule) => ({
    origins: textsOf(rule, 'AllowedOrigin'),
    methods: textsOf(rule, 'AllowedMethod'),
    headers: textsOf(rule, 'AllowedHeader'),
    exposed: textsOf(rule, 'ExposeHeader'),
    maxAge: textsOf(rule, 'MaxAgeSeconds')[0],
  }))
  const isSound = (rule: CorsRule): boolean =>
    rule.origins.length > 0 && rule.methods.length > 0 && rule.methods.every((method) => methods.has(method))
  return rules.length > 0 && rules.every(isSound) ? rules : undefined
}

/** What the first rule that fits has answers say; `undefined` where none fits. */
export function corsHeaders(
  rules: readonly CorsRule[],
  { origin, method, headers }: CorsQuestion,
): Readonly<Record<string, string>> | undefined {
  const rule = rules.find(
    (one) =>
      one.methods.includes(method) &&
      one.origins.some((pattern) => fits(pattern, origin)) &&
      (headers ?? []).every((name) => one.headers.some((pattern) => fits(pattern.toLowerCase(), name.toLowerCase()))),
  )
  if (rule === undefined) return undefined
  return {
    'access-control-allow-origin': rule.origins.includes('*') ? '*' : origin,
    'access-control-allow-methods': rule.methods.join(', '),
    vary: 'Origin',
    ...(headers !== undefined && headers.length > 0 && { 'access-control-allow-headers': headers.join(', ') }),
    ...(rule.exposed.length > 0 && { 'access-control-expose-headers': rule.exposed.join(', ') }),
    ...(rule.maxAge !== undefined && { 'access-control-max-age': rule.maxAge }),
  }
}

/** Patterns have one `*` at most. */
function fits(pattern: string, text: string): boolean {
  const [start, end] = pattern.split('*') as [string, string?]
  if (end === undefined) return pattern === text
  return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end)
}

function textsOf(xml: string, element: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))].map(([, text]) => text!)
}
