import type { FC, PropsWithChildren } from 'hono/jsx';
import { addresses } from '../../address.js';
import { Layout } from '../layout.js';
import type { PageContext } from '../page-context.js';

/** The frame of a page that holds jobs or trials against each other. */
export const ComparisonLayout: FC<
  PropsWithChildren<{ readonly page: PageContext; readonly title: string; readonly crumb?: string }>
> = ({ page, title, crumb = 'Compare', children }) => (
  <Layout
    page={page}
    title={title}
    crumbs={[
      { text: 'Jobs', address: addresses.jobs },
      { text: crumb, address: null },
    ]}
    live={null}
  >
    {children}
  </Layout>
);
