import { describeError, ImageError, TaskError } from '../../base/errors.js';

/** What is known of images that could not be had: each is asked for a few times in all, not for every trial that needs it. */
export interface ImageFailures {
  /** Throws the error of an image that is not asked for any more. */
  refuse(content: string): void;
  /** Notes that an image could not be had. */
  note(name: string, error: unknown): void;
}

/** A registry or a network that fails gets this many chances for each image. */
const chances = 3;

/** The memory of one engine. */
export function imageFailures(): ImageFailures {
  const failed = new Map<string, { times: number; error: Error }>();
  return {
    refuse(name) {
      const known = failed.get(name);
      if (known !== undefined && (isFinal(known.error) || known.times >= chances)) throw givenUp(known.error);
    },
    note(name, error) {
      if (error instanceof ImageError || error instanceof TaskError)
        failed.set(name, { times: (failed.get(name)?.times ?? 0) + 1, error });
    },
  };
}

function isFinal(error: Error): boolean {
  return error instanceof TaskError || (error instanceof ImageError && error.isFinal);
}

/** The same error once more, now final whatever it was. */
function givenUp(error: Error): Error {
  if (isFinal(error)) return error;
  return new ImageError(
    `it could not be had ${chances} times and is not asked for again: ${describeError(error)}`,
    {
      isFinal: true,
      cause: undefined,
    },
  );
}
