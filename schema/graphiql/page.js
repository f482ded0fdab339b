// Starts GraphiQL against this server. Tabs come from the page; headers stay in the editor and are not kept.
const tabs = JSON.parse(document.getElementById("tabs").textContent);
const fetcher = GraphiQL.createFetcher({ url: "/graphql" });
const headers = document.getElementById("banner") ? "{}" : '{\n  "Authorization": "Bearer slm_..."\n}';

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultHeaders: headers,
    defaultTabs: tabs.map((tab) => ({ query: tab.query, headers })),
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: document.getElementById("banner") ? false : "headers",
  }),
);
