import { basename } from 'node:path';

/** What carries a name that may not be its own: a job, or one side of a comparison. */
interface Named {
  readonly name: string;
  readonly model: string | null;
  /** Where it lies. */
  readonly dir: string;
}

/**
 * The same things under names that tell them apart: a name that several have (`MODEL/terminal-bench-2-0`, as Harbor's
 * users lay out their jobs) gives way to the model where the models differ, else to the shortest end of the path that
 * differs. Names are keys of tables, charts and comparisons, so two are never the same.
 */
export function tellApart<T extends Named>(things: readonly T[]): T[] {
  const names = things.map(({ name }) => name);
  for (const shared of new Set(names)) {
    const members = things.filter(({ name }) => name === shared);
    if (members.length < 2) continue;
    const others = new Set(names.filter((name) => name !== shared));
    const better = namings(members).find(
      (naming) => new Set(naming).size === naming.length && !naming.some((name) => others.has(name)),
    );
    things.forEach((thing, index) => {
      const at = members.indexOf(thing);
      if (at >= 0) names[index] = better?.[at] ?? `${shared} #${at + 1}`;
    });
  }
  return things.map((thing, index) => ({ ...thing, name: names[index] ?? thing.name }));
}

/** Ways to name some things, the best first. */
function namings(members: readonly Named[]): string[][] {
  const models = members.flatMap(({ model }) => (model === null ? [] : [model]));
  const paths = members.map(({ dir }) => dir.split('/').filter((part) => part !== ''));
  const longest = paths.reduce((most, path) => Math.max(most, path.length), 0);
  const byPath = Array.from({ length: Math.max(0, longest - 1) }, (_, index) =>
    members.map(({ name, dir }, at) => {
      const end = (paths[at] ?? []).slice(-(index + 2)).join('/');
      const folder = basename(dir);
      // A folder that mixes models is named "folder (agent, model, dataset)": the part behind it stays.
      return name.startsWith(folder) ? end + name.slice(folder.length) : end;
    }),
  );
  return [...(models.length === members.length ? [models] : []), ...byPath];
}
