import type { Client } from "@urql/core";

import { graphql } from "./generated/gql.js";
import type { TargetsAtRiskQuery } from "./generated/graphql.js";

const TargetsAtRisk = graphql(`
  query TargetsAtRisk($first: Int!) {
    forecasts(
      first: $first
      filter: { isCurrent: true, isAbstained: false, isDecided: false, subject: [PERIOD] }
    ) {
      nodes {
        probability
        low
        high
        periodEnd
        target { name agreement { service { name } } }
        reasons { sentence }
      }
    }
  }
`);

export type Risk = TargetsAtRiskQuery["forecasts"]["nodes"][number];

/** The targets most likely to miss their objective in the running period, the likeliest first. */
export async function targetsAtRisk(client: Client, first: number): Promise<Risk[]> {
  const { data, error } = await client.query(TargetsAtRisk, { first }).toPromise();
  if (!data) throw error ?? new Error("the server answered nothing");
  return data.forecasts.nodes;
}
