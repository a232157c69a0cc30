import { describe, expect, it } from 'vitest'
import { cacheFolder } from './cache.ts'

describe('cacheFolder', () => {
  it.each([
    ['linux', {}, '/home/ada', '/home/ada/.cache/fovea'],
    ['linux', { XDG_CACHE_HOME: '/big/cache' }, '/home/ada', '/big/cache/fovea'],
    ['linux', { XDG_CACHE_HOME: 'relative' }, '/home/ada', '/home/ada/.cache/fovea'],
    ['darwin', { XDG_CACHE_HOME: '/big/cache' }, '/Users/ada', '/Users/ada/Library/Caches/fovea'],
    ['win32', { LOCALAPPDATA: 'C:\\L' }, 'C:\\Users\\ada', 'C:\\L\\fovea\\Cache'],
    ['win32', { APPDATA: 'C:\\R' }, 'C:\\Users\\ada', 'C:\\R\\fovea\\Cache'],
    ['win32', {}, 'C:\\Users\\ada', 'C:\\Users\\ada\\AppData\\Local\\fovea\\Cache'],
    ['linux', { FOVEA_CACHE: '/mine', XDG_CACHE_HOME: '/big/cache' }, '/home/ada', '/mine'],
  ])('%s %j', (platform, env, home, expected) => {
    expect(cacheFolder({ platform, env, home })).toBe(expected)
  })
})
