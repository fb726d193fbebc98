// Audits a GraphQL server with the public suite of GraphQL over HTTP, and says what each audit found.
import { auditServer } from "graphql-http";

const [url, headers] = process.argv.slice(2).map((each) => JSON.parse(each));
const found = await auditServer({
  url,
  fetchFn: (address, options = {}) => {
    const given = new Headers(options.headers);
    for (const [name, value] of Object.entries(headers)) given.set(name, value);
    return fetch(address, { ...options, headers: given });
  },
});
for (const { id, name, status, reason } of found) {
  console.log(JSON.stringify({ kind: "audit", id, name, status, reason: reason ? String(reason) : null }));
}
