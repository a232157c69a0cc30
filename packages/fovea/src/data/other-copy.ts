/**
 * What to do about a data set file that cannot be used. A reader does not know whose file it is (the user's, another program's,
 * another data set's under the same name), so nothing it says may cost the user the file.
 */
export const otherCopy =
  'Leave the file to whom it belongs. Put the published one into another folder and name that as data folder, or name none to have it fetched.'
