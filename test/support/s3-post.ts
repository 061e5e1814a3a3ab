/** Forms that are posted to the small S3: their policy, and whether they keep to it. */
import { signPolicy, type Signing } from '../../src/adapters/s3/signature.ts'
import { readTime, Refusal } from './s3-refusal.ts'

export interface PostedForm {
  readonly key: string
  readonly body: Buffer
  /** By lower-case name. */
  readonly fields: ReadonlyMap<string, string>
}

/** What a policy need not name. */
const free = /^(?:policy|x-amz-signature|file|x-ignore-.*)$/

/** The fields before the file count; what comes behind it is ignored. */
export async function readForm(contentType: string, sent: Buffer): Promise<PostedForm> {
  const form = await new Response(new Uint8Array(sent), { headers: { 'content-type': contentType } })
    .formData()
    .catch(() => {
      throw new Refusal(400, 'MalformedPOSTRequest')
    })
  const fields = new Map<string, string>()
  for (const [name, value] of form) {
    if (typeof value === 'string') {
      fields.set(name.toLowerCase(), value)
      continue
    }
    const key = fields.get('key')?.replaceAll('${filename}', value.name)
    if (name !== 'file' || key === undefined || key === '') break
    return { key, body: Buffer.from(await value.arrayBuffer()), fields: new Map(fields).set('key', key) }
  }
  throw new Refusal(400, 'InvalidArgument')
}

/** `signing`: of whoever has that id. */
export function verifyForm(
  { fields, body }: PostedForm,
  { bucket, now, signing }: { bucket: string; now: number; signing(id: string, region: string, now: number): Signing },
): void {
  const policy = fields.get('policy')
  if (policy === undefined) throw new Refusal(403, 'AccessDenied')
  const [signature, credential, date] = ['x-amz-signature', 'x-amz-credential', 'x-amz-date'].map((name) => {
    const value = fields.get(name)
    if (value === undefined) throw new Refusal(400, 'InvalidArgument')
    return value
  }) as [string, string, string]
  const [id, day, region] = credential.split('/') as [string, string, string]
  const at = readTime(date)
  if (!date.startsWith(day) || fields.get('x-amz-algorithm') !== 'AWS4-HMAC-SHA256')
    throw new Refusal(403, 'AccessDenied')
  if (signPolicy(policy, signing(id, region, at)) !== signature) throw new Refusal(403, 'SignatureDoesNotMatch')
  const { expiration, conditions } = JSON.parse(Buffer.from(policy, 'base64').toString()) as {
    expiration: string
    conditions: readonly unknown[]
  }
  if (now > Date.parse(expiration)) throw new Refusal(403, 'AccessDenied')
  const values = new Map(fields).set('bucket', bucket)
  if (fields.has('bucket') && fields.get('bucket') !== bucket) throw new Refusal(403, 'AccessDenied')
  const named = new Set(['bucket'])
  for (const condition of conditions) keep(condition, values, body.length, named)
  for (const name of fields.keys()) if (!free.test(name) && !named.has(name)) throw new Refusal(403, 'AccessDenied')
}

/** One condition of a policy; the fields that it names are `named`. */
function keep(
  condition: unknown,
  values: ReadonlyMap<string, string>,
  size: number,
  named: { add(name: string): unknown },
): void {
  const [how, what, value] = (
    Array.isArray(condition)
      ? condition
      : Object.entries(condition as object).flatMap(([name, equal]) => ['eq', `$${name}`, equal as unknown])
  ) as [string, unknown, unknown]
  if (how === 'content-length-range') {
    if (size < Number(what)) throw new Refusal(400, 'EntityTooSmall')
    if (size > Number(value)) throw new Refusal(400, 'EntityTooLarge')
    return
  }
  const name = String(what).slice(1).toLowerCase()
  named.add(name)
  const given = values.get(name)
  const fits = how === 'eq' ? given === value : how === 'starts-with' && given?.startsWith(String(value))
  if (fits !== true) throw new Refusal(403, 'AccessDenied')
}
