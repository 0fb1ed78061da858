#!/bin/sh
# rpmfile 2.2.1 (Python), seen 2026-12-01, first with a package that rpmbuild 4.18 had made.
#
# Of a file with two names in a package, one name has the content, and the other is an empty file: `extractfile` returns
# nothing for it, and its `size` is 0. In the archive of an RPM, all names of such a file but the last are written with
# no content, and with the number of the same file, at which rpmfile does not look.
#
# One would have guessed what RPM itself installs, which is the same file twice, and what Python's tarfile does with
# such a name, after which rpmfile says that it is modelled. cpio's description of the format says that the content is
# with the last name only. It matters to what looks into packages without RPM: programs of more than one name, as those
# of Git and Perl, are empty there.
set -eu
. "$(dirname "$0")/common"

pip_install rpmfile==2.2.1

# Writes a package with the files given, as "one=text two->one": a file, and another name of it.
cat > "$dir/package.py" <<'EOF'
import gzip, struct, sys

def header(values):
    index, store = b"", b""
    for tag, text in values:
        index += struct.pack(">4i", tag, 6, len(store), 1)
        store += text + b"\0"
    return b"\x8e\xad\xe8\x01" + bytes(4) + struct.pack(">2i", len(values), len(store)) + index + store

def entry(name, inode, links, content):
    fields = [inode, 0o100644, 0, 0, links, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
    start = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
    return b"".join(part + bytes(-len(part) % 4) for part in (start, content))

files = {}
for word in sys.argv[2:]:
    if "->" in word:
        name, target = word.split("->")
        files[target][1].append(name)
    else:
        name, text = word.split("=")
        files[name] = text.encode(), [name]
archive = b""
for inode, (content, names) in enumerate(files.values(), 1):
    for name in names:
        archive += entry("./opt/" + name, inode, len(names), content if name == names[-1] else b"")
archive += entry("TRAILER!!!", 0, 1, b"")
lead = b"\xed\xab\xee\xdb\x03\x00" + bytes(90)
signature = header([(1000, b"shop")])
with open(sys.argv[1], "wb") as package:
    package.write(lead + signature + bytes(-len(signature) % 8))
    package.write(header([(1000, b"shop"), (1124, b"cpio"), (1125, b"gzip")]) + gzip.compress(archive))
EOF
files() {
    python3 "$dir/package.py" "$dir/shop.rpm" "$@"
    python3 -c '
import rpmfile, sys
with rpmfile.open(sys.argv[1]) as package:
    print(*(f"{member.name}={package.extractfile(member).read().decode()}" for member in package.getmembers()))' \
        "$dir/shop.rpm"
}

expect 'two files' './opt/one=text ./opt/two=more' "$(files one=text two=more)"
expect 'two names' './opt/one= ./opt/two=text' "$(files one=text 'two->one')"
expect 'three names' './opt/one= ./opt/two= ./opt/three=text' "$(files one=text 'two->one' 'three->one')"
