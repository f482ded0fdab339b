import { graphql } from "relay-runtime";

// What Relay generates queries for by itself: a page after a cursor, and an object anew by its id.
graphql`
  fragment ServiceList_query on Query
  @refetchable(queryName: "ServiceListPaginationQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 10 }, after: { type: "String" }) {
    services(first: $first, after: $after) @connection(key: "ServiceList_services") {
      edges { node { id ...ServiceList_service } }
    }
  }
`;

graphql`
  fragment ServiceList_service on Service
  @refetchable(queryName: "ServiceListRefetchQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 5 }, after: { type: "String" }) {
    name
    criticality
    tickets(first: $first, after: $after) @connection(key: "ServiceList_tickets") {
      edges { node { id key openedAt } }
    }
  }
`;

graphql`
  query ServiceListQuery($id: ID!) {
    ...ServiceList_query
    node(id: $id) {
      id
      ... on Agreement { name targets { id name } }
    }
  }
`;

graphql`
  mutation ServiceListMutation($input: CreateServiceInput!) {
    createService(input: $input) {
      __typename
      ... on ServicePayload { service { ...ServiceList_service } }
      ... on Problem { code message }
    }
  }
`;
