import { dayBytesContract } from '../../test/contracts/day-bytes.ts'
import { ManualTime } from '../../test/support/manual-time.ts'
import { createDayBytes } from './day-bytes.ts'

let time: ManualTime

dayBytesContract('of one process', {
  create: () => {
    time = new ManualTime()
    return createDayBytes(() => time.now)
  },
  pass: (hours) => time.advance(hours * 60 * 60 * 1000),
})
