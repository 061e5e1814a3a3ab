/** Knows files by their first bytes: by the package `file-type`, which is loaded when an upload asks for it. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { LiveError } from '../../errors.ts'
import type { DetectedType, Sniffer, Sniffing } from '../../upload/sniffing.ts'

/** What of the package is used: its version 21 has it, and Node alone loads it. */
interface FileType {
  fileTypeFromBuffer(bytes: Uint8Array): Promise<DetectedType | undefined>
  readonly supportedExtensions: ReadonlySet<string>
}

const packageName = 'file-type'

export function createSniffing(): Sniffing {
  let loaded: Promise<Sniffer> | undefined
  return {
    assertThere() {
      if (loaded === undefined && !isInstalled()) {
        const why = `sniff of allowUpload needs the package ${packageName}: npm install ${packageName}@21`
        throw new LiveError('ERR_UPLOAD_SNIFF', why)
      }
    },
    load: () => (loaded ??= load()),
  }
}

/** It has no entry for `require`, which alone could be asked at once. */
function isInstalled(): boolean {
  const folders = createRequire(import.meta.url).resolve.paths(packageName) ?? []
  return folders.some((folder) => existsSync(join(folder, packageName, 'package.json')))
}

async function load(): Promise<Sniffer> {
  const { fileTypeFromBuffer, supportedExtensions } = (await import(packageName)) as FileType
  return {
    extensions: supportedExtensions,
    // What it stumbles over it does not know.
    detect: (head) => fileTypeFromBuffer(head).catch(() => undefined),
  }
}
