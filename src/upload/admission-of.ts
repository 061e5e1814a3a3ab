import type { Admission } from './admission.ts'
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
    }
  )
}
