import type { FC } from 'hono/jsx';
import { addresses } from '../address.js';
import { Layout } from './layout.js';
import type { PageContext } from './page-context.js';

/** For addresses that nothing lies at. */
export const MissingPage: FC<{ readonly page: PageContext; readonly what: string }> = ({ page, what }) => (
  <Layout page={page} title="Not there" crumbs={[{ text: 'Jobs', address: addresses.jobs }]} live={null}>
    <h1>Not there</h1>
    <p class="lead">
      Nothing lies at {what}. A job or trial may have been renamed or removed;{' '}
      <a href={page.to(addresses.jobs)}>all jobs</a> are listed.
    </p>
  </Layout>
);
