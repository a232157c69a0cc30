/**
 * A checkpoint on a disk: the last one, and beside it the one before, which takes its place where the last one is damaged or was lost.
 * In: a path. Out: the checkpoint that is sound, and a sentence where it is not the last one.
 */
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts'

/** `last.ckpt` → `last-before.ckpt` */
export const checkpointBefore = (path: string): string => path.replace(/(\.[^./\\]+)?$/, '-before$1')

/** The one before is kept, and the one before that is gone, once the new one was read back. */
export async function writeCheckpoint(files: Files, path: string, checkpoint: Checkpoint): Promise<void> {
  await files.write(path, encodeCheckpoint(checkpoint), checkpointBefore(path))
}

export interface FoundCheckpoint {
  readonly checkpoint: Checkpoint
  /** What is to be said of it. */
  readonly notes: readonly string[]
}

/** Undefined where there is none. Throws UserError where none of them is sound. */
export async function findCheckpoint(files: Files, path: string): Promise<FoundCheckpoint | undefined> {
  const there: string[] = []
  for (const each of [path, checkpointBefore(path)]) if (await files.exists(each)) there.push(each)
  const [first, second] = there
  if (first === undefined) return undefined
  const read = async (each: string): Promise<Checkpoint> => decodeCheckpoint(await files.read(each), each)
  try {
    const checkpoint = await read(first)
    return { checkpoint, notes: first === path ? [] : [`${path} is gone. ${goesOnFrom(first, checkpoint)}`] }
  } catch (error) {
    if (!(error instanceof UserError) || second === undefined) throw error
    const checkpoint = await read(second).catch(() => {
      throw error
    })
    const { what } = error.problems[0]!
    return { checkpoint, notes: [`${what.replace(/\.?$/, '.')} ${goesOnFrom(second, checkpoint)}`] }
  }
}

function goesOnFrom(path: string, { progress: { epoch, batch } }: Checkpoint): string {
  const place = batch === 0 ? `epoch ${epoch + 1}` : `batch ${batch + 1} of epoch ${epoch + 1}`
  return `Training goes on from the checkpoint before, ${path}, at ${place}.`
}
