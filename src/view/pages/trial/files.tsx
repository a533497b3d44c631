import type { FC } from 'hono/jsx';
import { addresses } from '../../address.js';
import { bytes } from '../parts/bytes.js';
import type { TrialProps } from './trial-props.js';

/** Files whose whole purpose is a recorded request or response. */
const recorded = /(^|\/)(requests?|responses?|exchanges?)[^/]*(\/|\.jsonl?$)/;

/** Everything that lies in the trial's folder, to be read as plain text. */
export const Files: FC<TrialProps> = ({ page, data: { files, job, name } }) => {
  const requests = files.filter(({ path }) => recorded.test(path));
  return (
    <section>
      <h2 id="files">Files</h2>
      {requests.length === 0 ? null : (
        <p>
          Requests and responses were recorded:{' '}
          {requests.map(({ path }) => (
            <>
              <a href={page.to(addresses.file(job.name, name, path))}>{path}</a>{' '}
            </>
          ))}
        </p>
      )}
      {files.length === 0 ? <p class="empty-note">No folder of this trial is kept.</p> : null}
      <ul class="files">
        {files.map(({ path, sizeBytes }) => (
          <li>
            <a href={page.to(addresses.file(job.name, name, path))}>{path}</a>{' '}
            <small>{bytes(sizeBytes)}</small>
          </li>
        ))}
      </ul>
    </section>
  );
};
