const { Router } = require("express");

const seen = new Map([["PT-1001", "in transit"]]);
const router = Router();

router.get("/:id", (request, response) => {
  const status = seen.get(request.params.id);
  if (!status) return response.status(404).json({ error: "unknown parcel" });
  response.json({ id: request.params.id, status });
});

module.exports = router;
