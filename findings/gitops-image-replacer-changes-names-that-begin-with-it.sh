#!/bin/sh
# gitops-image-replacer 1.1.2 (Python), seen 2026-11-30.
#
# Puts a new version of an image into files of other repositories, by a commit. It looks for the name anywhere in a
# file, with or without a tag behind it: with `team/shop:2.0`, the image `team/shop-worker` becomes
# `team/shop:2.0-worker`, and `other-team/shop:1.0`, which is another image, becomes `other-team/shop:2.0`.
#
# One would have guessed that only references to this image change: their form is known, and the tool checks it in its
# argument. It matters since the files of a cluster often name several images of one team, and since the commit is made
# without anybody having seen it.
set -eu
. "$(dirname "$0")/common"

pip_install gitops-image-replacer==1.1.2

# A server on this machine that stands in for GitHub, with one file, and prints what the file becomes.
cat > "$dir/replace.py" <<'END'
import base64, json, os, subprocess, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer

folder, image, text = sys.argv[1:]

class GitHub(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({"content": base64.b64encode(text.encode()).decode(), "sha": "1"})

    def do_PUT(self):
        change = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        print(base64.b64decode(change["content"]).decode(), flush=True)
        self.answer({})

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

server = HTTPServer(("127.0.0.1", 0), GitHub)
threading.Thread(target=server.serve_forever, daemon=True).start()
with open(folder + "/config.json", "w") as file:
    json.dump({"gitops-image-replacer": [{"repository": "team/cluster", "branch": "main", "file": "app.yaml"}]}, file)
subprocess.run(
    [sys.executable, "-m", "gitops_image_replacer", "--config", folder + "/config.json", "--apply",
     "--api", f"http://127.0.0.1:{server.server_port}", image],
    env=os.environ | {"GITHUB_TOKEN": "none", "no_proxy": "127.0.0.1"}, stdout=subprocess.DEVNULL, check=True)
END
# What the tool makes of a line for the version 2.0 of `team/shop`.
line() { python3 "$dir/replace.py" "$dir" team/shop:2.0 "$1"; }

expect 'the image' 'image: team/shop:2.0' "$(line 'image: team/shop:1.0')"
expect 'an image without a tag' 'image: team/shop:2.0-worker' "$(line 'image: team/shop-worker')"
expect 'an image with a tag' 'image: team/shop:2.0-worker:1.0' "$(line 'image: team/shop-worker:1.0')"
expect 'another team' 'image: other-team/shop:2.0' "$(line 'image: other-team/shop:1.0')"
