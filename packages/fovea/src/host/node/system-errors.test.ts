/** Whatever code the system gives, its error becomes a sentence: what, why, and what to do; bugs of our own stay what they are. */
import { stat } from 'node:fs/promises'
import { constants } from 'node:os'
import { describe, expect, it } from 'vitest'
import { InternalError, UserError } from '../../base/errors.ts'
import { refusalOf, SystemRefusal, told } from './system-errors.ts'

const systemError = (code: string, more: object = {}): Error =>
  Object.assign(new Error(`${code}: as the system says it, open 'x'`), { code, syscall: 'open', ...more })

const errnos = Object.keys(constants.errno)
const nodes = [
  'ERR_FS_FILE_TOO_LARGE',
  'ERR_WORKER_INIT_FAILED',
  'ERR_WORKER_OUT_OF_MEMORY',
  'ERR_MEMORY_ALLOCATION_FAILED',
  'ERR_STRING_TOO_LONG',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'CERT_HAS_EXPIRED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]
const told12 =
  'EFBIG ENAMETOOLONG EACCES EDQUOT EMFILE ELOOP EAGAIN ENOSPC EROFS EPERM EISDIR ENOTDIR EIO EBUSY ETXTBSY ENOENT EEXIST'

describe('an error of the system', () => {
  it.each([...errnos, ...nodes])('%s is a sentence', code => {
    const refusal = refusalOf(systemError(code), 'x cannot be read')
    expect(refusal).toBeInstanceOf(SystemRefusal)
    const { message, problems } = refusal!
    expect(problems[0]).toMatchObject({
      what: 'x cannot be read',
      received: expect.any(String),
      fix: expect.any(String),
    })
    expect(message.split('\n')).toHaveLength(3)
    expect(message).not.toMatch(/^ {4}at /m)
  })

  it.each(told12.split(' '))('%s is told in words of ours', code => {
    expect(refusalOf(systemError(code))!.message).not.toContain('as the system says it')
  })

  it.each([
    ['WorkerThreads', '', 'start Node with --allow-worker, or'],
    ['FileSystemRead', '/data', 'start Node with --allow-fs-read=/data, or'],
    ['FileSystemWrite', '/runs', 'start Node with --allow-fs-write=/runs, or'],
    ['Net', '', 'start Node with --allow-net, or'],
  ])('%s that was not permitted is told with the option', (permission, resource, fix) => {
    const error = systemError('ERR_ACCESS_DENIED', { permission, resource, syscall: undefined })
    expect(refusalOf(error, 'x')!.message).toContain(fix)
  })

  it('what Deno does not permit is told in its words', () => {
    const error = Object.assign(new Error('Requires write access to "x", run again with the --allow-write flag'), {
      name: 'NotCapable',
    })
    expect(refusalOf(error, 'x cannot be written')!.message).toMatch(/x cannot be written[\s\S]*--allow-write flag/)
  })

  it('a name with a null byte is one too, other wrong arguments are bugs', async () => {
    const failure = await stat('a\0b').catch((error: unknown) => error)
    expect(refusalOf(failure, 'x')!.message).toMatch(/takes no such name/)
    const bug = await stat(5 as unknown as string).catch((error: unknown) => error)
    expect(refusalOf(bug, 'x')).toBeUndefined()
  })

  it('that nobody knows is told in its own words', () => {
    expect(refusalOf(systemError('ENEW'))!.message).toContain("as the system says it, open 'x' (ENEW)")
  })

  it('tells what was tried where nobody says it', () => {
    const said = (more: object, code = 'EACCES') => refusalOf(systemError(code, more))!.problems[0]!.what
    expect(said({ path: '/a/b' })).toBe('/a/b cannot be opened')
    expect(said({ syscall: 'scandir', path: '/a' })).toBe('/a cannot be listed')
    expect(said({ syscall: 'write' })).toBe('A file cannot be written')
    expect(said({ syscall: 'getaddrinfo', hostname: 'a.example' }, 'ENOTFOUND')).toBe('a.example cannot be reached')
    expect(said({ syscall: 'uv_cwd' }, 'ENOENT')).toBe('The current folder is gone')
    expect(said({ syscall: undefined }, 'ERR_WORKER_INIT_FAILED')).toBe('The system refused to go on')
  })

  it('is found in what it caused, and among several', () => {
    const refused = systemError('ECONNREFUSED', { syscall: 'connect', address: '127.0.0.1' })
    const several = Object.assign(new AggregateError([refused], ''), {})
    for (const cause of [refused, several]) {
      const failed = new TypeError('fetch failed', { cause })
      expect(refusalOf(failed)!.message).toMatch(/127\.0\.0\.1 cannot be reached[\s\S]*refuses the connection/)
    }
  })

  it.each([
    new RangeError('Array buffer allocation failed'),
    new RangeError('WebAssembly.Memory(): could not allocate memory'),
    new WebAssembly.CompileError('WebAssembly.compile(): Out of memory: Cannot allocate code'),
  ])('of memory has no code: %s', error => {
    expect(refusalOf(error)!.message).toMatch(/the memory ran out[\s\S]*ulimit -v/)
  })

  it('is told once: what was told already goes on as it is', async () => {
    const inner = await told(Promise.reject(systemError('EFBIG')), 'inner').catch((error: unknown) => error)
    const outer = await told(Promise.reject(inner), 'outer').catch((error: unknown) => error)
    expect(outer).toBe(inner)
  })
})

it.each([
  new TypeError('undefined is not a function'),
  new RangeError('Maximum call stack size exceeded'),
  new InternalError('plan', 'no kernel'),
  new UserError('the user’s mistake'),
  Object.assign(new Error('incorrect header check'), { code: 'Z_DATA_ERROR', errno: -3 }),
  'a text',
  undefined,
])('%s is not the system’s', async error => {
  expect(refusalOf(error)).toBeUndefined()
  await expect(told(Promise.reject(error), 'x')).rejects.toBe(error)
})
