/**
 * What the operating system refuses, in sentences: the one place that knows its codes, of files, memory, threads and the network.
 * In: an error as Node throws it. Out: a `SystemRefusal` that says what happened, why, and what to do; errors of other kinds stay
 * what they are. Sources: errno(3), Node's "Errors" page (common system errors, ERR_…), undici and OpenSSL for the network.
 */
import { UserError } from '../../base/errors.ts'

/** The system said no: neither the input is wrong nor Fovea is. */
export class SystemRefusal extends UserError {}

interface Reason {
  readonly received: string
  readonly fix: string
}

const otherPlace = 'choose another place'
const permission = 'choose a place you may use, or change its permissions'
const network = 'check the connection, or fetch the file by other means'
const certificate = 'name the certificates of your network with NODE_EXTRA_CA_CERTS=FILE, and check the clock'
const memory: Reason = {
  received: 'the memory ran out',
  fix: 'close other programs, raise the limit (ulimit -v, the container), or use a smaller batch size and fewer threads',
}
const threads: Reason = {
  received: 'the system gives this process no more threads or memory',
  fix: 'ask for fewer threads (--threads 1), or raise the limits (ulimit -u, ulimit -v)',
}

const reasons: Readonly<Record<string, Reason>> = {
  ENOENT: { received: 'no such file or folder', fix: 'check the path' },
  ENOTDIR: { received: 'a part of the path is a file, not a folder', fix: 'check the path' },
  EISDIR: { received: 'a folder', fix: 'name a file in it' },
  EEXIST: { received: 'there is a file where a folder is needed', fix: otherPlace },
  ENOTEMPTY: { received: 'a folder that is not empty', fix: otherPlace },
  ENAMETOOLONG: { received: 'the name is too long for this system', fix: 'choose a shorter name' },
  ELOOP: { received: 'its links lead in a circle', fix: 'name the file itself, or mend the links' },
  EINVAL: { received: 'the system takes no such name or size', fix: 'choose another name' },
  EILSEQ: { received: 'the name has signs that this file system does not take', fix: 'choose another name' },
  EACCES: { received: 'permission denied', fix: permission },
  EPERM: { received: 'operation not permitted', fix: permission },
  EROFS: { received: 'a read-only file system', fix: otherPlace },
  EBUSY: { received: 'a folder, or a file in use', fix: 'name a file, or wait until it is free' },
  ETXTBSY: { received: 'a program that is running', fix: otherPlace },
  EXDEV: { received: 'it lies on another file system', fix: otherPlace },
  ENXIO: { received: 'a device or socket that nothing answers on', fix: 'name a regular file' },
  ENODEV: { received: 'a device that is not there', fix: 'name a regular file' },
  ENOTSUP: { received: 'this file system cannot do that', fix: otherPlace },
  ENOSYS: { received: 'this system cannot do that', fix: otherPlace },
  ENOSPC: { received: 'the disk is full', fix: 'make room, or choose another place' },
  EDQUOT: { received: 'your quota on this disk is used up', fix: 'make room, or choose another place' },
  EFBIG: {
    received: 'the file would be larger than a file may be here',
    fix: 'raise the limit (ulimit -f), or choose a place on another disk',
  },
  EIO: {
    received: 'the disk does not answer as it should',
    fix: 'check the disk and its connection, or choose another place',
  },
  ESTALE: { received: 'the network drive has lost the file', fix: 'mount the drive anew, or choose another place' },
  EMFILE: { received: 'this process has too many files open', fix: 'raise the limit (ulimit -n)' },
  ENFILE: { received: 'the system has too many files open', fix: 'close other programs' },
  EAGAIN: {
    received: 'the system has no more of it now: of threads, of memory, of room in a stream',
    fix: 'try later, ask for fewer threads (--threads 1), or raise the limits (ulimit -u, ulimit -v)',
  },
  ENOMEM: memory,
  EBADF: { received: 'the stream or file is closed', fix: 'leave standard output and standard error open' },
  ERR_FS_FILE_TOO_LARGE: { received: 'more than 2 GiB, the most that is read at once', fix: 'name a smaller file' },
  ERR_STRING_TOO_LONG: { received: 'more text than one string holds', fix: 'name a smaller file' },
  ERR_BUFFER_TOO_LARGE: memory,
  Z_MEM_ERROR: memory,
  ERR_MEMORY_ALLOCATION_FAILED: memory,
  ERR_WORKER_OUT_OF_MEMORY: memory,
  ERR_WORKER_INIT_FAILED: threads,
  ENOTFOUND: { received: 'the name of the host is not known here', fix: network },
  EAI_AGAIN: { received: 'the name of the host cannot be looked up now', fix: network },
  ECONNREFUSED: { received: 'the host refuses the connection', fix: network },
  ECONNRESET: { received: 'the connection was cut', fix: network },
  EPIPE: { received: 'the other side closed the connection', fix: network },
  ETIMEDOUT: { received: 'no answer came in time', fix: network },
  EHOSTUNREACH: { received: 'there is no way to the host', fix: network },
  ENETUNREACH: { received: 'there is no way to the network', fix: network },
  ENETDOWN: { received: 'the network is down', fix: network },
  EADDRNOTAVAIL: { received: 'there is no way to the address', fix: network },
  UND_ERR_CONNECT_TIMEOUT: { received: 'no answer came in time', fix: network },
  UND_ERR_HEADERS_TIMEOUT: { received: 'no answer came in time', fix: network },
  UND_ERR_BODY_TIMEOUT: { received: 'no byte came in time', fix: network },
  UND_ERR_SOCKET: { received: 'the connection was cut', fix: network },
  EPROTO: { received: 'the host does not speak TLS as it should', fix: network },
  CERT_HAS_EXPIRED: { received: 'the certificate of the host has expired', fix: certificate },
  CERT_NOT_YET_VALID: { received: 'the certificate of the host is not valid yet', fix: certificate },
  DEPTH_ZERO_SELF_SIGNED_CERT: { received: 'the host vouches for itself', fix: certificate },
  SELF_SIGNED_CERT_IN_CHAIN: { received: 'a certificate of an authority that is not known here', fix: certificate },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { received: 'the certificate of the host cannot be checked', fix: certificate },
  UNABLE_TO_GET_ISSUER_CERT: { received: 'a certificate of an authority that is not known here', fix: certificate },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: {
    received: 'a certificate of an authority that is not known here',
    fix: certificate,
  },
  ERR_TLS_CERT_ALTNAME_INVALID: { received: 'the certificate is one of another host', fix: certificate },
}

/** Node's own permissions (`node --permission`), each by the option that gives it. */
const permissions: Readonly<Record<string, string>> = {
  WorkerThreads: '--allow-worker',
  FileSystemRead: '--allow-fs-read',
  FileSystemWrite: '--allow-fs-write',
  Net: '--allow-net',
}

function notAllowed({ permission, resource }: SystemError): Reason {
  const option = permissions[String(permission)] ?? '--allow-…'
  const path = typeof resource === 'string' && resource !== '' ? `=${resource}` : ''
  return {
    received: `Node was started with --permission and without ${option}`,
    fix: `start Node with ${option}${path}, or without --permission`,
  }
}

/** How the message of an engine that gets no memory reads: V8 gives such errors no code. */
const outOfMemory = /allocation failed|could not allocate|out of memory/i

/** Why the system refused, and what to do; undefined for an error that is not the system's. */
export function reasonOf(error: unknown): Reason | undefined {
  for (const each of causesOf(error)) {
    const { code, syscall, name, message } = each
    if (code === 'ERR_ACCESS_DENIED') return notAllowed(each)
    if (name === 'NotCapable') return { received: message, fix: 'run Deno again with that permission' }
    if (syscall === 'uv_cwd') return { received: 'it was removed or moved', fix: 'go to a folder that exists (cd)' }
    if (typeof code === 'string' && Object.hasOwn(reasons, code)) return reasons[code]
    if (code === 'ERR_INVALID_ARG_VALUE' && message.includes('null bytes')) return reasons['EINVAL']
    if (/^(RangeError|CompileError)$/.test(name) && outOfMemory.test(message)) return memory
    if (typeof code === 'string' && (typeof syscall === 'string' || /^(UND_ERR_|ERR_TLS_|ERR_SSL_|CERT_)/.test(code)))
      return {
        received: `${message || 'the system says no more'} (${code})`,
        fix: 'look up what the system says there',
      }
  }
  return undefined
}

/** The refusal an error is, with this beginning; undefined for an error that is not the system's. */
export function refusalOf(error: unknown, what = happened(error)): SystemRefusal | undefined {
  if (error instanceof SystemRefusal) return error
  if (error instanceof UserError) return undefined
  const reason = reasonOf(error)
  return reason && new SystemRefusal({ what, ...reason })
}

/** Does the work; what the system refuses of it is thrown as a sentence with this beginning. */
export async function told<T>(work: Promise<T>, what: string): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw refusalOf(error, what) ?? error
  }
}

interface SystemError extends Error {
  readonly code?: unknown
  readonly syscall?: unknown
  readonly path?: unknown
  readonly permission?: unknown
  readonly resource?: unknown
  readonly hostname?: unknown
  readonly address?: unknown
  readonly errors?: readonly unknown[] | undefined
}

/** The error, its causes and, of several at once, the first. */
function causesOf(error: unknown): SystemError[] {
  const found: SystemError[] = []
  for (let each = error; each instanceof Error && found.length < 8; ) {
    const { cause, errors } = each as SystemError
    found.push(each)
    each = cause ?? errors?.[0]
  }
  return found
}

const done: Readonly<Record<string, string>> = {
  open: 'opened',
  read: 'read',
  write: 'written',
  fsync: 'written',
  mkdir: 'made',
  scandir: 'listed',
  stat: 'looked at',
  lstat: 'looked at',
  access: 'looked at',
  rename: 'moved',
  unlink: 'removed',
  rmdir: 'removed',
}

/** What was tried, as far as the error itself tells. */
function happened(error: unknown): string {
  const { syscall, path, hostname, address } =
    causesOf(error).find(({ syscall }) => syscall !== undefined) ?? ({} as SystemError)
  if (syscall === 'uv_cwd') return 'The current folder is gone'
  const host = hostname ?? address
  if (host !== undefined) return `${String(host)} cannot be reached`
  const action = done[String(syscall)] ?? 'used'
  if (typeof path === 'string') return `${path} cannot be ${action}`
  return done[String(syscall)] === undefined ? 'The system refused to go on' : `A file cannot be ${action}`
}
