/** Where Fovea keeps what it fetched: one folder per user, by each system's own rule; `FOVEA_CACHE` overrides it. */
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: string
  readonly home: string
}

function surroundings(): Surroundings {
  return { env: process.env, platform: process.platform, home: homeFolder() }
}

/** A user without a home (as in some containers) keeps what was fetched where the system keeps what may go. */
function homeFolder(): string {
  try {
    return homedir() || tmpdir()
  } catch {
    return tmpdir()
  }
}

/**
 * `FOVEA_CACHE`, else Windows: `%LOCALAPPDATA%\fovea\Cache` (else `%APPDATA%`), macOS: `~/Library/Caches/fovea`, elsewhere
 * `$XDG_CACHE_HOME/fovea` (absolute only, as that standard says), `~/.cache/fovea` by default.
 */
export function cacheFolder({ env, platform, home }: Surroundings = surroundings()): string {
  const own = env['FOVEA_CACHE']
  if (own) return path.resolve(own)
  if (platform === 'win32') {
    const local = env['LOCALAPPDATA'] || env['APPDATA'] || path.win32.join(home, 'AppData', 'Local')
    return path.win32.join(local, 'fovea', 'Cache')
  }
  if (platform === 'darwin') return path.posix.join(home, 'Library', 'Caches', 'fovea')
  const xdg = env['XDG_CACHE_HOME']
  return path.posix.join(xdg && path.posix.isAbsolute(xdg) ? xdg : path.posix.join(home, '.cache'), 'fovea')
}

/** Folder of the per-user cache in which the files of a data set are looked for, and put when fetched. */
export function datasetCacheFolder(name: string): string {
  return path.join(cacheFolder(), 'datasets', name)
}
