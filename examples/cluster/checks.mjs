/** What is said as it is found, and the sum of it. */
import { styleText } from 'node:util'

const found = []

export function check(holds, what) {
  found.push(holds)
  process.stdout.write(`  ${holds ? styleText('green', '✔') : styleText('red', '✖')} ${what}\n`)
}

/** Says how many hold. Whether all do. */
export function sum() {
  const holding = found.filter(Boolean).length
  const all = holding === found.length
  process.stdout.write(`\n${styleText(all ? 'green' : 'red', `${holding} of ${found.length} hold`)}\n`)
  return all
}
