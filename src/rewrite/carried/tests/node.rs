use super::*;

const NODE: &str = "FROM node:22 AS build\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\nFROM node:22-slim\nWORKDIR /app\nCOPY --from=build /app/node_modules ./node_modules\nCOPY --from=build /app/dist ./dist\nUSER node\nCMD [\"node\", \"dist/main.js\"]\n";
const NODE_FILES: Files<'_> = &[
    (
        "package.json",
        r#"{"dependencies":{"express":"5"},"devDependencies":{"typescript":"5","@types/node":"22"}}"#,
    ),
    ("src/main.ts", "import express from 'express';\n"),
    ("src/main.test.ts", "import ts from 'typescript';\n"),
];

#[test]
fn development_dependencies_stay_in_the_build() {
    assert_eq!(change(NODE, NODE_FILES), "+RUN npm prune --omit=dev\n");
    assert_eq!(
        change(&NODE.replace("/app/node_modules ./node_modules", "/app ."), NODE_FILES),
        "+RUN npm prune --omit=dev\n"
    );
    quiet(
        NODE,
        NODE_FILES,
        &[
            ("npm ci", "npm ci --omit=dev"),
            ("npm run build", "npm run build && npm prune --production"),
            ("npm ci", "yarn install"),
            // What is built behind the COPY needs them.
            ("USER node", "RUN npx tsc --outDir dist\nUSER node"),
            ("USER node", "RUN npm run build\nUSER node"),
            ("[\"node\", \"dist/main.js\"]", "[\"/app/run\"]"),
            ("\"dist/main.js\"", "\"-r\", \"ts-node/register\", \"src/main.ts\""),
            ("[\"node\", \"dist/main.js\"]", "[\"./start.sh\"]"),
            (
                "FROM node:22-slim",
                "FROM build AS test\nRUN npm test\nFROM node:22-slim\nCOPY --from=test /app/report /r",
            ),
        ],
    );
    quiet_with(
        NODE,
        NODE_FILES,
        &[
            ("package.json", r#"{"dependencies":{"@prisma/client":"6"},"devDependencies":{"prisma":"6"}}"#),
            ("package.json", r#"{"dependencies":{"express":"5"},"devDependencies":{}}"#),
            ("package.json", r#"{"workspaces":["a"],"devDependencies":{"typescript":"5"}}"#),
            // What runs imports it.
            ("src/lazy.ts", "const ts = await import(\"typescript\");\n"),
        ],
    );
}

#[test]
fn what_a_start_needs_of_development_stays() {
    let dockerfile = NODE.replace("[\"node\", \"dist/main.js\"]", "[\"npm\", \"start\"]");
    let with = |scripts: &str, dev: &str| {
        let manifest = format!(r#"{{"scripts":{{{scripts}}},"devDependencies":{{"{dev}":"1"}}}}"#);
        proposed(&dockerfile, &[("package.json", &manifest), ("src/main.ts", "")]).is_some()
    };
    assert!(with(r#""start":"node dist/main.js""#, "jest"));
    assert!(!with(r#""start":"sequelize db:migrate && node dist/main.js""#, "sequelize-cli"));
    assert!(!with(r#""start":"dotenv -e .env -- node dist/main.js""#, "dotenv-cli"));
    assert!(!with(r#""start":"node dist/main.js","prestart":"sequelize db:migrate""#, "sequelize-cli"));
}
