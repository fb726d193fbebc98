// Tells Monaco where its workers are, and starts GraphiQL once its own script has run.
const FOLDER = "/graphql/graphiql/";
const WORKERS = {
  editorWorkerService: "editor.worker.bundle.js",
  json: "json.worker.bundle.js",
  graphql: "graphql.worker..bundle.js",
};

self.MonacoEnvironment = {
  globalAPI: false,
  getWorkerUrl: (_, label) => FOLDER + (WORKERS[label] ?? WORKERS.editorWorkerService),
};

addEventListener("DOMContentLoaded", () => {
  YogaGraphiQL.renderYogaGraphiQL(document.getElementById("root"), {
    endpoint: "/graphql",
    title: "Vivavoce GraphQL",
    subscriptionsProtocol: "GRAPHQL_SSE",
  });
});
