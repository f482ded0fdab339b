import type { Client } from "@urql/core";

import { graphql } from "./generated/gql.js";
import type { RegisterImprovementInput } from "./generated/graphql.js";

const RegisterImprovement = graphql(`
  mutation RegisterImprovement($input: RegisterImprovementInput!, $idempotencyKey: String!) {
    registerImprovement(input: $input, idempotencyKey: $idempotencyKey) {
      __typename
      ... on ImprovementPayload { improvement { id key version } }
      ... on InvalidProblem { message problems { field message } }
      ... on ConflictProblem { message code }
      ... on NotFoundProblem { message }
      ... on NotPermittedProblem { message }
    }
  }
`);

/**
 * Registers an improvement and says in a sentence what came of it.
 *
 * With the same idempotency key it may be sent again until an answer arrives: it is registered once.
 */
export async function registerImprovement(
  client: Client,
  input: RegisterImprovementInput,
  idempotencyKey: string,
): Promise<string> {
  const { data, error } = await client.mutation(RegisterImprovement, { input, idempotencyKey }).toPromise();
  if (!data) throw error ?? new Error("the server answered nothing");
  const result = data.registerImprovement;
  switch (result.__typename) {
    case "ImprovementPayload":
      return `registered ${result.improvement.key}, version ${result.improvement.version}`;
    case "InvalidProblem":
      return [result.message, ...result.problems.map(({ field, message }) => `${field}: ${message}`)].join("\n  ");
    case "ConflictProblem":
      return result.code === "TRY_AGAIN" ? "others were changing the same: send it again" : result.message;
    case "NotFoundProblem":
    case "NotPermittedProblem":
      return result.message;
    default:
      return somethingElse(result); // a type that is new since this was compiled
  }
}

/** The compiler refuses a call of this as long as a known case is missing; at run time new ones may come. */
function somethingElse(result: never): string {
  return `the API answered something this program does not know: ${JSON.stringify(result)}`;
}
