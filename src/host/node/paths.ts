/** What a path stands for. */
import { stat } from 'node:fs/promises'

export async function isFile(target: string): Promise<boolean> {
  return kindOf(target, 'isFile')
}

export async function isFolder(target: string): Promise<boolean> {
  return kindOf(target, 'isDirectory')
}

/** False only where nothing is there; a place that may not be looked at is an error of its own. */
async function kindOf(target: string, test: 'isFile' | 'isDirectory'): Promise<boolean> {
  try {
    return (await stat(target))[test]()
  } catch (error) {
    const code = (error as { code?: string }).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return false
    throw error
  }
}
