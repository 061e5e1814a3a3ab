/** What one view's uploads have of the admission of a process, and what its pages are told of a refusal. */
import type { Admission, NotAdmitted } from './admission.ts'
import { type UploadError, uploadError } from './errors.ts'
import type { UploadAdmission } from './host.ts'

/** What the uploads of one view have of it. */
export function admissionOf(
  admission: Admission | undefined,
  visitorId: string,
  view: object,
): UploadAdmission | undefined {
  return (
    admission && {
      admit: (wanted, take) => admission.admit({ ...wanted, visitorId }, take),
      pass: (options) => admission.pass({ ...options, visitorId, view }),
      sentElsewhere: (bytes) => admission.sentElsewhere(bytes),
    }
  )
}

/** What the page shows. */
export function errorOf(why: NotAdmitted): UploadError {
  if (why.limit === 'minFree') return uploadError('storage_full', {})
  return uploadError('quota_exceeded', { maxBytes: why.maxBytes, resetsIn: why.resetsIn })
}
