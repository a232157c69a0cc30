/**
 * What is used of a library for tar archives (modern-tar, MIT). The build copies it into this module, so that the package needs no other;
 * its types are written out for the same reason.
 */
import { createTarDecoder as decoder } from 'modern-tar'

/** A member of an archive; its body is to be read before the next one comes. */
export interface TarMember {
  readonly header: { readonly name: string; readonly size: number; readonly type?: string | undefined }
  readonly body: ReadableStream<Uint8Array>
}

/** Bytes of an archive in, members out. `strict`: damage is an error. */
export const createTarDecoder: (options: {
  readonly strict: boolean
}) => ReadableWritablePair<TarMember, Uint8Array<ArrayBuffer>> = decoder
