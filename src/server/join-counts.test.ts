import { joinCountsContract } from '../../test/contracts/join-counts.ts'
import { ManualTime } from '../../test/support/manual-time.ts'
import { createJoinCounts } from './join-counts.ts'

let time: ManualTime

joinCountsContract('in one process', {
  create: () => {
    time = new ManualTime()
    return createJoinCounts(() => time.now)
  },
  pass: (seconds) => time.advance(seconds * 1000),
})
