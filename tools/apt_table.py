#!/usr/bin/env python3
"""Makes the table of packages that dlint works out apt's installs with: rules/data/apt/SUITE.tsv.

    tools/apt_table.py rules/data/apt/{bullseye,bookworm,trixie,xenial,bionic,focal,jammy,noble,resolute}.tsv
    tools/apt_table.py --check bookworm git 'gcc libpq-dev'      what the table says, beside apt itself

Reads the published package indexes of Debian (main and security) and Ubuntu (main and universe, updates and
security) with apt itself, in a folder of its own, and keeps what can be reached from the names in rules/data/apt/names.txt, recommended packages included.
A line is NAME, installed size in KiB, what it depends on, what it recommends, what it provides; groups are
separated by blanks, alternatives by `|`. What a minimal system (debootstrap --variant=minbase) has is
listed with a size of 0 and no more. Needs Debian's apt-get, and mirrors that it can reach: of Debian
(--mirror; the first one of this machine's own sources by default), and of Ubuntu (--ubuntu), with Ubuntu's
keys (--ubuntu-keys; they are in its package ubuntu-keyring). --check needs debootstrap and root.
"""

import argparse
import collections
import datetime
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "rules", "data", "apt")
# What apt takes where several packages provide what is recommended: the one that its indexes name first, as
# `apt-get -s satisfy NAME` says (Debian 12 and 13, 2026-12).
TAKEN = {"x-terminal-emulator": "zutty", "xserver": "xnest", "libcurl-dev": "libcurl4-nss-dev"}
UBUNTU = ["xenial", "bionic", "focal", "jammy", "noble", "resolute"]


def mirrors():
    """The mirrors of this machine's own sources: of the archive, and of its security updates."""
    found = {}
    text = ""
    for folder in ["/etc/apt", "/etc/apt/sources.list.d"]:
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and name.endswith((".list", ".sources")):
                text += open(path).read() + "\n"
    text = re.sub(r"^\s*#.*$", "", text, flags=re.M)
    for url in re.findall(r"https?://\S+", text):
        found.setdefault("security" if "security" in url else "main", url.rstrip("/"))
    return found


def sources(suite, where):
    """The lines of a sources.list; what is newer comes last."""
    if suite in UBUNTU:
        archive = f"deb [signed-by={where.ubuntu_keys}] {where.ubuntu}"
        return "".join(f"{archive} {suite}{pocket} main universe\n" for pocket in ["", "-security", "-updates"])
    archive = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
    lines = f"{archive} {where.mirror} {suite} main\n"
    return lines + (f"{archive} {where.security} {suite}-security main\n" if where.security else "")


def indexes(suite, where):
    """The text of the suite's package indexes, the archive first."""
    with tempfile.TemporaryDirectory() as root:
        for folder in ["lists/partial", "cache/archives/partial"]:
            os.makedirs(os.path.join(root, folder))
        open(os.path.join(root, "status"), "w").close()
        with open(os.path.join(root, "sources.list"), "w") as file:
            file.write(sources(suite, where))
        options = [
            f"Dir::State::Lists={root}/lists",
            f"Dir::State::status={root}/status",
            f"Dir::Cache={root}/cache",
            f"Dir::Etc::SourceList={root}/sources.list",
            "Dir::Etc::SourceParts=/dev/null",
            "APT::Architecture=amd64",
            "APT::Architectures=amd64",
            "Acquire::Languages=none",
            "APT::Update::Error-Mode=any",
            "APT::Sandbox::User=root",
        ]
        flags = [word for option in options for word in ("-o", option)]
        subprocess.run(["apt-get", *flags, "update", "-qq"], check=True)
        listed = subprocess.run(
            ["apt-get", *flags, "indextargets", "--format", "$(FILENAME)", "Identifier: Packages"],
            check=True,
            capture_output=True,
            text=True,
        )
        for path in listed.stdout.split():
            if os.path.exists(path):
                read = subprocess.run(["/usr/lib/apt/apt-helper", "cat-file", path], check=True, capture_output=True)
                yield read.stdout.decode()


def relations(field):
    """`a (>= 1) | b, c:any` as [["a", "b"], ["c"]]."""
    groups = []
    for group in (field or "").split(","):
        names = [re.split(r"[ (:\[]", word.strip(), maxsplit=1)[0] for word in group.split("|") if word.strip()]
        if names:
            groups.append(names)
    return groups


def packages(texts):
    """Name to record; of several versions the last index wins, which holds the security updates."""
    found, providers = {}, collections.defaultdict(list)
    for text in texts:
        for paragraph in text.split("\n\n"):
            fields = dict(line.split(": ", 1) for line in paragraph.split("\n") if ": " in line and line[0] != " ")
            if "Package" not in fields:
                continue
            found[fields["Package"]] = {
                "size": int(fields.get("Installed-Size", 0)),
                "depends": relations(fields.get("Pre-Depends")) + relations(fields.get("Depends")),
                "recommends": relations(fields.get("Recommends")),
                "provides": [group[0] for group in relations(fields.get("Provides"))],
                "required": fields.get("Priority") == "required" or fields.get("Essential") == "yes",
            }
    for name, record in found.items():
        for virtual in record["provides"]:
            providers[virtual].append(name)
    for virtual, name in TAKEN.items():
        providers[virtual].sort(key=lambda provider: provider != name)
    return found, providers


def closure(found, providers, roots, have, recommends):
    """What installing `roots` adds to `have`: of alternatives what is there, else the first."""
    chosen, queue = set(), collections.deque(roots)
    there = lambda name: name in have or name in chosen
    satisfied = lambda name: there(name) or any(there(p) for p in providers.get(name, ()))
    while queue:
        name = queue.popleft()
        if satisfied(name):
            continue
        if name not in found:
            if name not in providers:
                continue
            name = providers[name][0]
        chosen.add(name)
        record = found[name]
        for group in record["depends"] + (record["recommends"] if recommends else []):
            if not any(satisfied(name) for name in group):
                queue.extend([next((name for name in group if name in found or name in providers), group[0])])
    return chosen


def minimal(found, providers):
    """What debootstrap's minbase variant installs: what is required, apt, and what they need."""
    required = {name for name, record in found.items() if record["required"]}
    # debootstrap merges /usr itself and installs the package that says so.
    required |= {"apt", "usr-is-merged"} & set(found)
    needed = [group for name in required for group in found[name]["depends"]]
    there = lambda name: name in required or any(p in required for p in providers.get(name, ()))
    more = sorted(group[0] for group in needed if not any(there(name) for name in group))
    return required | closure(found, providers, more, required, False)


def table(suite, names, where):
    found, providers = packages(indexes(suite, where))
    base = minimal(found, providers)
    roots = [name for name in names if name in found or name in providers]
    reached, queue = set(), collections.deque(roots)
    while queue:
        name = queue.popleft()
        if name in reached or name in base:
            continue
        if name not in found:
            queue.extend(providers.get(name, ())[:1])
            continue
        reached.add(name)
        for group in found[name]["depends"] + found[name]["recommends"]:
            if not any(alternative in base for alternative in group):
                queue.extend(next(([n] for n in group if n in found or n in providers), []))
    known = reached | base
    virtual = {v for name in known for v in found[name]["provides"]}

    def groups(field):
        out = []
        for group in field:
            names = [n for n in group if n in known or n in virtual]
            taken = TAKEN.get(names[0]) if names else None
            if taken in known and names[0] not in known:
                names.insert(0, taken)
            if names and not any(n in base for n in names):
                out.append("|".join(dict.fromkeys(names)))
        return " ".join(dict.fromkeys(out))

    wanted = {n for name in reached for g in found[name]["depends"] + found[name]["recommends"] for n in g} | set(names)
    lines = []
    for name in sorted(known):
        record = found[name]
        provides = " ".join(sorted(v for v in record["provides"] if v in wanted))
        if name in base:
            lines.append(f"{name}\t0\t\t\t{provides}".rstrip("\t") if not provides else f"{name}\t0\t\t\t{provides}")
        else:
            row = [name, str(record["size"]), groups(record["depends"]), groups(record["recommends"]), provides]
            lines.append("\t".join(row).rstrip("\t"))
    return lines


def names():
    text = open(os.path.join(DATA, "names.txt")).read()
    return [line for line in text.split("\n") if line and not line.startswith("#")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE")
    parser.add_argument("--mirror", help="of Debian's archive")
    parser.add_argument("--security", help="of Debian's security updates")
    parser.add_argument("--ubuntu", help="of Ubuntu's archive", default="http://archive.ubuntu.com/ubuntu")
    parser.add_argument("--ubuntu-keys", default="/usr/share/keyrings/ubuntu-archive-keyring.gpg")
    parser.add_argument("--check", nargs="+", metavar=("SUITE", "PACKAGES"))
    args = parser.parse_args()
    own = mirrors()
    args.mirror = args.mirror or own.get("main")
    args.security = args.security or own.get("security")
    if not args.mirror:
        sys.exit("no mirror of Debian is known here: name one with --mirror")
    if args.check:
        check(args.check[0], args.check[1:], args)
    today = datetime.date.today().strftime("%Y-%m")
    for path in args.tables:
        suite = os.path.basename(path).removesuffix(".tsv")
        lines = table(suite, names(), args)
        whose = ("main, universe, updates and security", "Ubuntu") if suite in UBUNTU else ("main and security", "Debian")
        head = f"# {suite}\tamd64, {whose[0]}\t{today}\tmade by tools/apt_table.py from {whose[1]}'s package indexes\n"
        with open(path, "w") as out:
            out.write(head + "\n".join(lines) + "\n")
        print(f"{path}: {len(lines)} packages", file=sys.stderr)


def check(suite, installs, where):
    """Compares closures with what apt itself plans in a minimal system."""
    found, providers = packages(indexes(suite, where))
    mirror = where.ubuntu if suite in UBUNTU else where.mirror
    with tempfile.TemporaryDirectory() as root:
        keys = [f"--keyring={where.ubuntu_keys}"] if suite in UBUNTU else []
        # All releases of Ubuntu have the same script, by which an older debootstrap knows newer ones.
        script = ["/usr/share/debootstrap/scripts/jammy"] if suite in UBUNTU else []
        command = ["debootstrap", "--variant=minbase", *keys, suite, root, mirror, *script]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        if suite in UBUNTU:
            with open(os.path.join(root, "etc/apt/sources.list"), "w") as file:
                file.write(re.sub(r"signed-by=[^]]*", "trusted=yes", sources(suite, where)))
        subprocess.run(["chroot", root, "apt-get", "update", "-qq"], check=True)
        status = open(os.path.join(root, "var/lib/dpkg/status")).read()
        base = set(re.findall(r"^Package: (\S+)$", status, re.M))
        own = minimal(found, providers)
        print(f"minimal system: {len(own)} here, {len(base)} by debootstrap; apart: {sorted(own ^ base)}")
        for install in installs:
            for recommends in (False, True):
                flag = [] if recommends else ["--no-install-recommends"]
                command = ["chroot", root, "apt-get", "install", "-s", "-qq", *flag, *install.split()]
                plan = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                # What is there and only gets a newer version is said with the old one.
                theirs = set(re.findall(r"^Inst (\S+) \(", plan, re.M))
                ours = closure(found, providers, install.split(), base, recommends)
                size = lambda names: sum(found[n]["size"] for n in names if n in found) / 1000 * 1.024
                print(
                    f"{install}{' (recommends)' if recommends else ''}: {len(ours)} packages {size(ours):.1f} MB,"
                    f" apt {len(theirs)} packages {size(theirs):.1f} MB; apart: {sorted(ours ^ theirs)}"
                )


if __name__ == "__main__":
    main()
