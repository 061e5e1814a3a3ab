import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { importFaults, specifiersOf } from './import-directions.ts'
import { sources } from './root.ts'

describe('the imports of the package', () => {
  it('all point the right way', () => {
    expect(importFaults(sources())).toEqual([])
  })

  it('of rooms that run everywhere name no runtime', () => {
    const allowed = new Set(['node:crypto', 'node:diagnostics_channel', 'node:async_hooks', 'cookie', 'mime', 'rou3'])
    for (const [path, text] of sources()) {
      if (/^(?:adapters|client|testing)\//.test(path)) continue
      const foreign = specifiersOf(path, text).filter(
        (specifier) => !specifier.startsWith('.') && !allowed.has(specifier),
      )
      expect(foreign, path).toEqual([])
    }
  })

  it('of doors are re-exports by name, and doors hold nothing else', () => {
    for (const [path, text] of sources()) {
      if (path.includes('/') || path === 'errors.ts') continue
      for (const statement of ts.createSourceFile(path, text, ts.ScriptTarget.Latest).statements) {
        const byName =
          ts.isExportDeclaration(statement) &&
          statement.moduleSpecifier !== undefined &&
          statement.exportClause !== undefined &&
          ts.isNamedExports(statement.exportClause)
        expect(byName, `${path}: ${text.slice(statement.pos, statement.end)}`).toBe(true)
      }
    }
  })
})

describe('an import is found at fault', () => {
  const good = {
    'errors.ts': '',
    'index.ts': "export { html } from './template/html.ts'",
    'protocol/keys.ts': "import { LiveError } from '../errors.ts'",
    'template/html.ts': "import { keys } from '../protocol/keys.ts'",
    'token/signer.ts': '',
    'upload/uploads.ts': "import { html } from '../template/html.ts'",
    'live/session.ts': "import type { Uploads } from '../upload/uploads.ts'",
    'server/connection.ts': "import { LiveSession } from '../live/session.ts'",
    'adapters/node/server.ts': "import { Connection } from '../../server/connection.ts'",
    'adapters/express/express.ts': "import { serve } from '../node/server.ts'",
    'adapters/redis/redis.ts': '',
    'testing/live-test.ts': "import { serve } from '../adapters/node/server.ts'",
    'client/connect.ts': "import type { Keys } from '../protocol/keys.ts'",
  }

  it('never, when all is well', () => {
    expect(importFaults(new Map(Object.entries(good)))).toEqual([])
  })

  it.each([
    { from: 'protocol/keys.ts', text: "import '../template/html.ts'", why: 'protocol/ does not stand above template/' },
    {
      from: 'template/html.ts',
      text: "import type { Signer } from '../token/signer.ts'",
      why: 'template/ does not stand above token/',
    },
    {
      from: 'upload/uploads.ts',
      text: "export type { Live } from '../live/session.ts'",
      why: 'upload/ does not stand above live/',
    },
    {
      from: 'live/session.ts',
      text: "type A = import('../server/connection.ts').A",
      why: 'live/ does not stand above server/',
    },
    {
      from: 'live/session.ts',
      text: "await import('../adapters/node/server.ts')",
      why: 'live/ does not stand above adapters/',
    },
    { from: 'server/connection.ts', text: "import { html } from '../index.ts'", why: 'nothing imports a door' },
    { from: 'server/connection.ts', text: "import '../client/connect.ts'", why: 'nothing imports client/' },
    {
      from: 'server/connection.ts',
      text: "import '../testing/live-test.ts'",
      why: 'server/ does not stand above testing/',
    },
    { from: 'errors.ts', text: "import './protocol/keys.ts'", why: 'errors.ts stands alone' },
    {
      from: 'client/connect.ts',
      text: "import '../template/html.ts'",
      why: 'client/ knows protocol/ and texts/ alone',
    },
    {
      from: 'adapters/node/server.ts',
      text: "import '../express/express.ts'",
      why: 'an adapter knows no other but those of Node and the Web',
    },
    {
      from: 'testing/live-test.ts',
      text: "import '../adapters/redis/redis.ts'",
      why: 'testing/ knows adapters/node alone',
    },
    { from: 'utils/misc.ts', text: "import '../protocol/keys.ts'", why: 'utils/ is no room we know' },
    { from: 'live/session.ts', text: "import '../utils/misc.ts'", why: 'there is no such file' },
  ])('$from: $text', ({ from, text, why }) => {
    const faults = importFaults(new Map(Object.entries({ ...good, [from]: text })))
    expect(faults.filter((fault) => fault.startsWith(`${from} → `)).join()).toContain(why)
  })

  it('when it closes a circle, also of types', () => {
    const circle = {
      'errors.ts': '',
      'live/a.ts': "import type { B } from './b.ts'",
      'live/b.ts': "export type { C } from './c.ts'",
      'live/c.ts': "type A = import('./a.ts').A",
    }
    expect(importFaults(new Map(Object.entries(circle)))).toEqual([
      'a cycle: live/a.ts → live/b.ts → live/c.ts → live/a.ts',
    ])
  })
})
