import type { Client } from "@urql/core";

import { graphql } from "./generated/gql.js";
import type { ServicesPageQuery } from "./generated/graphql.js";

const ServicesPage = graphql(`
  query ServicesPage($first: Int!, $after: String) {
    services(first: $first, after: $after, orderBy: KEY_ASC) {
      nodes {
        id
        key
        name
        criticality
        agreements {
          name
          kind
          targets { name }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export type Service = ServicesPageQuery["services"]["nodes"][number];

/** Every service with its agreements, page by page. */
export async function* pagesOfServices(client: Client, first: number): AsyncGenerator<Service[]> {
  let after: string | null = null;
  do {
    const { data, error }: { data?: ServicesPageQuery; error?: Error } = await client
      .query(ServicesPage, { first, after })
      .toPromise();
    if (!data) throw error ?? new Error("the server answered nothing");
    yield data.services.nodes;
    after = data.services.pageInfo.hasNextPage ? data.services.pageInfo.endCursor : null;
  } while (after !== null);
}
