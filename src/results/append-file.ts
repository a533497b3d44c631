import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../base/files/make-folder.js';
import { privateModes } from './private-modes.js';
import { writeError } from './write-file.js';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;
const appending = O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_RDWR;

/**
 * Opens a file of lines for appending and creates its folder. The torn last line of a process that died is closed
 * with a line break, so that what follows stands on lines of its own; it is never rewritten. A link of that name, as a
 * stranger's job folder may hold, is not followed.
 */
export async function openForAppend(path: string): Promise<FileHandle> {
  try {
    await makeFolder(dirname(path));
    const file = await open(path, appending, privateModes.file);
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    if (size > 0 && last.toString() !== '\n') await file.appendFile('\n');
    return file;
  } catch (error) {
    throw writeError(path, error);
  }
}
