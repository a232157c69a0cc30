// The library starts workers and the decoder has native code: both stay packages, outside of the bundle.
export default { serverExternalPackages: ['fovea', '@fovea/pictures', '@fovea/server', 'sharp'] }
