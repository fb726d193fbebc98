// Follows a GraphQL subscription with the published graphql-sse client, and says what it sees.
import { createClient } from "graphql-sse";

const [url, headers, payload] = process.argv.slice(2).map((each) => JSON.parse(each));
const say = (kind, more = {}) => console.log(JSON.stringify({ kind, ...more }));
const client = createClient({ url, headers, retryAttempts: 0, singleConnection: false });
client.subscribe(payload, {
  next: (result) => say("next", { result }),
  error: (error) => say("error", { status: error.response?.status ?? null, message: String(error.message) }),
  complete: () => say("complete"),
}, { message: ({ event }) => say("message", { event }) });
