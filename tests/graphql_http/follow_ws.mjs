// Follows a GraphQL subscription with the published graphql-ws client, and says what it sees.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, connectionParams, payload] = process.argv.slice(2).map((each) => JSON.parse(each));
const say = (kind, more = {}) => console.log(JSON.stringify({ kind, ...more }));
const client = createClient({
  url,
  webSocketImpl: WebSocket,
  connectionParams,
  retryAttempts: 0,
  lazy: true,
  on: {
    connected: () => say("connected"),
    closed: ({ code, reason }) => say("closed", { code, reason }),
  },
});
client.subscribe(payload, {
  next: (result) => say("next", { result }),
  error: (error) =>
    say("error", Array.isArray(error) ? { errors: error } : { code: error.code, reason: error.reason }),
  complete: () => {
    say("complete");
    client.dispose();
  },
});
