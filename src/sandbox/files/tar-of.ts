import { pack, type Pack } from 'tar-stream';

/** A tar that `fill` writes while it is read; its failure is the stream's. */
export function tarOf(fill: (tar: Pack) => Promise<void>): Pack {
  const tar = pack();
  void fill(tar).then(
    () => tar.finalize(),
    (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return tar;
}
