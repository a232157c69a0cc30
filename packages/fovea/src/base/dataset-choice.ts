/** Which data set a recipe is for. */

/** By name (`mnist`, `fashion-mnist`, `cifar-10`, `shapes` …), or the folder with its pictures. */
export type DatasetChoice = string | { readonly folder: string }

/** Its name, or the path of its folder. */
export const nameOfDataset = (choice: DatasetChoice): string => (typeof choice === 'string' ? choice : choice.folder)
