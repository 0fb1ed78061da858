"""The cases of tools/try-proposals: Dockerfiles with their files, and what stands for the images that they start from."""

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# By the name of an image: packages of Debian, what is done besides, and variables.
BASES = {
    "golang:1.19": {"packages": "golang-go ca-certificates", "environment": {"PATH": PATH}},
    "gcr.io/distroless/static-debian12:nonroot": {"also": "rm -rf /usr/share/doc /usr/share/locale"},
    "gcr.io/distroless/static-debian13:nonroot": {"also": "rm -rf /usr/share/doc /usr/share/locale"},
    "rust:1.63": {"packages": "cargo gcc libc6-dev", "environment": {"PATH": PATH}},
    "debian:bookworm-slim": {},
    "node:18": {"packages": "nodejs npm git"},
    "node:18-slim": {"packages": "nodejs npm"},
    "python:3.11-slim": {"packages": "python3 python3-venv python3-pip", "also": "ln -s python3 /usr/bin/python"},
    "ruby:3.1": {
        "packages": "ruby ruby-dev bundler gcc make libc6-dev",
        "environment": {"GEM_HOME": "/usr/local/bundle", "BUNDLE_APP_CONFIG": "/usr/local/bundle", "PATH": f"/usr/local/bundle/bin:{PATH}"},
    },
    "maven:3.9-eclipse-temurin-17": {"packages": "openjdk-17-jdk-headless"},
    "eclipse-temurin:17-jdk": {"packages": "openjdk-17-jdk-headless"},
    "eclipse-temurin:17-jre": {"packages": "openjdk-17-jre-headless"},
    "debian:12": {"packages": "make gcc libc6-dev"},
    "nginx:1.22": {"packages": "nginx-light", "also": "rm -f /etc/nginx/sites-enabled/*"},
    "nginx:1.22-alpine": {"packages": "nginx-light", "also": "rm -f /etc/nginx/sites-enabled/*"},
    "example.com/installer:1": {"also": "printf '#!/bin/sh\\necho \"$@\" >/etc/installed\\n' >/usr/bin/install-php-extensions && chmod +x /usr/bin/install-php-extensions"},
    "php:8.2-cli": {"also": "printf '#!/bin/sh\\ncat /etc/installed\\n' >/usr/local/bin/php && chmod +x /usr/local/bin/php"},
}

GO = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hello") }\n'
DIGEST = "@sha256:" + "0123456789abcdef" * 4

CASES = {
    "go-symbols": {
        "files": {
            "Dockerfile": "FROM golang:1.19 AS build\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /out/app .\nFROM debian:bookworm-slim\nCOPY --from=build /out/app /app\nENTRYPOINT [\"/app\"]\n",
            "go.mod": "module example.com/x\n\ngo 1.19\n",
            "main.go": GO,
        },
        "says": "hello",
    },
    "go-tools": {
        "files": {
            "Dockerfile": "FROM golang:1.19 AS build\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -ldflags='-s -w' -o /out/app .\nFROM golang:1.19\nUSER 65532\nCOPY --from=build /out/app /app\nENTRYPOINT [\"/app\"]\n",
            "go.mod": "module example.com/x\n\ngo 1.19\n",
            "main.go": GO,
        },
        "says": "hello",
    },
    "rust-symbols": {
        "files": {
            "Dockerfile": "FROM rust:1.63 AS build\nWORKDIR /src\nCOPY . .\nRUN cargo build --release\nFROM debian:bookworm-slim\nCOPY --from=build /src/target/release/app /usr/local/bin/app\nCMD [\"/usr/local/bin/app\"]\n",
            "Cargo.toml": "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
            "src/main.rs": "fn main() { println!(\"hello\"); }\n",
        },
        "says": "hello",
    },
    "python-compilers": {
        "files": {
            "Dockerfile": f"FROM python:3.11-slim{DIGEST}\nWORKDIR /app\nRUN apt-get update && apt-get install -y --no-install-recommends build-essential python3-dev && rm -rf /var/lib/apt/lists/*\nCOPY requirements.txt .\nRUN pip install --no-cache-dir --no-binary markupsafe -r requirements.txt --break-system-packages\nCOPY run.py .\nCMD [\"python\", \"run.py\"]\n",
            "requirements.txt": "markupsafe==2.1.5\n",
            "run.py": "import markupsafe._speedups\nprint(markupsafe.escape('<hello>'))\n",
        },
        "says": "&lt;hello&gt;",
    },
    "node-development": {
        "files": {
            "Dockerfile": "FROM node:18 AS build\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY src src\nRUN npm run build\nFROM node:18-slim\nWORKDIR /app\nCOPY --from=build /app/node_modules ./node_modules\nCOPY --from=build /app/dist ./dist\nCMD [\"node\", \"dist/main.js\"]\n",
            "package.json": '{"name":"x","version":"1.0.0","scripts":{"build":"tsc --outDir dist --types node src/main.ts"},"dependencies":{"ms":"2.1.3"},"devDependencies":{"typescript":"5.4.5","@types/node":"18.19.33"}}\n',
            "src/main.ts": 'const ms = require("ms");\nconsole.log("hello", ms("2 days"));\n',
        },
        "prepare": "npm install --package-lock-only --silent",
        "says": "hello 172800000",
    },
    "node-slim": {
        "files": {
            "Dockerfile": "FROM node:18 AS app\nWORKDIR /code\nCOPY package.json package-lock.json ./\nRUN npm ci --omit=dev\nCOPY . .\nCMD [\"node\", \"index.js\"]\nFROM app AS more\nRUN mkdir -p /data\n",
            "package.json": '{"name":"x","version":"1.0.0","dependencies":{"ms":"2.1.3"}}\n',
            "index.js": 'console.log("hello", require("ms")("1h"));\n',
        },
        "prepare": "npm install --package-lock-only --silent",
        "says": "hello 3600000",
    },
    "headers": {
        "files": {
            "Dockerfile": "FROM debian:12 AS build\nWORKDIR /src\nCOPY . .\nRUN make install\nFROM debian:12\nCOPY --from=build /usr/local /usr/local\nENTRYPOINT [\"/usr/local/bin/hello\"]\n",
            "Makefile": "install:\n\tcc -c part.c -o part.o\n\tar rcs libpart.a part.o\n\tcc main.c libpart.a -o hello\n\tinstall -D hello /usr/local/bin/hello\n\tinstall -D part.h /usr/local/include/part.h\n\tinstall -D libpart.a /usr/local/lib/libpart.a\n\tinstall -D part.h /usr/local/lib/pkgconfig/part.pc\n",
            "part.c": "int part(void) { return 42; }\n",
            "part.h": "int part(void);\n",
            "main.c": '#include <stdio.h>\n#include "part.h"\nint main(void) { printf("hello %d\\n", part()); }\n',
        },
        "says": "hello 42",
    },
    "gems": {
        "files": {
            "Dockerfile": "FROM ruby:3.1 AS build\nCOPY Gemfile Gemfile.lock ./\nRUN bundle install\nFROM ruby:3.1\nCOPY --from=build /usr/local/bundle/ /usr/local/bundle/\nWORKDIR /app\nCOPY . .\nENTRYPOINT [\"bundle\", \"exec\", \"ruby\", \"app.rb\"]\n",
            "Gemfile": 'source "https://rubygems.org"\ngem "rainbow", "3.1.1"\n',
            "Gemfile.lock": "GEM\n  remote: https://rubygems.org/\n  specs:\n    rainbow (3.1.1)\n\nPLATFORMS\n  ruby\n  x86_64-linux\n\nDEPENDENCIES\n  rainbow (= 3.1.1)\n\nBUNDLED WITH\n   2.3.15\n",
            "app.rb": 'require "rainbow"\nputs "hello #{Rainbow::VERSION rescue 3}"\n',
        },
        "run": ["sh", "-c", "cd /app && bundle exec ruby app.rb"],
        "says": "hello",
    },
    "jdk": {
        "files": {
            "Dockerfile": "FROM maven:3.9-eclipse-temurin-17 AS build\nWORKDIR /src\nCOPY . .\nRUN ./mvnw package\nFROM eclipse-temurin:17-jdk\nCOPY --from=build /src/target/app.jar /app.jar\nUSER 1000\nENTRYPOINT [\"java\", \"-jar\", \"/app.jar\"]\n",
            "pom.xml": "<project/>\n",
            "mvnw": "#!/bin/sh\nmkdir -p target\njavac -d target src/main/java/A.java\njar --create --file target/app.jar --main-class A -C target A.class\n",
            "src/main/java/A.java": 'class A { public static void main(String[] a) { System.out.println("hello"); } }\n',
        },
        "says": "hello",
    },
    "gradle": {
        "files": {
            "Dockerfile": "FROM eclipse-temurin:17-jdk AS builder\nWORKDIR /app\nCOPY . .\nRUN ./gradlew installDist\nFROM eclipse-temurin:17-jre\nWORKDIR /app\nCOPY --from=builder /app .\nEXPOSE 9555\nENTRYPOINT [\"/app/build/install/shop/bin/shop\"]\n",
            "build.gradle": "plugins { id 'application' }\n",
            # It leaves what Gradle leaves, and a start script that finds its archives as Gradle's does.
            "gradlew": "#!/bin/sh -e\nmkdir -p build/classes build/install/shop/bin build/install/shop/lib\njavac -d build/classes src/main/java/A.java\njar --create --file build/install/shop/lib/shop.jar -C build/classes A.class\nprintf '#!/bin/sh\\nexec java -cp \"$(dirname \"$0\")/../lib/shop.jar\" A\\n' >build/install/shop/bin/shop\nchmod +x build/install/shop/bin/shop\n",
            "src/main/java/A.java": 'class A { public static void main(String[] a) { System.out.println("hello"); } }\n',
        },
        "says": "hello",
    },
    "nginx": {
        "files": {
            "Dockerfile": "FROM nginx:1.22\nRUN rm -f /etc/nginx/conf.d/default.conf\nCOPY nginx.conf /etc/nginx/conf.d/default.conf\nCOPY html /usr/share/nginx/html\n",
            "nginx.conf": "server { listen 8080; location / { root /usr/share/nginx/html; } }\n",
            "html/index.html": "hello\n",
        },
        "run": ["sh", "-c", "nginx -T 2>/dev/null | grep -A1 listen; cat /usr/share/nginx/html/index.html"],
        "says": "listen 8080",
        # The two stand-ins are the same.
        "same": True,
    },
    "tool": {
        "files": {
            "Dockerfile": "FROM example.com/installer:1 AS installer\nFROM php:8.2-cli\nCOPY --from=installer /usr/bin/install-php-extensions /usr/local/bin/\nRUN install-php-extensions opcache pcntl\nWORKDIR /var/www\nCOPY . .\nCMD [\"php\", \"index.php\"]\n",
            "index.php": "",
        },
        "says": "opcache pcntl",
    },
}
