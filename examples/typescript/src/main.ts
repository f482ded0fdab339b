import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";

import { targetsAtRisk } from "./atRisk.js";
import { connect } from "./client.js";
import { registerImprovement } from "./improvement.js";
import { pagesOfServices } from "./services.js";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://127.0.0.1:8000/graphql" },
    improve: { type: "string" },
  },
});
const client = connect(values.url, process.env["SLM_TOKEN"]);

let number = 0;
for await (const page of pagesOfServices(client, 5)) {
  console.log(`Services, page ${++number}`);
  for (const { key, name, criticality, agreements } of page) {
    console.log(`  ${key}: ${name} (${criticality})`);
    for (const { name, kind, targets } of agreements) console.log(`    ${kind} ${name}: ${targets.length} targets`);
  }
}

const risks = await targetsAtRisk(client, 10);
console.log(risks.length ? "Targets at risk" : "Nothing is forecast to be at risk.");
for (const { probability, target, reasons } of risks) {
  const service = target?.agreement.service.name ?? "";
  console.log(`  ${(Number(probability) * 100).toFixed(0)} % ${service}: ${target?.name ?? ""}`);
  for (const { sentence } of reasons) console.log(`       ${sentence}`);
}

if (values.improve !== undefined) {
  const input = { key: values.improve, title: "From the TypeScript example", consequence: "CORRECTIVE" } as const;
  console.log(await registerImprovement(client, input, randomUUID()));
}
