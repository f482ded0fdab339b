// Mercurius with graphql-jit, written by hand: batched loaders, prepared statements, the organisation in every statement.
//
// The role is a property of the connections, and the organisation is remembered on each and said again when it changes.
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";
import { organisationOf } from "./callers.mjs";
import { inTwoProcesses } from "./processes.mjs";

const PORT = Number(process.env.PORT);
const POOL = 8;
const INT8 = 20;
const TIMESTAMPTZ = 1184;

pg.types.setTypeParser(INT8, Number);
pg.types.setTypeParser(TIMESTAMPTZ, (text) => text.replace(" ", "T").replace("+00", "Z"));

const schema = `
  enum BreachOrder { BREACHED_AT_ASC BREACHED_AT_DESC }
  input InstantRange { from: String before: String }
  input BreachFilter { breached: InstantRange }
  type Query {
    services(first: Int!, after: String): ServiceConnection!
    service(key: String!): Service
    breaches(first: Int!, after: String, filter: BreachFilter, orderBy: BreachOrder!): BreachConnection!
  }
  type ServiceConnection { nodes: [Service!]! edges: [ServiceEdge!]! }
  type ServiceEdge { cursor: String! node: Service! }
  type Service {
    id: ID! key: String! name: String! description: String! criticality: String!
    agreements: [Agreement!]!
  }
  type Agreement { id: ID! key: String! name: String! kind: String! targets: [Target!]! }
  type Target { id: ID! key: String! name: String! periodResults(first: Int!): PeriodResultConnection! }
  type PeriodResultConnection { nodes: [PeriodResult!]! }
  type PeriodResult {
    id: ID! periodStart: String! met: Int! missed: Int! attainmentPercent: String outcome: String!
  }
  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  type BreachConnection { totalCount: Int! pageInfo: PageInfo! edges: [BreachEdge!]! }
  type BreachEdge { cursor: String! node: Breach! }
  type Breach { id: ID! kind: String! breachedAt: String! cycle: Int target: Target! ticket: Ticket }
  type Ticket { id: ID! key: String! }
`;

/** A few connections, each with a queue of its own; a statement goes to the one with the shortest. */
class Connections {
  constructor(clients) {
    this.members = clients.map((client) => ({ client, waiting: 0, organisation: "" }));
  }

  static async open(settings, count) {
    const clients = Array.from({ length: count }, () => new pg.Client(settings));
    await Promise.all(clients.map((client) => client.connect()));
    return new Connections(clients);
  }

  /** The rows of a prepared statement, whose first parameter is the organisation. */
  async rows(name, text, values) {
    let member = this.members[0];
    for (const other of this.members) if (other.waiting < member.waiting) member = other;
    member.waiting += 1;
    try {
      if (member.organisation !== values[0]) {
        member.organisation = values[0];
        member.client
          .query("SELECT set_config('app.organisation', $1, false)", [values[0]])
          .catch(() => (member.organisation = ""));
      }
      return (await member.client.query({ name, text, values })).rows;
    } finally {
      member.waiting -= 1;
    }
  }
}

const encoded = (position) => Buffer.from(position).toString("base64url");
const decoded = (cursor) => Buffer.from(cursor, "base64url").toString();

/** Rows by the id in their column `by`, in the order they came. */
function grouped(rows, by) {
  const groups = new Map();
  for (const row of rows) {
    const group = groups.get(row[by]);
    if (group === undefined) groups.set(row[by], [row]);
    else group.push(row);
  }
  return groups;
}

const SERVICE = "id, key, name, description, upper(criticality) AS criticality";
const SERVICES = `SELECT ${SERVICE} FROM service WHERE organisation_id = $1 AND key > $2 ORDER BY key LIMIT $3`;
const SERVICE_BY_KEY = `SELECT ${SERVICE} FROM service WHERE organisation_id = $1 AND key = $2`;
const AGREEMENTS = `SELECT id, service_id, key, name, upper(kind) AS kind FROM agreement
  WHERE organisation_id = $1 AND service_id = ANY($2::uuid[]) ORDER BY key`;
const TARGETS = `SELECT id, agreement_id, key, name FROM target
  WHERE organisation_id = $1 AND agreement_id = ANY($2::uuid[]) ORDER BY key`;
const PERIOD_RESULTS = `SELECT result.* FROM unnest($2::uuid[]) AS wanted(id) CROSS JOIN LATERAL (
    SELECT id, target_id, period_start AS "periodStart", met, missed, upper(outcome) AS outcome,
      attainment_percent AS "attainmentPercent"
    FROM period_result WHERE organisation_id = $1 AND target_id = wanted.id ORDER BY period_start DESC LIMIT $3
  ) AS result`;
const RANGE = "organisation_id = $1 AND breached_at >= $2::timestamptz AND breached_at < $3::timestamptz";
const BREACHES = `SELECT id, upper(kind) AS kind, breached_at AS "breachedAt", cycle, target_id, ticket_id FROM breach
  WHERE ${RANGE} AND (breached_at, id) < ($4::timestamptz, $5::uuid)
  ORDER BY breached_at DESC, id DESC LIMIT $6`;
const BREACH_COUNT = `SELECT count(*) FROM breach WHERE ${RANGE}`;
const TARGETS_BY_ID = "SELECT id, key, name FROM target WHERE organisation_id = $1 AND id = ANY($2::uuid[])";
const TICKETS_BY_ID = "SELECT id, key FROM ticket WHERE organisation_id = $1 AND id = ANY($2::uuid[])";
const BEYOND_ALL = ["infinity", "ffffffff-ffff-ffff-ffff-ffffffffffff"];

inTwoProcesses(async () => {
  const settings = { connectionString: process.env.DATABASE_URL, options: "-c role=slm_runtime -c timezone=UTC" };
  const database = await Connections.open(settings, POOL);
  const callers = new pg.Pool({ ...settings, max: 1 });

  const toMany = (name, text, by) => ({
    opts: { cache: false },
    async loader(queries, { organisation }) {
      const groups = grouped(await database.rows(name, text, [organisation, queries.map(({ obj }) => obj.id)]), by);
      return queries.map(({ obj }) => groups.get(obj.id) ?? []);
    },
  });
  const toOne = (name, text, reference) => ({
    opts: { cache: false },
    async loader(queries, { organisation }) {
      const wanted = [...new Set(queries.map(({ obj }) => obj[reference]).filter((id) => id !== null))];
      const found = new Map();
      for (const row of await database.rows(name, text, [organisation, wanted])) found.set(row.id, row);
      return queries.map(({ obj }) => found.get(obj[reference]) ?? null);
    },
  });

  const resolvers = {
    Query: {
      async services(_, { first, after }, { organisation }) {
        const nodes = await database.rows("services", SERVICES, [organisation, after ? decoded(after) : "", first]);
        return { nodes };
      },
      async service(_, { key }, { organisation }) {
        return (await database.rows("service", SERVICE_BY_KEY, [organisation, key]))[0];
      },
      async breaches(_, { first, after, filter }, { organisation }) {
        const { from = "-infinity", before = "infinity" } = filter?.breached ?? {};
        const range = [organisation, from, before];
        const position = after ? JSON.parse(decoded(after)) : BEYOND_ALL;
        const rows = await database.rows("breaches", BREACHES, [...range, ...position, first + 1]);
        return { range, nodes: rows.slice(0, first), more: rows.length > first, passed: Boolean(after) };
      },
    },
    ServiceConnection: { edges: ({ nodes }) => nodes.map((node) => ({ node, cursor: encoded(node.key) })) },
    BreachConnection: {
      totalCount: async ({ range }) => (await database.rows("breach-count", BREACH_COUNT, range))[0].count,
      edges: ({ nodes }) => nodes.map((node) => ({ node, cursor: cursorOf(node) })),
      pageInfo: ({ nodes, more, passed }) => ({
        hasNextPage: more,
        hasPreviousPage: passed,
        startCursor: nodes.length > 0 ? cursorOf(nodes[0]) : null,
        endCursor: nodes.length > 0 ? cursorOf(nodes[nodes.length - 1]) : null,
      }),
    },
  };
  const cursorOf = ({ breachedAt, id }) => encoded(JSON.stringify([breachedAt, id]));

  const loaders = {
    Service: { agreements: toMany("agreements", AGREEMENTS, "service_id") },
    Agreement: { targets: toMany("targets", TARGETS, "agreement_id") },
    Target: {
      periodResults: {
        opts: { cache: false },
        async loader(queries, { organisation }) {
          const ids = queries.map(({ obj }) => obj.id);
          const values = [organisation, ids, queries[0].params.first]; // one field of one document: the same for all
          const groups = grouped(await database.rows("period-results", PERIOD_RESULTS, values), "target_id");
          return ids.map((id) => ({ nodes: groups.get(id) ?? [] }));
        },
      },
    },
    Breach: {
      target: toOne("targets-by-id", TARGETS_BY_ID, "target_id"),
      ticket: toOne("tickets-by-id", TICKETS_BY_ID, "ticket_id"),
    },
  };

  const app = Fastify();
  app.register(mercurius, {
    schema,
    resolvers,
    loaders,
    jit: 1,
    path: "/graphql",
    graphiql: false,
    context: async (request) => ({ organisation: await organisationOf(request.headers.authorization, callers) }),
  });
  await app.listen({ port: PORT, host: "127.0.0.1" });
});
