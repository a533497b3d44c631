import { fileURLToPath } from 'node:url';
import { userCache } from '../../base/files/user-cache.js';

/** Where datasets are looked for and kept. */
export interface DatasetPlaces {
  /** The user's cache: `$XDG_CACHE_HOME/tbench`, else `~/.cache/tbench`. */
  readonly cacheDir: string;
  /** The folder of datasets that ship with tbench. */
  readonly shippedDir: string;
  /** Stands for scheme and host of every dataset's git URL (`TBENCH_DATASETS_MIRROR`); null uses them as they are. */
  readonly mirror: string | null;
  /** A registry.json of Harbor that says what `org/name@ref` is (`TBENCH_DATASETS_REGISTRY`). */
  readonly registry?: string | null;
  /** The environment that git runs in when something is fetched. */
  readonly hostEnv: NodeJS.ProcessEnv;
}

/** The places as the environment has them. */
export function datasetPlaces(env: NodeJS.ProcessEnv): DatasetPlaces {
  const { TBENCH_DATASETS_MIRROR: mirror, TBENCH_DATASETS_REGISTRY: registry } = env;
  return {
    cacheDir: userCache(env),
    shippedDir: fileURLToPath(new URL('../../../tasks', import.meta.url)),
    mirror: mirror === undefined || mirror === '' ? null : mirror,
    registry: registry === undefined || registry === '' ? null : registry,
    hostEnv: env,
  };
}
