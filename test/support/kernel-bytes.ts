import { readFileSync } from 'node:fs'

/** Whether the system says what it holds: Linux does. */
export const tellsKernelBytes: boolean = process.platform === 'linux'

/** Bytes that the system holds on their way from one port of this machine to another: what is not acknowledged yet may count twice. */
export function kernelBytes(from: number, to: number): number {
  let sum = 0
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(file, 'utf8').trim().split('\n').slice(1)) {
      const [, local, remote, , queues] = line.trim().split(/\s+/)
      const [unsent, unread] = queues!.split(':').map((bytes) => parseInt(bytes, 16))
      if (portOf(local!) === from && portOf(remote!) === to) sum += unsent!
      if (portOf(local!) === to && portOf(remote!) === from) sum += unread!
    }
  }
  return sum
}

function portOf(address: string): number {
  return parseInt(address.split(':')[1]!, 16)
}
