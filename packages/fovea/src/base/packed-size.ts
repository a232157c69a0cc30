/** How large packed bytes can become. In: a size. Out: a bound that no honest file goes beyond. */

/**
 * Of deflate (zlib, gzip, zip): at best 258 bytes out of two bits. What an archive says of a size is checked with it before memory is
 * taken. Source: RFC 1951, 3.2.5; zlib's "Maximum Compression Factor" is 1032.
 */
export const mostUnpacked = (packed: number): number => 1032 * packed + 1024
