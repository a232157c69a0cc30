/** Picture files in Node: read as every viewer shows them, alone, in folders, and as a data set of one's own; PNG written. */
export { datasetFromFolder } from './dataset-from-folder.ts'
export type {
  CopiedPicture,
  DecodeProgress,
  FolderOptions,
  OwnDataset,
  SetFinding,
  SetFindingKind,
} from './own-dataset.ts'
export type { PictureClass, PictureFolder, SkippedEntry } from './picture-folder.ts'
export { pictureFolder } from './picture-folder.ts'
export { decodePicture, readPicture, writePng } from './pictures.ts'
