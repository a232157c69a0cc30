/** Picture files in Node: PNG and JPEG read as every viewer shows them, PNG written. */
export { readPicture, writePng } from './pictures.ts'
