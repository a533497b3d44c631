import { InputError } from '../../base/errors.js';

export interface JobNameParts {
  /** `--job`; null makes a name. */
  readonly asked: string | null;
  readonly dataset: string;
  /** Whether the run has a job for other datasets too: then each gets its dataset's name behind what was asked. */
  readonly isOneOfSeveral: boolean;
  /** Who acts: model and harness, or the kind of agent. */
  readonly actor: readonly string[];
}

/** The name of a job's folder: as asked for, else from the moment, the dataset and who acts. */
export function jobName({ asked, dataset, isOneOfSeveral, actor }: JobNameParts): string {
  if (asked !== null) {
    const name = checkedName(asked);
    return isOneOfSeveral ? `${name}__${slug(dataset)}` : name;
  }
  return [jobStamp(), dataset, ...actor].map(slug).join('__');
}

/** The moment, as a part of a folder's name. Milliseconds: two runs started together by a script are two jobs. */
export function jobStamp(): string {
  return new Date().toISOString().slice(0, 23).replace('T', '__').replace(/[:.]/g, '-');
}

/** A folder name from anything: an organisation in front of a model's name is dropped, odd characters become `-`. */
export function slug(text: string): string {
  const last =
    text
      .split('/')
      .filter((part) => part !== '')
      .at(-1) ?? 'x';
  return last.replace(/[^\w.-]+/g, '-').replace(/^\.+/, '');
}

function checkedName(name: string): string {
  if (/^[\w][\w.-]*$/.test(name)) return name;
  throw new InputError(`--job ${name}: a job's name is a folder's name: letters, digits, "-", "_" and "."`);
}
