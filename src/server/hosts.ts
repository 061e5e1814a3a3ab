/**
 * Which hosts a server answers for. A page of a stranger may have its own name point at this machine (DNS rebinding), and then reads
 * what the server says as its own: under a name that the server does not know it says nothing.
 */
import { describe, type LiveError } from '../errors.ts'

/** Hosts that are answered for: a list, or all of them. */
export type Hosts = readonly HostRule[] | 'any'

interface HostRule {
  readonly name: string
  /** Also what stands below the name. */
  readonly below: boolean
  /** `undefined`: any. */
  readonly port: string | undefined
}

const entryPattern = /^(\.?)([\w-]+(?:\.[\w-]+)*|\[[\da-f:.]+\])(?::(\d{1,5}))?$/i
const ipv4 = /^\d+\.\d+\.\d+\.\d+$/

export function resolveHosts(hosts: unknown, fail: (message: string) => LiveError): Hosts | undefined {
  if (hosts === undefined || hosts === 'any') return hosts
  if (!Array.isArray(hosts)) throw fail(`hosts must be an array of host names or 'any', got ${describe(hosts)}`)
  return hosts.map((entry: unknown, at) => {
    const parts = typeof entry === 'string' ? entryPattern.exec(entry) : null
    if (parts === null || !URL.canParse(`http://${parts[2]}`)) {
      const expected = "a name like 'example.com', '.example.com' with all below it, or 'example.com:8080'"
      throw fail(`hosts[${at}] must be ${expected}, got ${describe(entry)}`)
    }
    const [, dot, name, port] = parts
    return { name: new URL(`http://${name}`).hostname, below: dot !== '', port }
  })
}

/**
 * Whether a server answers at `url`. In development it always does under a loopback name or an IP address: those cannot be bound to
 * another machine.
 */
export function isAllowedHost(url: URL, hosts: Hosts | undefined, development: boolean): boolean {
  if (hosts === 'any' || (hosts === undefined && !development)) return true
  const name = url.hostname.replace(/\.$/, '')
  if (development && isLocal(name)) return true
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  return hosts?.some((rule) => covers(rule, name, port)) === true
}

function isLocal(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || name.startsWith('[') || ipv4.test(name)
}

function covers({ name, below, port }: HostRule, asked: string, askedPort: string): boolean {
  if (port !== undefined && Number(port) !== Number(askedPort)) return false
  return asked === name || (below && asked.endsWith(`.${name}`))
}
