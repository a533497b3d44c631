/** An image name taken apart, short names completed the way docker does it. */
export interface ImageReference {
  /** `docker.io`, `ghcr.io`, `localhost:5000`, `localhost`. */
  readonly registry: string;
  /** `library/ubuntu`. */
  readonly repository: string;
  /** Tag or digest with its separator: `:24.04`, `@sha256:...`; `:latest` when none was given. */
  readonly suffix: string;
}

/** Completes a short name: `ubuntu:24.04` is `docker.io/library/ubuntu:24.04`. */
export function parseImageReference(reference: string): ImageReference {
  const [, name = reference, suffix = ':latest'] =
    /^(.+?)((?::[\w][\w.-]{0,127})?(?:@\w+:[0-9a-fA-F]+)?)$/.exec(reference) ?? [];
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isRegistry = first === 'localhost' || first.includes('.') || first.includes(':');
  const registry = isRegistry ? first : 'docker.io';
  const path = isRegistry ? name.slice(slash + 1) : name;
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  return {
    registry: registry === 'index.docker.io' ? 'docker.io' : registry,
    repository,
    suffix: suffix === '' ? ':latest' : suffix,
  };
}

/** The name in full, as engines store it. */
export function fullImageName(reference: string): string {
  const { registry, repository, suffix } = parseImageReference(reference);
  return `${registry}/${repository}${suffix}`;
}
