// Reads through Apollo Client from the address given, and from its cache afterwards; prints both as JSON.
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";

const [uri] = process.argv.slice(2);
const requests = [];
const counting = (...given) => {
  requests.push(given);
  return fetch(...given);
};
const client = new ApolloClient({ link: new HttpLink({ uri, fetch: counting }), cache: new InMemoryCache() });
const page = gql`
  query Page($after: String) {
    services(first: 3, after: $after) {
      nodes { id key name }
      pageInfo { hasNextPage endCursor }
    }
  }
`;
const first = await client.query({ query: page });
const cached = await client.query({ query: page });
const second = await client.query({ query: page, variables: { after: first.data.services.pageInfo.endCursor } });
const refused = await client.query({ query: gql`query Wrong { services(first: 1000) { totalCount } }` }).catch((error) => error);
console.log(
  JSON.stringify({
    first: first.data.services.nodes.map(({ key }) => key),
    cached: cached.data.services.nodes.map(({ key }) => key),
    second: second.data.services.nodes.map(({ key }) => key),
    code: refused.errors?.[0]?.extensions?.code,
    requests: requests.length,
  }),
);
