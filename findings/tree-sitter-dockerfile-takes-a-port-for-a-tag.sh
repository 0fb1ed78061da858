#!/bin/sh
# tree-sitter-dockerfile 0.2.0 (Python package of a grammar in C) with tree-sitter 0.25.2, seen 2026-11-30.
#
# Editors colour Dockerfiles by this grammar, and scanners look for images in its tree. The image of
# `FROM localhost:5000/app:1` has the name `localhost` and the tag `:5000/app:1` there, and an image without a tag gets
# one with its port. A COPY in JSON form is not known: `COPY ["my app", "/opt/"]` has the paths `["my`, `app",` and
# `"/opt/"]`, where CMD has two strings. Nothing of this is marked as an error.
#
# One would have guessed what image references and the builder take: a tag has no slash, so the first colon belongs to
# the registry, and a COPY may be in JSON. It matters to a query for the images of a registry, or for those without a
# tag.
set -eu
. "$(dirname "$0")/common"

pip_install tree-sitter-dockerfile==0.2.0 tree-sitter==0.25.2

cat > "$dir/nodes.py" <<'EOF'
import sys, tree_sitter, tree_sitter_dockerfile
kinds, text = sys.argv[1].split(), sys.argv[2].encode() + b"\n"
root = tree_sitter.Parser(tree_sitter.Language(tree_sitter_dockerfile.language())).parse(text).root_node
def walk(node):
    yield node
    for child in node.children:
        yield from walk(child)
print("error" if root.has_error else "no error", *(
    f"{node.type} {node.text.decode()}" for node in walk(root) if node.type in kinds), sep=", ")
EOF
image() { python3 -W ignore "$dir/nodes.py" 'image_name image_tag' "$1"; }
paths() { python3 -W ignore "$dir/nodes.py" 'path json_string' "$1"; }

expect 'a tag' 'no error, image_name registry.example.com/app, image_tag :1' \
    "$(image 'FROM registry.example.com/app:1')"
expect 'port and tag' 'no error, image_name localhost, image_tag :5000/app:1' "$(image 'FROM localhost:5000/app:1')"
expect 'port, no tag' 'no error, image_name localhost, image_tag :5000/app' "$(image 'FROM localhost:5000/app')"
expect 'CMD' 'no error, json_string "my app", json_string "/opt/"' "$(paths 'CMD ["my app", "/opt/"]')"
expect 'COPY' 'no error, path ["my, path app",, path "/opt/"]' "$(paths 'COPY ["my app", "/opt/"]')"
