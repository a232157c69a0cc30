/** PNG files by another library than the one that is tested, at once. */
import { encode } from 'fast-png'
import type { Picture } from 'fovea/internal/base/picture'

export const pngBytes = (picture: Picture): Uint8Array => encode(picture)
