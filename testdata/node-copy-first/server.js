const express = require("express");
const parcels = require("./routes/parcels");

const app = express();
app.use(express.static("public"));
app.use("/parcels", parcels);

app.listen(process.env.PORT || 3000);
