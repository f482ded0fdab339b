// Lints the SDL file given with the Relay rules of graphql-eslint; prints what they complain of, and fails if they do.
import graphqlPlugin from "@graphql-eslint/eslint-plugin";
import { ESLint } from "eslint";
import { readFile } from "node:fs/promises";

const [file] = process.argv.slice(2);
const eslint = new ESLint({
  cwd: import.meta.dirname,
  overrideConfigFile: true,
  overrideConfig: {
    files: ["**/*.graphql"],
    languageOptions: { parser: graphqlPlugin.parser, parserOptions: { graphQLConfig: { schema: file } } },
    plugins: { "@graphql-eslint": graphqlPlugin },
    rules: {
      ...graphqlPlugin.configs["flat/schema-relay"].rules,
      // Optional by its own description and not of Relay's specification: it forbids every plain list, even of strings.
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false }],
    },
  },
});
const [{ messages }] = await eslint.lintText(await readFile(file, "utf8"), { filePath: "schema.graphql" });
for (const { line, ruleId, message } of messages) console.log(`${line}: ${message} (${ruleId})`);
process.exitCode = messages.length ? 1 : 0;
