const test = require("node:test");
const assert = require("node:assert");

test("the router loads", () => {
  assert.ok(require("../routes/parcels"));
});
