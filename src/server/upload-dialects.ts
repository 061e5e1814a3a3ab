/** How resumable uploads of the IETF and tus 1.0 say the same things. */
import type { UploadResource } from '../upload/resource.ts'
import type { LiveRequest, LiveResponse } from './http.ts'
import {
  type BadDigest,
  readContentDigest,
  readUploadChecksum,
  type SaidDigest,
  tusAlgorithms,
} from './upload-digests.ts'

/** What a request to append says. `complete`: whether the file ends with it; tus does not say. `length`: of the whole, as far as it says. */
export interface AppendRequest {
  readonly offset: number
  readonly complete: boolean | undefined
  readonly length: number | undefined
}

export interface Dialect {
  /** Whether the request is of a version that is known. */
  speaks(request: LiveRequest): boolean
  /** The status that refuses it when it is malformed, or that it contradicts itself. `creates`: it is the first, and begins at 0. */
  readAppend(request: LiveRequest, creates: boolean): AppendRequest | number | 'inconsistent'
  /** What the request says of its bytes. */
  readDigest(request: LiveRequest): SaidDigest | BadDigest | undefined
  /** It cannot be read, or `undefined`: it has to say something of its bytes. */
  badDigest(why: BadDigest | undefined): LiveResponse
  /** They are not what it says: nothing of them counts. */
  mismatchedDigest(resource: UploadResource, said: SaidDigest): LiveResponse
  options(resource: UploadResource): LiveResponse
  looked(resource: UploadResource): LiveResponse
  /** `created`: the path of the resource, where the request was to create it. */
  appended(resource: UploadResource, created: string | undefined): LiveResponse
  /** Nothing more is needed. `fits`: what it says of the length is true. */
  completed(resource: UploadResource, fits: boolean): LiveResponse
  mismatch(resource: UploadResource, provided: number): LiveResponse
  inconsistent(): LiveResponse
  answer(status: number, resource: UploadResource): LiveResponse
  /** Headers of every answer that finds it unfinished. `now`: of the wall clock. */
  expires(resource: UploadResource, now: number): Readonly<Record<string, string>>
  /** Without reading what else the request brings. */
  refuse(status: number, title?: string): LiveResponse
}

const problems = 'https://iana.org/assignments/http-problem-types'
const partialUpload = 'application/partial-upload'
const tusVersion = '1.0.0'

export function dialectOf({ headers }: LiveRequest): Dialect {
  return headers.get('tus-resumable') === null ? draft : tus
}

export const draft: Dialect = {
  speaks: () => true,
  readAppend({ headers }, creates) {
    const complete = readBoolean(headers.get('upload-complete'))
    const offset = creates ? 0 : readInteger(headers.get('upload-offset'))
    if (!creates && mediaType(headers) !== partialUpload) return 415
    if (complete === undefined || offset === undefined) return 400
    const declared = readInteger(headers.get('upload-length'))
    const content = readInteger(headers.get('content-length'))
    const implied = complete && content !== undefined ? offset + content : undefined
    if (declared !== undefined && implied !== undefined && declared !== implied) return 'inconsistent'
    return { offset, complete, length: declared ?? implied }
  },
  readDigest: readContentDigest,
  badDigest(why) {
    if (why === 'malformed') return reply(400, closing)
    if (why === undefined) return problem(400, undefined, 'a part of this upload needs a Content-Digest', wanted)
    const reason = 'digest value is not 32 bytes long'
    const invalid = [{ algorithm: 'sha-256', header: 'Content-Digest', reason }]
    return problem(400, 'digest-invalid-values', 'Invalid Digest Values', closing, { 'invalid-digests': invalid })
  },
  mismatchedDigest: (resource, { text }) =>
    problem(400, 'digest-mismatched-values', 'Mismatched Digest Values', stateOf(resource), {
      'mismatched-digests': [{ algorithm: 'sha-256', 'provided-digest': `:${text}:`, header: 'Content-Digest' }],
    }),
  // A client of tus asks for its options without naming a version.
  options: (resource) =>
    inTus(204, { 'accept-patch': partialUpload, 'upload-limit': limitsOf(resource), ...tusOptions(resource) }),
  looked: (resource) =>
    reply(204, { ...stateOf(resource), 'upload-length': String(resource.length), 'upload-limit': limitsOf(resource) }),
  appended(resource, created) {
    const where = created === undefined ? {} : { location: created, 'upload-limit': limitsOf(resource) }
    const status = resource.state === 'done' ? 200 : created === undefined ? 204 : 201
    return reply(status, { ...stateOf(resource), ...where })
  },
  completed: (resource, fits) =>
    fits
      ? reply(200, stateOf(resource))
      : problem(400, 'completed-upload', 'the upload is complete already', stateOf(resource)),
  mismatch: (resource, provided) =>
    problem(
      409,
      'mismatching-upload-offset',
      'offset from request does not match offset of resource',
      { 'upload-offset': String(resource.offset), 'upload-complete': '?0' },
      { 'expected-offset': resource.offset, 'provided-offset': provided },
    ),
  inconsistent: () =>
    problem(400, 'inconsistent-upload-length', 'inconsistent length values for upload', {
      ...closing,
      'upload-complete': '?0',
    }),
  answer: (status) => reply(status, {}),
  // By its limits.
  expires: () => ({}),
  refuse: (status, title) =>
    title === undefined ? reply(status, closing) : problem(status, undefined, title, { ...closing }),
}

export const tus: Dialect = {
  speaks: ({ headers }) => headers.get('tus-resumable') === tusVersion,
  readAppend({ headers }) {
    if (mediaType(headers) !== 'application/offset+octet-stream') return 415
    const offset = readInteger(headers.get('upload-offset'))
    const content = readInteger(headers.get('content-length'))
    if (offset === undefined) return 400
    return { offset, complete: undefined, length: content === undefined ? undefined : offset + content }
  },
  readDigest: readUploadChecksum,
  badDigest: () => inTus(400, closing),
  mismatchedDigest: (resource) => inTus(460, { 'upload-offset': String(resource.offset) }),
  options: (resource) => inTus(204, tusOptions(resource)),
  looked: (resource) =>
    inTus(200, { 'upload-offset': String(resource.offset), 'upload-length': String(resource.length) }),
  appended: (resource) => inTus(204, { 'upload-offset': String(resource.offset) }),
  completed: (resource) => inTus(204, { 'upload-offset': String(resource.offset) }),
  mismatch: (resource) => inTus(409, { 'upload-offset': String(resource.offset) }),
  inconsistent: () => inTus(413, closing),
  answer: (status) => inTus(status, {}),
  expires: ({ timeLeft }, now) => ({ 'upload-expires': new Date(now + timeLeft).toUTCString() }),
  refuse: (status) => inTus(status, { ...closing, ...(status === 412 && { 'tus-version': tusVersion }) }),
}

/** What the request still brings is not read. */
const closing = { connection: 'close' }
const wanted = { ...closing, 'want-content-digest': 'sha-256=10' }

function stateOf(resource: UploadResource): Record<string, string> {
  return { 'upload-offset': String(resource.offset), 'upload-complete': resource.state === 'done' ? '?1' : '?0' }
}

/** One that is done ends with its entry: when that will be, nobody knows. */
function limitsOf({ length, state, timeLeft }: UploadResource): string {
  return `max-size=${length}${state === 'done' ? '' : `, max-age=${Math.floor(timeLeft / 1000)}`}`
}

function tusOptions({ length }: UploadResource): Record<string, string> {
  return {
    'tus-version': tusVersion,
    'tus-extension': 'termination,expiration,checksum',
    'tus-checksum-algorithm': tusAlgorithms.join(','),
    'tus-max-size': String(length),
  }
}

function inTus(status: number, headers: Record<string, string>): LiveResponse {
  return reply(status, { 'tus-resumable': tusVersion, ...headers })
}

function reply(status: number, headers: Record<string, string>, body = ''): LiveResponse {
  return { status, headers: { 'cache-control': 'no-store', ...headers }, body }
}

/** RFC 9457. */
function problem(
  status: number,
  type: string | undefined,
  title: string,
  headers: Record<string, string>,
  more: object = {},
): LiveResponse {
  const body = JSON.stringify({ ...(type !== undefined && { type: `${problems}#${type}` }), title, ...more })
  return reply(status, { 'content-type': 'application/problem+json', ...headers }, body)
}

/** An Integer of structured fields, RFC 9651: at most 15 digits. Parameters mean nothing here. */
function readInteger(text: string | null): number | undefined {
  const digits = /^(\d{1,15})(?:;|$)/.exec(text?.trim() ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function readBoolean(text: string | null): boolean | undefined {
  const value = /^\?([01])(?:;|$)/.exec(text?.trim() ?? '')?.[1]
  return value === undefined ? undefined : value === '1'
}

function mediaType(headers: LiveRequest['headers']): string {
  return (headers.get('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase()
}
