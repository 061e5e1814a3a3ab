/** Which proxies the show can have in front, and how each is started: with its file of this folder, and `ports` in it by name. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folder, here, start } from './stage.mjs'

export const proxies = {
  haproxy: (ports) => start('haproxy', ['-db', '-f', join(here, 'haproxy.cfg')], ports),
  nginx(ports) {
    // It looks into no environment.
    const filled = readFileSync(join(here, 'nginx.conf'), 'utf8').replace(/\$\{([A-Z_]+)\}/g, (_, name) => ports[name])
    const file = join(folder, 'nginx.conf')
    writeFileSync(file, filled)
    // Its workers are somebody else when root starts it, and may not look into our folder.
    const globals = process.getuid?.() === 0 ? 'daemon off; user root;' : 'daemon off;'
    return start('nginx', ['-p', folder, '-c', file, '-g', globals])
  },
  caddy(ports) {
    const ownFolders = { XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
    return start('caddy', ['run', '--adapter', 'caddyfile', '--config', join(here, 'Caddyfile')], {
      ...ports,
      ...ownFolders,
    })
  },
}
