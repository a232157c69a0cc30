/** `fovea doctor`: what this machine offers, and what to do where something is missing. */
import { arch, availableParallelism, cpus, freemem, release, totalmem, type } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { definitions, inBytes } from 'fovea/internal/base/text'
import { cacheFolder } from 'fovea/internal/host/node/cache'
import { tileRate } from 'fovea/internal/runtime/tile-rate'
import { hasRelaxedSimd, hasSimd, hasThreads } from 'fovea/internal/runtime/wasm/engine-features'
import { command } from '../command/command.ts'
import type { DoctorDocument } from '../command/documents.ts'
import { commonOptions } from '../command/options.ts'
import { version } from '../command/version.ts'

export const doctor = command({
  options: commonOptions,
  examples: ['doctor', 'doctor --json'],
  run: async context => {
    const document = await examine(context.env)
    return {
      document,
      text: report(document),
      next: document.ok ? 'train shapes-cnn --epochs 1' : 'help',
      exitCode: document.ok ? 0 : 1,
    }
  },
})

async function examine(env: Readonly<Record<string, string | undefined>>): Promise<DoctorDocument> {
  const simd = hasSimd()
  const threads = hasThreads()
  const relaxedSimd = relaxedSimdHere()
  const limit = process.constrainedMemory()
  const totalBytes = totalmem()
  // Without a limit the system reports 0 or a number beyond the machine.
  const limited = limit > 0 && limit < totalBytes
  const facts = {
    ok: simd,
    versions: { fovea: version(), node: process.versions.node, v8: process.versions.v8 },
    platform: `${type()} ${release()}, ${arch()}, ${cpus()[0]?.model.trim() ?? 'unknown processor'}`,
    cores: availableParallelism(),
    simd,
    relaxedSimd,
    threads,
    ...(simd && { gflops: await rates(relaxedSimd !== 'off') }),
    memory: { totalBytes, freeBytes: freemem(), ...(limited ? { limitBytes: limit } : {}) },
    ...(env['FOVEA_DATA'] ? { dataFolder: env['FOVEA_DATA'] } : {}),
    cacheFolder: cacheFolder(),
  }
  return { ...facts, hints: hintsFor(facts) }
}

async function rates(contracts: boolean): Promise<NonNullable<DoctorDocument['gflops']>> {
  const rate = async (contract: boolean): Promise<number> => (await tileRate(() => performance.now(), contract)) / 1e9
  return { reproducible: await rate(false), ...(contracts && { fast: await rate(true) }) }
}

function relaxedSimdHere(): DoctorDocument['relaxedSimd'] {
  if (hasRelaxedSimd()) return 'on'
  // Only where it is off: newer engines print an error for a flag they no longer know.
  setFlagsFromString('--experimental-wasm-relaxed-simd')
  return hasRelaxedSimd() ? 'switchable' : 'off'
}

function hintsFor(facts: Omit<DoctorDocument, 'hints'>): string[] {
  const hints: string[] = []
  if (!facts.simd) hints.push('WebAssembly SIMD is missing: Fovea needs Node 20.19 or newer on x86-64 or ARM64.')
  if (!facts.threads) hints.push('Threads on shared memory are missing: training uses one core.')
  if (facts.cores === 1) hints.push('One core: training works, but slowly; give the process more if you can.')
  if (facts.relaxedSimd === 'off') hints.push("Relaxed SIMD is missing: '--numerics fast' gains nothing here.")
  const available = facts.memory.limitBytes ?? facts.memory.totalBytes
  if (available < 2 * 1024 ** 3) hints.push('Less than 2 GB of memory: use small batches (--batch-size 16).')
  return hints
}

/** `41.2 GFLOP/s a core; 53.0 with --numerics fast (+29 %)`. */
function ratesText({ reproducible, fast }: NonNullable<DoctorDocument['gflops']>): string {
  const own = `${reproducible.toFixed(1)} GFLOP/s a core`
  if (fast === undefined) return own
  const gain = Math.round((fast / reproducible - 1) * 100)
  return `${own}; ${fast.toFixed(1)} with --numerics fast (${gain < 0 ? '' : '+'}${gain} %)`
}

function report(facts: DoctorDocument): string {
  const { memory } = facts
  const limit = memory.limitBytes === undefined ? '' : `, ${inBytes(memory.limitBytes)} for this process`
  const relaxed = {
    on: 'yes',
    switchable: 'yes, switched on for --numerics fast',
    off: 'no (only --numerics fast would use it)',
  }
  return [
    definitions(
      [
        ['Fovea', facts.versions.fovea],
        ['Node', `${facts.versions.node} (V8 ${facts.versions.v8})`],
        ['System', facts.platform],
        ['Cores', String(facts.cores)],
        ['SIMD', facts.simd ? 'yes' : 'no'],
        ['Relaxed SIMD', relaxed[facts.relaxedSimd]],
        ['Threads', facts.threads ? 'yes' : 'no'],
        ...(facts.gflops ? [['Multiply-adds', ratesText(facts.gflops)] as const] : []),
        ['Memory', `${inBytes(memory.totalBytes)}, ${inBytes(memory.freeBytes)} free${limit}`],
        ['Data folder', facts.dataFolder ?? 'FOVEA_DATA is not set: data sets are fetched when needed'],
        ['Cache', facts.cacheFolder],
      ],
      '',
    ),
    '',
    facts.hints.length === 0 ? 'Everything is here.' : facts.hints.map(hint => `! ${hint}`).join('\n'),
  ].join('\n')
}
