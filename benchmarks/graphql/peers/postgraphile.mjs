// PostGraphile over the same tables: every statement as the runtime role, with row-level security by its pgSettings.
import { createServer } from "node:http";
import { PgSimplifyInflectionPreset } from "@graphile/simplify-inflection";
import { grafserv } from "grafserv/node";
import pg from "pg";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";
import { organisationOf } from "./callers.mjs";
import { inTwoProcesses } from "./processes.mjs";

const PORT = Number(process.env.PORT);
const POOL = 8;

inTwoProcesses(async () => {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: POOL });
  const callers = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 1, options: "-c role=slm_runtime" });
  const instance = postgraphile({
    extends: [PostGraphileAmberPreset, PgSimplifyInflectionPreset, PostGraphileConnectionFilterPreset],
    disablePlugins: ["MutationPlugin"],
    pgServices: [makePgService({ pool, schemas: ["public"] })],
    schema: { defaultBehavior: "-insert -update -delete +list +connection", dontSwallowErrors: true },
    grafserv: { graphqlPath: "/graphql", graphiql: false, websockets: false },
    grafast: {
      explain: false,
      context: async (requestContext) => ({
        pgSettings: {
          role: "slm_runtime",
          "app.organisation": await organisationOf(
            requestContext.node.req.headers.authorization,
            callers,
          ),
        },
      }),
    },
  });
  const serv = instance.createServ(grafserv);
  const server = createServer();
  await serv.addTo(server);
  server.listen(PORT, "127.0.0.1");
});
