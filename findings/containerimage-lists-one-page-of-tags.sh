#!/bin/sh
# containerimage-py 1.1.4 (Python), seen 2026-11-30.
#
# `ContainerImageRegistryClient.list_tags` asks a registry once. A registry may answer with a part of the tags and say
# in the header `Link` where the next are, which it does for images with many. What the library returns has the tags of
# the first page, and nothing that says that there are more: the header is not in it.
#
# One would have guessed that `list_tags` lists the tags. It matters since they come in the order of their letters: of
# an image with many, the newest are those that are missing.
set -eu
. "$(dirname "$0")/common"

pip_install containerimage-py==1.1.4

# A registry on this machine that gives out two tags at a time, of those given.
cat > "$dir/tags.py" <<'EOF'
import json, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit
from image.client import ContainerImageRegistryClient

tags = sorted(sys.argv[1:])

class Registry(BaseHTTPRequestHandler):
    def do_GET(self):
        last = parse_qs(urlsplit(self.path).query).get("last", [""])[0]
        rest = [tag for tag in tags if tag > last]
        body = json.dumps({"name": "app", "tags": rest[:2]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if rest[2:]:
            self.send_header("Link", f'</v2/app/tags/list?last={rest[1]}&n=2>; rel="next"')
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

server = HTTPServer(("127.0.0.1", 0), Registry)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(ContainerImageRegistryClient.list_tags(f"127.0.0.1:{server.server_port}/app", {}, http=True))
EOF
tags() { python3 "$dir/tags.py" "$@"; }

expect 'two' "{'name': 'app', 'tags': ['1.0', '1.1']}" "$(tags 1.0 1.1)"
expect 'three' "{'name': 'app', 'tags': ['1.0', '1.1']}" "$(tags 1.0 1.1 2.0)"
