/** Folder that jobs are written to, and looked up in when their names are no paths of their own. */
export const defaultResultsDir = 'results';
