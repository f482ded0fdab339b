// Runs the audits of GraphQL over HTTP against the address given and prints each as JSON: its id, name and verdict.
import { auditServer } from "graphql-http";

const [address] = process.argv.slice(2);
const results = await auditServer({ url: address });
console.log(JSON.stringify(results.map(({ id, name, status, reason }) => ({ id, name, status, reason }))));
