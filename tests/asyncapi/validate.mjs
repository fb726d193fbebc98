// Says, one JSON text a line, what the published parser finds in a document whose path is given.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const text = readFileSync(JSON.parse(process.argv[2]), "utf8");
const { document, diagnostics } = await new Parser().parse(text);
for (const { severity, code, message, path } of diagnostics) {
  console.log(JSON.stringify({ kind: "diagnostic", severity, code, message, path: path.join(".") }));
}
const channels = document ? document.channels().all().map((each) => each.address()) : [];
const operations = document ? document.operations().all().map((each) => [each.id(), each.action()]) : [];
console.log(JSON.stringify({ kind: "document", version: document?.version() ?? null, channels, operations }));
