/**
 * Which process of which kernel somebody is, in words that another process of the same kernel can check. Numbers of processes alone
 * would not do: containers have numbers of their own, the server is usually 1 in all of them, and numbers are given out again.
 */
import { readFileSync, readlinkSync } from 'node:fs'

export interface Owner {
  /** This run of this kernel. */
  readonly boot: string
  /** The namespace that numbers the process: each container has its own. */
  readonly pids: string
  readonly pid: number
  /** When it was started, in ticks since the boot: what tells it from a later process of the same number. */
  readonly started: string
}

let own: Owner | undefined
let asked = false

/** This process; `undefined` where the kernel does not say such things: only Linux does. */
export function ownProcess(): Owner | undefined {
  if (!asked) own = readOwn()
  asked = true
  return own
}

/** Whether `owner` has ended for sure. False means nothing: it may be of another kernel, or another container. */
export function isGone(owner: Owner): boolean {
  const here = ownProcess()
  if (here === undefined || owner.boot !== here.boot || owner.pids !== here.pids) return false
  if (!isRunning(owner.pid)) return true
  const started = startOf(owner.pid)
  return started !== undefined && started !== owner.started
}

function readOwn(): Owner | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const pids = readlinkSync('/proc/self/ns/pid')
    const started = startOf(process.pid)
    return started === undefined ? undefined : { boot, pids, pid: process.pid, started }
  } catch {
    return undefined
  }
}

/** By a signal and not by `/proc`, which may hide processes that live. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name before it stands in brackets, and may hold some itself. The start is the twenty-second field, the second is the name.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
