// Verifies one webhook as a province would in Node: headers and secret as JSON on the standard input, the body in a file.
const fs = require("node:fs");
const { createRequire } = require("node:module");
const { Webhook, WebhookVerificationError } = createRequire(process.argv[2] + "/package.json")("standardwebhooks");

const asked = JSON.parse(fs.readFileSync(0, "utf8"));
try {
  new Webhook(asked.secret).verify(fs.readFileSync(asked.body), asked.headers);
  console.log("good");
} catch (error) {
  if (!(error instanceof WebhookVerificationError)) throw error;
  console.log("bad");
}
