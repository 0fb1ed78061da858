const fastify = require("fastify")();

fastify.get("/stock/:sku", async ({ params }) => ({ sku: params.sku, left: 3 }));
fastify.listen({ host: "0.0.0.0", port: 8080 });
