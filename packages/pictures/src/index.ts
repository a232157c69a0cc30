/** Picture files in Node: read as every viewer shows them, alone, in folders, and as a data set of one's own; PNG written. */
export type { FolderOptions, OwnDataset } from './dataset-from-folder.ts'
export { datasetFromFolder } from './dataset-from-folder.ts'
export type { CopiedPicture } from './folder-dataset.ts'
export type { PictureClass, PictureFolder, SkippedEntry } from './picture-folder.ts'
export { pictureFolder } from './picture-folder.ts'
export { decodePicture, readPicture, writePng } from './pictures.ts'
export type { DecodeProgress } from './pixel-cache.ts'
export type { SetFinding, SetFindingKind } from './set-findings.ts'
